// Numbers as the text encodings write them. Inside kmip/text.
#pragma once

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>

#include <core/bytes.h>

namespace keyway::kmip {

struct Number {
  std::uint64_t magnitude = 0;
  bool negative = false;
  bool hexadecimal = false;
};

// parse_number reads "10", "-2", "+3" and "0x0000000A" of up to 64 bits; nothing may stand around it.
inline std::optional<Number> parse_number(Text text) {
  Number number;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    number.hexadecimal = true;
    text.remove_prefix(2);
  } else if (text.starts_with('-') || text.starts_with('+')) {
    number.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number.magnitude, number.hexadecimal ? 16 : 10);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// parse_signed and parse_unsigned keep to the range of their type; hexadecimal gives the bits of the number.
template <class Bits>
std::optional<Bits> parse_unsigned(Text text) {
  const auto number = parse_number(text);
  if (!number || number->magnitude > std::numeric_limits<Bits>::max()) return std::nullopt;
  if (number->negative && number->magnitude != 0) return std::nullopt;
  return static_cast<Bits>(number->magnitude);
}
template <class Bits>
std::optional<Bits> parse_signed(Text text) {
  const auto number = parse_number(text);
  if (!number) return std::nullopt;
  constexpr std::uint64_t most = std::numeric_limits<Bits>::max() / 2;
  const std::uint64_t largest =
      number->hexadecimal ? std::numeric_limits<Bits>::max() : most + (number->negative ? 1 : 0);
  if (number->magnitude > largest) return std::nullopt;
  return static_cast<Bits>(number->negative ? 0 - number->magnitude : number->magnitude);
}

}  // namespace keyway::kmip
