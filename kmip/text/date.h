// Dates as KMIP's text encodings write them (Additional Message Encodings 1.0 §4.1.6.11: xsd:dateTime).
#pragma once

#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include <core/bytes.h>

namespace keyway::kmip {

inline constexpr std::int64_t microseconds_per_second = 1'000'000;

// Moment is a POSIX time in its parts; microseconds count forwards, before 1970 too.
struct Moment {
  std::int64_t seconds = 0;
  std::int64_t microseconds = 0;  // 0 to 999,999
};
Moment moment_of_microseconds(std::int64_t microseconds);

// has_date_form: the years 1 to 9999. Outside them there is no form that everybody reads.
bool has_date_form(std::int64_t seconds);

// DateText is "2001-01-01T10:00:00", or "2001-01-01T10:00:00.000000" with its microseconds; no time zone.
struct DateText {
  char text[32];
  std::size_t size = 0;
  Text view() const { return {text, size}; }
};
DateText date_text(const Moment& moment, bool with_microseconds);

// parse_date reads a date with or without time ("2001-01-01", "2001-01-01T10:00:00"), fraction and zone
// ("Z", "+10:00", "+1000", "+10"; UTC without one). "24:00:00" is the next day's midnight, and so is a leap
// second, 23:59:60 in UTC: POSIX has no number of its own for it. What of the fraction is finer than
// microseconds is cut off. None when it is not a date of the years 1 to 9999.
std::optional<Moment> parse_date(Text text);

}  // namespace keyway::kmip
