// One TTLV item as a view, and the C++ types of TTLV values that have none of their own.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <iterator>

#include <core/bytes.h>
#include <kmip/spec/spec.h>

namespace keyway::kmip {

struct DateTime {
  std::int64_t seconds = 0;  // POSIX time
  friend bool operator==(const DateTime&, const DateTime&) = default;
};
struct DateTimeExtended {
  std::int64_t microseconds = 0;  // POSIX time
  friend bool operator==(const DateTimeExtended&, const DateTimeExtended&) = default;
};
struct Interval {
  std::uint32_t seconds = 0;
  friend bool operator==(const Interval&, const Interval&) = default;
};
struct BigInteger {
  Bytes value;  // two's complement, big-endian, a multiple of 8 bytes
};

// Raw is an item whose inside is not decoded: its meaning depends on a sibling, or nobody knows it. `value`
// is the item's value without padding and lives as long as the message.
struct Raw {
  Tag tag{};
  Type type{};
  Bytes value;
  std::uint32_t offset = 0;  // of the item's first byte in its message
};

inline constexpr std::size_t item_header_size = 8;
constexpr std::size_t padded(std::size_t length) { return (length + 7) & ~std::size_t{7}; }

// is_standard: a type of the versions that Keyway speaks; those of 3.0 are known by name only.
constexpr bool is_standard(Type type) { return type >= Type::Structure && type <= Type::DateTimeExtended; }

// LengthRule is what the type says of the length of its values. One of an unknown type may have any.
enum class LengthRule : std::uint8_t { any, four, eight, words, some_words };
inline constexpr LengthRule length_rules[] = {
    LengthRule::any,         // no type
    LengthRule::words,       // Structure
    LengthRule::four,        // Integer
    LengthRule::eight,       // Long Integer
    LengthRule::some_words,  // Big Integer
    LengthRule::four,        // Enumeration
    LengthRule::eight,       // Boolean
    LengthRule::any,         // Text String
    LengthRule::any,         // Byte String
    LengthRule::eight,       // Date-Time
    LengthRule::four,        // Interval
    LengthRule::eight,       // Date-Time-Extended
};
constexpr bool length_fits(Type type, std::size_t length) {
  const auto index = static_cast<std::size_t>(type);
  switch (index < std::size(length_rules) ? length_rules[index] : LengthRule::any) {
    case LengthRule::any: return true;
    case LengthRule::four: return length == 4;
    case LengthRule::eight: return length == 8;
    case LengthRule::words: return length % 8 == 0;
    case LengthRule::some_words: return length % 8 == 0 && length > 0;
  }
  return true;
}

// big_endian turns a number of this machine into the order of the wire, and back.
template <class Number>
constexpr Number big_endian(Number number) {
  return std::endian::native == std::endian::big ? number : std::byteswap(number);
}
template <class Number>
Number load(const std::byte* at) {
  Number number = 0;
  std::memcpy(&number, at, sizeof number);
  return big_endian(number);
}
template <class Number>
void store(std::byte* at, Number number) {
  number = big_endian(number);
  std::memcpy(at, &number, sizeof number);
}
inline std::uint32_t load32(const std::byte* at) { return load<std::uint32_t>(at); }
inline std::uint64_t load64(const std::byte* at) { return load<std::uint64_t>(at); }
inline void store32(std::byte* at, std::uint32_t value) { store(at, value); }
inline void store64(std::byte* at, std::uint64_t value) { store(at, value); }

}  // namespace keyway::kmip
