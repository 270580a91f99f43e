#include <algorithm>
#include <chrono>

#include <kmip/text/date.h>

namespace keyway::kmip {

namespace {

using namespace std::chrono;

constexpr std::int64_t seconds_per_day = 86'400;

// Scanner takes fixed pieces off the front of a text.
class Scanner {
 public:
  explicit Scanner(Text text) : left_(text) {}

  bool done() const { return left_.empty(); }
  bool take(char c) {
    if (left_.empty() || left_.front() != c) return false;
    left_.remove_prefix(1);
    return true;
  }
  bool take_one_of(Text set) {
    return !left_.empty() && set.find(left_.front()) != Text::npos && take(left_.front());
  }
  std::optional<int> number(std::size_t digits) {
    if (left_.size() < digits) return std::nullopt;
    int value = 0;
    for (const char c : left_.substr(0, digits)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = 10 * value + (c - '0');
    }
    left_.remove_prefix(digits);
    return value;
  }

 private:
  Text left_;
};

bool take_number(Scanner& in, std::size_t digits, int largest, int& value) {
  const auto number = in.number(digits);
  if (!number || *number > largest) return false;
  value = *number;
  return true;
}

bool take_fraction(Scanner& in, std::int64_t& microseconds) {
  if (!in.take('.')) return true;
  std::int64_t unit = microseconds_per_second / 10;
  auto digit = in.number(1);
  if (!digit) return false;
  for (; digit; digit = in.number(1)) {
    microseconds += unit * *digit;
    unit /= 10;
  }
  return true;
}

bool take_zone(Scanner& in, std::int64_t& east) {
  if (in.done() || in.take_one_of("Zz")) return true;
  const bool minus = in.take('-');
  if (!minus && !in.take('+')) return false;
  int hour = 0;
  int minute = 0;
  if (!take_number(in, 2, 14, hour)) return false;
  const bool colon = in.take(':');
  if ((colon || !in.done()) && !take_number(in, 2, 59, minute)) return false;
  east = (minus ? -1 : 1) * (std::int64_t{3600} * hour + std::int64_t{60} * minute);
  return true;
}

}  // namespace

Moment moment_of_microseconds(std::int64_t microseconds) {
  const std::int64_t rest = microseconds % microseconds_per_second;
  const std::int64_t back = rest < 0 ? 1 : 0;
  return {microseconds / microseconds_per_second - back, rest + back * microseconds_per_second};
}

bool has_date_form(std::int64_t seconds) {
  constexpr auto first = sys_seconds(sys_days(year(1) / 1 / 1)).time_since_epoch().count();
  constexpr auto last = sys_seconds(sys_days(year(10000) / 1 / 1)).time_since_epoch().count();
  return seconds >= first && seconds < last;
}

DateText date_text(const Moment& moment, bool with_microseconds) {
  const sys_seconds time{std::chrono::seconds(moment.seconds)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  DateText out;
  char* end = fmt::format_to_n(out.text, sizeof out.text, "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
                               static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                               static_cast<unsigned>(date.day()), clock.hours().count(),
                               clock.minutes().count(), clock.seconds().count())
                  .out;
  if (with_microseconds)
    end = fmt::format_to_n(end, out.text + sizeof out.text - end, ".{:06}", moment.microseconds).out;
  out.size = static_cast<std::size_t>(end - out.text);
  return out;
}

std::optional<Moment> parse_date(Text text) {
  Scanner in(text);
  int y = 0;
  int m = 0;
  int d = 0;
  if (!take_number(in, 4, 9999, y) || !in.take('-') || !take_number(in, 2, 12, m) || !in.take('-') ||
      !take_number(in, 2, 31, d))
    return std::nullopt;
  const year_month_day date(year(y), month(static_cast<unsigned>(m)), day(static_cast<unsigned>(d)));
  if (!date.ok() || y == 0) return std::nullopt;

  int hour = 0;
  int minute = 0;
  int second = 0;
  Moment moment;
  if (in.take_one_of("Tt ")) {
    if (!take_number(in, 2, 24, hour) || !in.take(':') || !take_number(in, 2, 59, minute))
      return std::nullopt;
    if (in.take(':') && !take_number(in, 2, 60, second)) return std::nullopt;
    if (!take_fraction(in, moment.microseconds)) return std::nullopt;
    if (hour == 24 && (minute != 0 || second != 0 || moment.microseconds != 0)) return std::nullopt;
  }
  std::int64_t east = 0;
  if (!take_zone(in, east) || !in.done()) return std::nullopt;
  moment.seconds = sys_seconds(sys_days(date)).time_since_epoch().count() + std::int64_t{3600} * hour +
                   std::int64_t{60} * minute + second - east;
  if (second == 60 && moment.seconds % seconds_per_day != 0) return std::nullopt;
  return moment;
}

}  // namespace keyway::kmip
