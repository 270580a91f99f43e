#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <core/file.h>
#include <core/utf8.h>
#include <tests/core/support.h>
#include <tools/cli/progress.h>

using namespace keyway;
using namespace keyway::cli;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// Terminal is a terminal of our own; what was drawn on it can be read.
class Terminal {
 public:
  explicit Terminal(unsigned short columns) {
    screen_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    REQUIRE(screen_ >= 0);
    REQUIRE(::grantpt(screen_) == 0);
    REQUIRE(::unlockpt(screen_) == 0);
    fd_ = ::open(::ptsname(screen_), O_RDWR | O_NOCTTY | O_CLOEXEC);
    REQUIRE(fd_ >= 0);
    resize(columns);
  }
  Terminal(const Terminal&) = delete;
  ~Terminal() {
    ::close(fd_);
    ::close(screen_);
  }

  void resize(unsigned short columns) const {
    const winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    REQUIRE(::ioctl(fd_, TIOCSWINSZ, &size) == 0);
  }
  int fd() const { return fd_; }
  void write(std::string_view text) const { REQUIRE(write_descriptor(fd_, bytes_of(text), "terminal")); }

  // What was written since the last call. The mark shows that nothing more is on its way.
  std::string drawn() const {
    write("\a");
    std::string text;
    for (char c = 0; ::read(screen_, &c, 1) == 1 && c != '\a';) text += c;
    return text;
  }

 private:
  int screen_ = -1, fd_ = -1;
};

// Kind sets TERM, and puts it back.
class Kind {
 public:
  explicit Kind(const char* kind) {
    if (const char* before = std::getenv("TERM")) before_ = before;
    set(kind);
  }
  Kind(const Kind&) = delete;
  ~Kind() { set(before_ ? before_->c_str() : nullptr); }

 private:
  static void set(const char* kind) {
    if (kind == nullptr) {
      ::unsetenv("TERM");
    } else {
      ::setenv("TERM", kind, 1);
    }
  }
  std::optional<std::string> before_;
};

struct Watch {
  std::chrono::steady_clock::time_point time{seconds(1000)};
  auto reader() {
    return [this] { return time; };
  }
};

const Console words("kmsctl", false);
constexpr std::string_view clear = "\r\x1b[K";

}  // namespace

TEST_CASE("the line has what there is room for") {
  const ProgressFacts facts{"rewrap", 12'000, 40'000, seconds(3)};
  const struct {
    std::size_t width;
    std::string_view line;
  } cases[] = {
      {200, "rewrap [############----------------------------] 12000/40000   30%  4000/s  0:08 left"},
      {86, "rewrap [############----------------------------] 12000/40000   30%  4000/s  0:08 left"},
      {60, "rewrap [####----------] 12000/40000   30%  4000/s  0:08 left"},
      {56, "rewrap [###-------] 12000/40000   30%  4000/s  0:08 left"},
      {55, "rewrap 12000/40000   30%  4000/s  0:08 left"},
      {43, "rewrap 12000/40000   30%  4000/s  0:08 left"},
      {42, "rewrap 12000/40000   30%  4000/s"},
      {32, "rewrap 12000/40000   30%  4000/s"},
      {31, "rewrap 12000/40000   30%"},
      {24, "rewrap 12000/40000   30%"},
      {23, "rewrap 12000/40000"},
      {18, "rewrap 12000/40000"},
      {17, "rewrap"},
      {10, "rewrap"},
      {3, "rew"},
      {0, ""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.width);
    CHECK(progress_line(facts, c.width) == c.line);
  }
}

TEST_CASE("what the line says at the beginning, at the end, and in between") {
  const struct {
    ProgressFacts facts;
    std::string_view line;
  } cases[] = {
      {{"wrap", 0, 10, milliseconds(0)}, "wrap 0/10    0%"},
      {{"wrap", 5, 10, milliseconds(999)}, "wrap 5/10   50%"},
      {{"wrap", 5, 10, seconds(1)}, "wrap 5/10   50%  5.0/s  0:02 left"},
      {{"wrap", 0, 10, seconds(9)}, "wrap 0/10    0%"},
      {{"wrap", 999'999, 1'000'000, seconds(10)}, "wrap 999999/1000000   99%  100000/s  0:01 left"},
      {{"wrap", 10, 10, seconds(10)}, "wrap 10/10  100%  1.0/s"},
      {{"wrap", 11, 10, seconds(10)}, "wrap 11/10  100%  1.1/s"},
      {{"wrap", 1, 3601, seconds(1)}, "wrap 1/3601    0%  1.0/s  1:00:01 left"},
      {{"wrap", 1, 1'000'000, seconds(1)}, "wrap 1/1000000    0%  1.0/s  12 days left"},
      {{"wrap", 500, 0, seconds(10)}, "wrap 500  50/s"},
      {{"a\nb", 1, 2, seconds(0)}, "a?b 1/2   50%"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.line);
    CHECK(progress_line(c.facts, c.line.size() + 5) == c.line);
  }
}

TEST_CASE("a name is cut between characters") {
  const ProgressFacts facts{"\xc3\xa9\xc3\xa9\xc3\xa9", 1, 2, seconds(0)};
  CHECK(progress_line(facts, 2) == "\xc3\xa9\xc3\xa9");
}

TEST_CASE("the line is drawn at once, then at most ten times a second, and is gone at the end") {
  const Kind kind("xterm");
  const Terminal terminal(25);
  Watch watch;
  {
    Progress progress(words, "wrap", 100, {terminal.fd(), watch.reader()});
    CHECK(terminal.drawn().empty());
    progress.at(1);
    CHECK(terminal.drawn() == std::string(clear) + "wrap 1/100    1%");
    for (int i = 2; i <= 50; ++i) {
      watch.time += milliseconds(1);
      progress.at(static_cast<std::uint64_t>(i));
    }
    CHECK(terminal.drawn().empty());
    watch.time += milliseconds(51);
    progress.at(51);
    CHECK(terminal.drawn() == std::string(clear) + "wrap 51/100   51%");
    watch.time += milliseconds(900);
    progress.at(40);  // a thread that comes late
    CHECK(terminal.drawn() == std::string(clear) + "wrap 51/100   51%  51/s");
  }
  CHECK(terminal.drawn() == clear);
}

TEST_CASE("the line follows the terminal's width and leaves its last column free") {
  const Kind kind("xterm");
  const Terminal terminal(11);
  Watch watch;
  Progress progress(words, "wrap", 1000, {terminal.fd(), watch.reader()});
  progress.at(1);
  CHECK(terminal.drawn() == std::string(clear) + "wrap");
  terminal.resize(12);
  watch.time += milliseconds(100);
  progress.at(1);
  CHECK(terminal.drawn() == std::string(clear) + "wrap 1/1000");
  terminal.resize(0);  // unknown
  watch.time += milliseconds(100);
  progress.at(1);
  CHECK(terminal.drawn().size() == clear.size() + std::string_view("wrap [] 1/1000    0%").size() + 40);
}

TEST_CASE("words come in between") {
  const Kind kind("xterm");
  const Terminal terminal(25);
  Watch watch;
  Progress progress(words, "wrap", 100, {terminal.fd(), watch.reader()});
  progress.aside([&] { terminal.write("before\r"); });
  CHECK(terminal.drawn() == "before\r");
  progress.at(1);
  const std::string line = terminal.drawn();
  progress.aside([&] { terminal.write("fs-1 failed\r"); });
  CHECK(terminal.drawn() == std::string(clear) + "fs-1 failed\r" + line);
}

TEST_CASE("there is no line where nobody could see it go") {
  const Terminal terminal(25);
  const auto silent = [&](const Console& console, const char* kind) {
    const Kind term(kind);
    {
      Progress progress(console, "wrap", 100, {terminal.fd()});
      progress.at(50);
    }
    return terminal.drawn().empty();
  };
  CHECK_FALSE(silent(words, "xterm"));
  CHECK(silent(words, "dumb"));
  CHECK(silent(words, ""));
  CHECK(silent(words, nullptr));
  CHECK(silent(Console("kmsctl", true), "xterm"));

  const Kind kind("xterm");
  int ends[2] = {-1, -1};
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  {
    Progress progress(words, "wrap", 100, {ends[1]});
    progress.at(50);
    bool has_spoken = false;
    progress.aside([&] { has_spoken = true; });
    CHECK(has_spoken);
  }
  ::close(ends[1]);
  char c = 0;
  CHECK(::read(ends[0], &c, 1) == 0);
  ::close(ends[0]);
}

TEST_CASE("threads may report at once") {
  const Kind kind("xterm");
  const Terminal terminal(25);
  Watch watch;
  {
    Progress progress(words, "wrap", 4000, {terminal.fd(), watch.reader()});
    std::vector<std::thread> threads;
    for (std::uint64_t first = 0; first < 4; ++first)
      threads.emplace_back([&progress, first] {
        for (std::uint64_t i = first; i < 4000; i += 4) progress.at(i + 1);
      });
    for (std::thread& thread : threads) thread.join();
    static_cast<void>(terminal.drawn());
    watch.time += milliseconds(100);
    progress.at(0);
    CHECK(terminal.drawn() == std::string(clear) + "wrap 4000/4000  100%");
  }
  CHECK(terminal.drawn() == clear);
}
