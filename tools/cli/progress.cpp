#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/ioctl.h>

#include <core/file.h>
#include <core/utf8.h>
#include <tools/cli/progress.h>

namespace keyway::cli {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds redraw_interval{100};
constexpr milliseconds first_estimate{1000};                 // what came before says too little
constexpr std::string_view to_start_and_clear = "\r\x1b[K";  // ECMA-48: CR, then EL
constexpr std::size_t narrowest_bar = 10, widest_bar = 40;   // columns between its brackets
constexpr std::size_t usual_width = 80;

bool can_draw(int fd) {
  const char* terminal = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe): nobody sets variables here
  const std::string_view kind = terminal != nullptr ? terminal : "";
  return is_terminal(fd) && !kind.empty() && kind != "dumb";
}

// The width is asked for each time, because a person may change it meanwhile.
std::size_t width_of(int fd) {
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual_width;
}

double fraction(const ProgressFacts& facts) {
  if (facts.total == 0) return 0;
  return std::min(1.0, static_cast<double>(facts.done) / static_cast<double>(facts.total));
}

std::string count_text(const ProgressFacts& facts) {
  return facts.total == 0 ? fmt::format("{}", facts.done) : fmt::format("{}/{}", facts.done, facts.total);
}

// Rounded down, so that 100% means all.
std::string percent_text(const ProgressFacts& facts) {
  if (facts.total == 0) return {};
  const int percent = facts.done >= facts.total ? 100 : std::min(99, static_cast<int>(100 * fraction(facts)));
  return fmt::format("{:3}%", percent);
}

// In items a second; 0 when it is not known yet.
double rate_of(const ProgressFacts& facts) {
  if (facts.elapsed < first_estimate) return 0;
  return 1000.0 * static_cast<double>(facts.done) / static_cast<double>(facts.elapsed.count());
}

std::string rate_text(const ProgressFacts& facts) {
  const double rate = rate_of(facts);
  if (rate <= 0) return {};
  return rate < 10 ? fmt::format("{:.1f}/s", rate) : fmt::format("{:.0f}/s", rate);
}

std::string left_text(const ProgressFacts& facts) {
  const double rate = rate_of(facts);
  if (rate <= 0 || facts.done >= facts.total) return {};
  constexpr double day = 24.0 * 3600;
  const double seconds = static_cast<double>(facts.total - facts.done) / rate;
  if (seconds >= 2 * day) return fmt::format("{:.0f} days left", seconds / day);
  const auto whole = static_cast<int>(seconds) + 1;  // never "0:00" while something is left
  const int hours = whole / 3600, minutes = whole / 60 % 60;
  return hours > 0 ? fmt::format("{}:{:02}:{:02} left", hours, minutes, whole % 60)
                   : fmt::format("{}:{:02} left", minutes, whole % 60);
}

std::string bar(const ProgressFacts& facts, std::size_t columns) {
  const auto full = static_cast<std::size_t>(fraction(facts) * static_cast<double>(columns));
  return "[" + std::string(full, '#') + std::string(columns - full, '-') + "]";
}

// The first `columns` characters of a text that is UTF-8.
std::string_view cut(std::string_view text, std::size_t columns) {
  std::size_t end = 0;
  for (std::size_t count = 0; end < text.size(); ++end)
    if ((static_cast<unsigned char>(text[end]) & 0xc0U) != 0x80 && ++count > columns) break;
  return text.substr(0, end);
}

}  // namespace

std::string progress_line(const ProgressFacts& facts, std::size_t width) {
  const std::string what = printable(facts.what);
  std::string tail;
  bool is_whole = true;
  for (const std::string& part :
       {count_text(facts), percent_text(facts), rate_text(facts), left_text(facts)}) {
    if (part.empty()) continue;
    const std::size_t gap = tail.empty() ? 1 : 2;
    is_whole = code_points(what) + tail.size() + gap + part.size() <= width;
    if (!is_whole) break;
    tail += std::string(gap, ' ') + part;
  }
  if (tail.empty()) return std::string(cut(what, width));
  constexpr std::size_t frame = 3;  // a blank and two brackets
  const std::size_t room = width - code_points(what) - tail.size();
  const bool has_bar = facts.total > 0 && is_whole && room >= narrowest_bar + frame;
  return has_bar ? what + " " + bar(facts, std::min(room - frame, widest_bar)) + tail : what + tail;
}

Progress::Progress(const Console& console, std::string what, std::uint64_t total, ProgressScreen screen)
    : screen_(std::move(screen)),
      shows_(!console.json() && can_draw(screen_.fd)),
      facts_{.what = std::move(what), .done = 0, .total = total},
      start_(screen_.now()) {}

Progress::~Progress() {
  const std::scoped_lock lock(mutex_);
  erase();
}

void Progress::at(std::uint64_t done) {
  if (!shows_) return;
  const std::scoped_lock lock(mutex_);
  facts_.done = std::max(facts_.done, done);
  const Time now = screen_.now();
  if (!is_drawn_ || now - drawn_at_ >= redraw_interval) draw(now);
}

void Progress::aside(const std::function<void()>& speak) {
  const std::scoped_lock lock(mutex_);
  const bool was_drawn = is_drawn_;
  erase();
  speak();
  if (was_drawn) draw(screen_.now());
}

void Progress::draw(Time now) {
  facts_.elapsed = std::chrono::duration_cast<milliseconds>(now - start_);
  // The last column stays free: a terminal may begin a new line after it.
  const std::string line = progress_line(facts_, width_of(screen_.fd) - 1);
  // One write, so that no half of a line is ever seen. There is nobody left to tell when it fails.
  static_cast<void>(
      write_descriptor(screen_.fd, bytes_of(std::string(to_start_and_clear) + line), "the terminal"));
  drawn_at_ = now;
  is_drawn_ = true;
}

void Progress::erase() {
  if (!std::exchange(is_drawn_, false)) return;
  static_cast<void>(write_descriptor(screen_.fd, bytes_of(to_start_and_clear), "the terminal"));
}

}  // namespace keyway::cli
