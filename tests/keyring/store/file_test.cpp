// The file itself: made privately, opened only when it is a keyring that nobody else may read.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tests/keyring/store/fault_vfs.h>
#include <tests/keyring/store/support.h>

namespace keyway::keyring::test {

namespace {

namespace fs = std::filesystem;

// Umask sets the process' one for a scope.
class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;
  ~Umask() { ::umask(before_); }

 private:
  mode_t before_;
};

// OrdinaryUser is nobody for a scope where the test runs as root, whom no permission stops.
class OrdinaryUser {
 public:
  OrdinaryUser() : is_root_(::geteuid() == 0) {
    if (is_root_) REQUIRE(::seteuid(65'534) == 0);
  }
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;
  ~OrdinaryUser() {
    if (is_root_ && ::seteuid(0) != 0) std::abort();
  }

 private:
  bool is_root_;
};

void give_to_ordinary_user(const fs::path& path) {
  if (::geteuid() == 0) REQUIRE(::chown(path.c_str(), 65'534, 65'534) == 0);
}

// expect opens, and wants an error of that kind with those words; the file stays as it was.
void expect(const fs::path& path, ErrorKind kind, std::string_view words) {
  CAPTURE(words);
  const bool has_content = fs::is_regular_file(path);
  const std::string before = has_content ? content_of(path) : "";
  for (const auto& opened : {Store::open(quick(path)), Store::create(quick(path))}) {
    REQUIRE_FALSE(opened);
    const std::string said = describe(opened.error());
    CAPTURE(said);
    CHECK(name(opened.error().kind) == name(kind));
    CHECK(said.find(words) != std::string::npos);
    CHECK(said.find(path.filename().native()) != std::string::npos);
  }
  if (has_content) CHECK(content_of(path) == before);
}

}  // namespace

TEST_CASE("files are private whatever the umask, and so is the folder") {
  for (const mode_t mask : {0U, 022U, 0277U}) {
    CAPTURE(mask);
    const Folder folder;
    const Umask umask(mask);
    Store store = must(Store::create({.path = folder / "state" / "keyring.db"}));
    add_sample_kms(store);
    CHECK(mode_of(folder / "state") == 0700);
    for (const char* ending : {"", "-wal", "-shm", ".lock"}) {
      CAPTURE(ending);
      CHECK(mode_of((folder / "state" / "keyring.db").native() + ending) == 0600);
    }
    must(store.copy_to(folder / "copy"));
    CHECK(mode_of(folder / "copy") == 0600);
  }
}

TEST_CASE("no more than the last folder is made") {
  const Folder folder;
  const auto made = Store::create(quick(folder / "a" / "b" / "keyring.db"));
  REQUIRE_FALSE(made);
  CHECK(made.error().kind == ErrorKind::not_found);
  CHECK(folder.names().empty());
  const auto opened = Store::open(quick(folder / "keyring.db"));
  REQUIRE_FALSE(opened);
  CHECK(opened.error().kind == ErrorKind::not_found);
  CHECK(folder.names().empty());
  write_content(folder / "file", "x");
  CHECK_FALSE(Store::create(quick(folder / "file" / "keyring.db")));
}

TEST_CASE("creating opens what is there") {
  const Folder folder;
  const std::string identity = must(must(Store::create(quick(folder / "x"))).identity());
  CHECK(must(must(Store::create(quick(folder / "x"))).identity()) == identity);
  CHECK(folder.names() == std::vector<std::string>{"x", "x.lock"});
}

TEST_CASE("what is not a keyring is refused and not touched") {
  const Folder folder;
  const fs::path path = folder / "keyring.db";
  {
    const Store made = must(Store::create(quick(path)));
  }
  const std::string good = content_of(path);

  const fs::path fifo = folder / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  expect(fifo, ErrorKind::invalid_input, "not a regular file");
  fs::create_directory(folder / "folder");
  expect(folder / "folder", ErrorKind::invalid_input, "not a regular file");

  write_content(path, "");
  expect(path, ErrorKind::corrupt, "no content");
  write_content(path, "a text about keys\n");
  expect(path, ErrorKind::invalid_input, "not an SQLite database");
  write_content(path, std::string_view(good).substr(0, 60));
  expect(path, ErrorKind::invalid_input, "another program's database");

  const fs::path other = folder / "other.db";
  execute(other, "CREATE TABLE things (a); PRAGMA application_id = 77;");
  fs::permissions(other, fs::perms(0600));
  expect(other, ErrorKind::invalid_input, "another program's database");

  for (const unsigned mode : {0640U, 0620U, 0604U, 0602U, 0611U}) {
    CAPTURE(mode);
    write_content(path, good);
    fs::permissions(path, fs::perms(mode));
    expect(path, ErrorKind::invalid_input, "chmod 600");
  }
  fs::permissions(path, fs::perms(0600));
  must(must(Store::open(quick(path))).check());
}

TEST_CASE("a symbolic link is followed, and both names share one lock") {
  const Folder folder;
  fs::create_directory(folder / "real");
  {
    const Store made = must(Store::create(quick(folder / "real" / "keyring.db")));
  }
  fs::create_symlink("real/keyring.db", folder / "link");
  Store store = must(Store::open(quick(folder / "link")));
  add_sample_kms(store);
  CHECK(must(must(Store::open(quick(folder / "real" / "keyring.db"))).all_kms()).size() == 1);
  CHECK(folder.names() == std::vector<std::string>{"link", "real"});
  fs::create_symlink("nowhere", folder / "broken");
  CHECK_FALSE(Store::open(quick(folder / "broken")));
  CHECK_FALSE(Store::create(quick(folder / "broken")));
  CHECK(fs::is_symlink(folder / "broken"));
}

TEST_CASE("a read-only file or folder is said to be read-only") {
  const Folder folder;
  give_to_ordinary_user(folder.path());
  const OrdinaryUser user;
  const fs::path path = folder / "keyring.db";
  {
    const Store made = must(Store::create(quick(path)));
  }
  const std::string good = content_of(path);

  fs::permissions(path, fs::perms(0400));
  expect(path, ErrorKind::invalid_input, "read-only");
  fs::permissions(path, fs::perms(0600));
  fs::permissions(folder.path(), fs::perms(0500));
  expect(path, ErrorKind::invalid_input, "read-only");
  const auto made = Store::create(quick(folder / "new.db"));
  REQUIRE_FALSE(made);
  CHECK(describe(made.error()).find("read-only") != std::string::npos);
  const auto restored = restore_database(path, quick(folder / "new.db"));
  CHECK_FALSE(restored);
  fs::permissions(folder.path(), fs::perms(0700));
  CHECK(content_of(path) == good);
  must(must(Store::open(quick(path))).check());
}

TEST_CASE("a full disk is said to be full") {
  const Folder folder;
  Store store = must(Store::create(quick(folder / "keyring.db")));
  FaultVfs::arm(Fault::disk_full, 1);
  const auto done = store.add_event(sample_event(1));
  FaultVfs::disarm();
  REQUIRE_FALSE(done);
  CHECK(done.error().kind == ErrorKind::internal);
  CHECK(describe(done.error()).find("disk full; make room") != std::string::npos);
}

TEST_CASE("a later schema is refused, an earlier one that never was is damage") {
  const Folder folder;
  const fs::path path = folder / "keyring.db";
  {
    const Store made = must(Store::create(quick(path)));
  }
  execute(path, "PRAGMA user_version = 4711");
  expect(path, ErrorKind::invalid_input, "written by a newer Keyway (schema 4711, this one knows");
  execute(path, "PRAGMA user_version = 0");
  expect(path, ErrorKind::corrupt, "damaged");
  execute(path, "PRAGMA user_version = 1");
  must(must(Store::open(quick(path))).check());
  execute(path, "DROP INDEX filesystem_login");
  const auto checked = must(Store::open(quick(path))).check();
  REQUIRE_FALSE(checked);
  CHECK(checked.error().kind == ErrorKind::corrupt);
}

}  // namespace keyway::keyring::test
