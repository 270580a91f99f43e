// How far a long command has come: a line on a terminal, which is gone when the command has ended.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include <tools/cli/console.h>

namespace keyway::cli {

// ProgressFacts is what the line shows.
struct ProgressFacts {
  std::string what;  // "rewrap"
  std::uint64_t done = 0;
  std::uint64_t total = 0;  // 0: unknown
  std::chrono::milliseconds elapsed{0};
};

// progress_line is the line in at most `width` columns: "rewrap [####----] 12000/40000  30%  4000/s  0:07
// left". What does not fit is left out: the bar first, then the time left, the rate and the percentage.
std::string progress_line(const ProgressFacts& facts, std::size_t width);

// ProgressScreen is where the line goes; tests have their own.
struct ProgressScreen {
  int fd = 2;  // standard error
  std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

// Progress draws the line, at most ten times a second, and takes it away when it is destroyed. It shows
// nothing with --json, when the screen is no terminal, or one that cannot take a line away (TERM is "dumb" or
// not set). Its functions are thread-safe.
class Progress {
 public:
  // `total`, 0 when it is unknown, is what there is to do.
  Progress(const Console& console, std::string what, std::uint64_t total, ProgressScreen screen = {});
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  // at says how much is done. Threads may come in any order: the greatest number counts.
  void at(std::uint64_t done);
  // aside takes the line away while `speak` writes to the terminal, and draws it again. `speak` must not call
  // this object.
  void aside(const std::function<void()>& speak);

 private:
  using Time = std::chrono::steady_clock::time_point;
  void draw(Time now);
  void erase();

  ProgressScreen screen_;
  bool shows_;
  std::mutex mutex_;
  ProgressFacts facts_;
  Time start_;
  Time drawn_at_;
  bool is_drawn_ = false;
};

}  // namespace keyway::cli
