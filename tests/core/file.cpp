#include <algorithm>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <core/file.h>
#include <tests/core/support.h>

using namespace keyway;
using test::ScratchFolder;

namespace {

constexpr std::size_t megabyte = 1'048'576;

std::string content(const std::filesystem::path& path) {
  const auto read = read_file(path, megabyte);
  REQUIRE(read);
  return std::string(read->reveal_text());
}

unsigned mode_of(const std::filesystem::path& path) {
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

void put(const std::filesystem::path& path, Text text, Mode mode = Mode::secret) {
  REQUIRE(write_file(path, bytes_of(text), mode));
}

ErrorKind kind(const auto& result) {
  REQUIRE_FALSE(result);
  return result.error().kind;
}

struct Pipe {
  Pipe() { REQUIRE(::pipe2(ends, O_CLOEXEC) == 0); }
  Pipe(const Pipe&) = delete;
  ~Pipe() {
    close_writer();
    ::close(ends[0]);
  }
  void close_writer() {
    if (ends[1] >= 0) ::close(ends[1]);
    ends[1] = -1;
  }
  int ends[2] = {-1, -1};
};

// SmallDisk makes every write past `limit` bytes of a file fail, as a full disk would.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t limit) {
    old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &old_) == 0);
    const rlimit small{limit, old_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  }
  SmallDisk(const SmallDisk&) = delete;
  ~SmallDisk() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int) = SIG_DFL;
};

}  // namespace

TEST_CASE("write_file, then read_file: content and mode, whatever the umask") {
  const ScratchFolder folder;
  const mode_t old_mask = ::umask(0077);
  put(folder / "shared", "one", Mode::shared);
  ::umask(0);
  put(folder / "secret", std::string(200'000, 's'));
  ::umask(old_mask);
  CHECK(content(folder / "shared") == "one");
  CHECK(mode_of(folder / "shared") == 0644);
  CHECK(content(folder / "secret") == std::string(200'000, 's'));
  CHECK(mode_of(folder / "secret") == 0600);
  put(folder / "shared", "");
  CHECK(content(folder / "shared").empty());
  CHECK(mode_of(folder / "shared") == 0600);
  CHECK(folder.entries() == 2);
}

TEST_CASE("write_file: a symbolic link is replaced, its target is left alone") {
  const ScratchFolder folder;
  put(folder / "target", "old");
  std::filesystem::create_symlink("target", folder / "link");
  put(folder / "link", "new");
  CHECK(content(folder / "target") == "old");
  CHECK(content(folder / "link") == "new");
  CHECK_FALSE(std::filesystem::is_symlink(folder / "link"));
}

TEST_CASE("write_file: what is no file stays what it is") {
  const ScratchFolder folder;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  std::filesystem::create_symlink("/dev/null", folder / "link");
  for (const std::filesystem::path& path :
       {folder / "pipe", folder / "link", std::filesystem::path("/dev/null"),
        std::filesystem::path("/dev/stdout"), std::filesystem::path("/proc/self/fd/1")}) {
    CAPTURE(path);
    const auto before = std::filesystem::symlink_status(path).type();
    const auto written = write_file(path, bytes_of("key"), Mode::secret);
    REQUIRE_FALSE(written);
    CHECK(written.error().kind == ErrorKind::invalid_input);
    CHECK(std::filesystem::symlink_status(path).type() == before);
  }
}

TEST_CASE("write_file: an error leaves what was there, and no temporary file") {
  const ScratchFolder folder;
  put(folder / "file", "old");
  std::filesystem::create_directory(folder / "sub");

  SUBCASE("the disk is full") {
    const SmallDisk disk(100'000);
    const auto written = write_file(folder / "file", test::repeated(200'000, 1), Mode::secret);
    CHECK(kind(written) == ErrorKind::internal);
    CHECK(written.error().what.find((folder / "file").string()) != std::string::npos);
  }
  SUBCASE("the name is a folder's") {
    CHECK(kind(write_file(folder / "sub", bytes_of("new"), Mode::secret)) == ErrorKind::invalid_input);
    CHECK(std::filesystem::is_directory(folder / "sub"));
  }
  SUBCASE("the folder may not be written to") {
    if (::geteuid() != 0) {  // root may
      ::chmod(folder.path().c_str(), 0500);
      CHECK(kind(write_file(folder / "file", bytes_of("new"), Mode::secret)) == ErrorKind::invalid_input);
      ::chmod(folder.path().c_str(), 0700);
    }
  }
  CHECK(content(folder / "file") == "old");
  CHECK(folder.entries() == 2);
}

TEST_CASE("write_file and create_file: who is killed while writing leaves no part of the file") {
  const ScratchFolder folder;
  for (const auto write : {write_file, create_file}) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const rlimit none{}, small{100'000, 100'000};
      ::setrlimit(RLIMIT_CORE, &none);
      std::signal(SIGXFSZ, SIG_DFL);  // whoever writes more is killed
      ::setrlimit(RLIMIT_CORE, &small);
      ::setrlimit(RLIMIT_FSIZE, &small);
      (void)write(folder / "file", test::repeated(200'000, 1), Mode::secret);
      ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGXFSZ);
    CHECK_FALSE(std::filesystem::exists(folder / "file"));
    REQUIRE(write(folder / "file", bytes_of("whole"), Mode::secret));
    std::filesystem::remove(folder / "file");
  }
}

TEST_CASE("write_file and create_file: paths that name no file") {
  const ScratchFolder folder;
  for (const std::filesystem::path& path :
       {std::filesystem::path(), folder.path() / "", folder / ".", folder / ".."}) {
    CAPTURE(path.string());
    CHECK(kind(write_file(path, {}, Mode::secret)) == ErrorKind::invalid_input);
    CHECK(kind(create_file(path, {}, Mode::secret)) == ErrorKind::invalid_input);
  }
  CHECK(kind(write_file(folder / "no/file", {}, Mode::secret)) == ErrorKind::not_found);
  CHECK(kind(create_file(folder / "no/file", {}, Mode::secret)) == ErrorKind::not_found);
  CHECK(folder.entries() == 0);
}

TEST_CASE("create_file: makes a file, and never touches one") {
  const ScratchFolder folder;
  REQUIRE(create_file(folder / "file", bytes_of("one"), Mode::secret));
  CHECK(content(folder / "file") == "one");
  CHECK(mode_of(folder / "file") == 0600);
  CHECK(kind(create_file(folder / "file", bytes_of("two"), Mode::secret)) == ErrorKind::invalid_input);
  CHECK(content(folder / "file") == "one");
  const auto again = create_file(folder / "file", bytes_of("two"), Mode::secret);
  CHECK(kind(again) == ErrorKind::invalid_input);
  CHECK(again.error().what == "create " + (folder / "file").string() + ": File exists");
  std::filesystem::create_symlink("nowhere", folder / "dangling");
  std::filesystem::create_symlink("file", folder / "link");
  std::filesystem::create_directory(folder / "sub");
  for (const char* name : {"dangling", "link", "sub"}) {
    CAPTURE(name);
    CHECK(kind(create_file(folder / name, bytes_of("two"), Mode::secret)) == ErrorKind::invalid_input);
  }
  CHECK(std::filesystem::is_symlink(folder / "dangling"));
  CHECK(std::filesystem::is_symlink(folder / "link"));
  CHECK(content(folder / "file") == "one");
  CHECK_FALSE(std::filesystem::exists(folder / "nowhere"));
  CHECK(folder.entries() == 4);
}

TEST_CASE("create_file: mode whatever the umask") {
  const ScratchFolder folder;
  const mode_t old_mask = ::umask(0777);
  const auto secret = create_file(folder / "secret", bytes_of("one"), Mode::secret);
  const auto shared = create_file(folder / "shared", bytes_of("two"), Mode::shared);
  ::umask(old_mask);
  REQUIRE(secret);
  REQUIRE(shared);
  CHECK(mode_of(folder / "secret") == 0600);
  CHECK(mode_of(folder / "shared") == 0644);
}

TEST_CASE("create_file: of many who do it at once one succeeds, and the others find all of the file") {
  constexpr int processes = 8, rounds = 20;
  constexpr std::size_t size = 300'000;
  const ScratchFolder folder;
  const auto create_and_read = [&](int process, const std::filesystem::path& path) {
    const auto created =
        create_file(path, test::repeated(size, static_cast<std::uint8_t>(process)), Mode::secret);
    if (!created && created.error().what.find("File exists") == std::string::npos) return 2;
    const auto found = read_private_file(path, megabyte);
    if (!found || found->size() != size) return 3;
    const bool is_of_one =
        std::ranges::count(found->reveal(), found->reveal().front()) == std::ptrdiff_t{size};
    return !is_of_one ? 4 : created ? 0 : 1;
  };
  for (int round = 0; round < rounds; ++round) {
    CAPTURE(round);
    const auto path = folder / std::to_string(round);
    Pipe start;
    std::vector<pid_t> children;
    for (int process = 1; process <= processes; ++process) {
      const pid_t child = ::fork();
      REQUIRE(child >= 0);
      if (child == 0) {
        start.close_writer();
        char none = 0;
        while (::read(start.ends[0], &none, 1) < 0) continue;  // until the parent lets all go at once
        ::_exit(create_and_read(process, path));
      }
      children.push_back(child);
    }
    start.close_writer();
    int created = 0;
    for (const pid_t child : children) {
      int status = 0;
      REQUIRE(::waitpid(child, &status, 0) == child);
      REQUIRE(WIFEXITED(status));
      CHECK(WEXITSTATUS(status) <= 1);
      created += WEXITSTATUS(status) == 0 ? 1 : 0;
    }
    CHECK(created == 1);
    CHECK(folder.entries() == round + 1);
  }
}

TEST_CASE("create_file: a kill leaves all of the file or nothing at its name") {
  constexpr std::size_t size = 4 * megabyte;
  const ScratchFolder folder;
  const auto path = folder / "file";
  const OwnedBytes key = test::repeated(size, 1);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const rlimit small{megabyte, megabyte};  // SIGXFSZ kills in the middle of writing
    ::setrlimit(RLIMIT_FSIZE, &small);
    (void)create_file(path, key, Mode::secret);
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK_FALSE(std::filesystem::exists(path));
  REQUIRE(create_file(path, key, Mode::secret));
}

TEST_CASE("create_file: what cannot be completed is removed again") {
  const ScratchFolder folder;
  const SmallDisk disk(10);
  CHECK(kind(create_file(folder / "file", test::repeated(11, 1), Mode::secret)) == ErrorKind::internal);
  CHECK(folder.entries() == 0);
}

TEST_CASE("a path without a folder is in the current one") {
  const ScratchFolder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const auto written = write_file("file", bytes_of("here"), Mode::secret);
  std::filesystem::current_path(before);
  REQUIRE(written);
  CHECK(content(folder / "file") == "here");
}

TEST_CASE("read_file: the limit is exact, for files and for pipes") {
  const ScratchFolder folder;
  for (const std::size_t size : test::Sizes{0, 1, 63, 64, 65, 65'535, 65'536, 65'537, 200'000}) {
    CAPTURE(size);
    put(folder / "file", std::string(size, 'x'));
    const auto whole = read_file(folder / "file", size);
    REQUIRE(whole);
    CHECK(whole->size() == size);
    if (size == 0) continue;
    const auto cut = read_file(folder / "file", size - 1);
    CHECK(kind(cut) == ErrorKind::invalid_input);
    CHECK(cut.error().what.find(std::to_string(size - 1)) != std::string::npos);
  }
  for (const std::size_t limit : test::Sizes{9, 10}) {
    CAPTURE(limit);
    Pipe pipe;
    REQUIRE(write_descriptor(pipe.ends[1], bytes_of("0123456789"), "pipe"));
    pipe.close_writer();
    const auto read = read_descriptor(pipe.ends[0], limit, "standard input");
    CHECK(read.has_value() == (limit == 10));
    if (!read) CHECK(read.error().what == "read standard input: it has more than 9 bytes, the limit here");
  }
  CHECK(read_file(folder / "file", std::numeric_limits<std::size_t>::max()));
}

TEST_CASE("read_file: reads what is no regular file") {
  SUBCASE("a named pipe") {
    const ScratchFolder folder;
    REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
    std::thread writer([&] {
      const int fd = ::open((folder / "fifo").c_str(), O_WRONLY | O_CLOEXEC);
      CHECK(write_descriptor(fd, test::repeated(300'000, 'p'), "fifo"));
      ::close(fd);
    });
    const auto read = read_file(folder / "fifo", megabyte);
    writer.join();
    REQUIRE(read);
    CHECK(read->reveal_text() == std::string(300'000, 'p'));
  }
  SUBCASE("a descriptor by its path, as /dev/stdin is") {
    Pipe pipe;
    REQUIRE(write_descriptor(pipe.ends[1], bytes_of("words"), "pipe"));
    pipe.close_writer();
    CHECK(content("/dev/fd/" + std::to_string(pipe.ends[0])) == "words");
  }
  SUBCASE("a device") { CHECK(content("/dev/null").empty()); }
  SUBCASE("a file whose size the system does not know") { CHECK_FALSE(content("/proc/self/status").empty()); }
}

TEST_CASE("descriptors that do not block are waited for") {
  Pipe pipe;
  REQUIRE(::fcntl(pipe.ends[0], F_SETFL, O_NONBLOCK) == 0);
  REQUIRE(::fcntl(pipe.ends[1], F_SETFL, O_NONBLOCK) == 0);
  const OwnedBytes sent = test::counting(megabyte, 0);  // more than a pipe holds
  std::thread writer([&] {
    CHECK(write_descriptor(pipe.ends[1], sent, "pipe"));
    pipe.close_writer();
  });
  const auto read = read_descriptor(pipe.ends[0], megabyte, "pipe");
  writer.join();
  REQUIRE(read);
  CHECK(std::ranges::equal(read->reveal(), sent));
}

TEST_CASE("read_file: failures by kind, each naming the path") {
  const ScratchFolder folder;
  put(folder / "file", "x");
  std::filesystem::create_symlink("loop", folder / "loop");
  const struct {
    std::string_view name;
    ErrorKind kind;
  } cases[] = {
      {"no", ErrorKind::not_found},
      {"file/below", ErrorKind::not_found},
      {".", ErrorKind::invalid_input},
      {"loop", ErrorKind::invalid_input},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const auto read = read_file(folder / c.name, 10);
    CHECK(kind(read) == c.kind);
    CHECK(read.error().what.find((folder / c.name).string()) != std::string::npos);
  }
  CHECK(kind(read_descriptor(-1, 10, "nothing")) == ErrorKind::internal);
  CHECK(kind(write_descriptor(-1, bytes_of("x"), "nothing")) == ErrorKind::internal);
  const auto strange = read_file(folder / "a\nb", 10);
  CHECK(kind(strange) == ErrorKind::not_found);
  CHECK(strange.error().what.find('\n') == std::string::npos);
}

TEST_CASE("read_private_file: any permission of others is one too many") {
  const ScratchFolder folder;
  const auto path = folder / "file";
  put(path, "secret");
  for (const unsigned mode : {0600U, 0400U, 0700U}) {
    CAPTURE(mode);
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    CHECK(read_private_file(path, 10));
  }
  for (const unsigned mode : {0640U, 0620U, 0610U, 0604U, 0602U, 0601U, 0644U}) {
    CAPTURE(mode);
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    const auto read = read_private_file(path, 10);
    CHECK(kind(read) == ErrorKind::invalid_input);
    CHECK(read.error().advice == "run: chmod 600 " + path.string());
    CHECK(read_file(path, 10));
  }
}

TEST_CASE("read_private_file: regular files only, and a pipe is refused without waiting for it") {
  const ScratchFolder folder;
  REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
  CHECK(kind(read_private_file(folder / "fifo", 10)) == ErrorKind::invalid_input);
  CHECK(kind(read_private_file("/dev/null", 10)) == ErrorKind::invalid_input);
  CHECK(kind(read_private_file(folder.path(), 10)) == ErrorKind::invalid_input);
  CHECK(kind(read_private_file(folder / "no", 10)) == ErrorKind::not_found);
}

TEST_CASE("first_line: what stands before the first line end") {
  const struct {
    std::string_view content, line;
  } cases[] = {{"token", "token"},         {"token\n", "token"},     {"token\r\n", "token"},
               {"token\nmore\n", "token"}, {" token \n", " token "}, {"token\rmore", "token"}};
  for (const auto& c : cases) {
    CAPTURE(c.content);
    const auto line = first_line(Secret(c.content), "/etc/token");
    REQUIRE(line);
    CHECK(line->reveal_text() == c.line);
  }
  for (const std::string_view content : {"", "\n", "\r\n", "\ntoken\n"}) {
    CAPTURE(content);
    const auto line = first_line(Secret(content), "/etc/token");
    CHECK(kind(line) == ErrorKind::invalid_input);
    CHECK(line.error().what == "the first line of /etc/token is empty");
  }
}
