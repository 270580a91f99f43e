#include <cstddef>

#include <core/hex.h>

namespace keyway {

namespace {

// All digits are worked out with arithmetic on masks: a table would tell a value by the cache line it
// touches, a comparison by the branch it takes. A mask is -1 (all bits) or 0; every operand is small, so a
// negative difference shifts to -1 (C++20: >> of a negative number is arithmetic).
constexpr int mask_if_negative(int value) { return value >> 8; }
constexpr int mask_if_between(int value, int low, int high) {
  return mask_if_negative(low - 1 - value) & mask_if_negative(value - high - 1);
}

constexpr char hex_digit(int nibble) {
  return static_cast<char>('0' + nibble + (mask_if_negative(9 - nibble) & ('a' - '0' - 10)));
}

// hex_value is the digit's value, or -1.
constexpr int hex_value(char c) {
  const int lower = static_cast<unsigned char>(c) | 0x20;
  const int digit = mask_if_between(static_cast<unsigned char>(c), '0', '9');
  const int letter = mask_if_between(lower, 'a', 'f');
  return -1 + (digit & (static_cast<unsigned char>(c) - '0' + 1)) + (letter & (lower - 'a' + 11));
}

// The two alphabets differ in the characters of 62 and 63 only.
struct Alphabet {
  int of_62;
  int of_63;
};
constexpr Alphabet standard{'+', '/'};
constexpr Alphabet url_safe{'-', '_'};

constexpr char base64_digit(int value, Alphabet alphabet) {
  const int upper = mask_if_between(value, 0, 25) & ('A' + value);
  const int lower = mask_if_between(value, 26, 51) & ('a' + value - 26);
  const int digit = mask_if_between(value, 52, 61) & ('0' + value - 52);
  const int last =
      (mask_if_between(value, 62, 62) & alphabet.of_62) | (mask_if_between(value, 63, 63) & alphabet.of_63);
  return static_cast<char>(upper | lower | digit | last);
}

// base64_value is the digit's value, or -1.
constexpr int base64_value(char character, Alphabet alphabet) {
  const int c = static_cast<unsigned char>(character);
  return -1 + (mask_if_between(c, 'A', 'Z') & (c - 'A' + 1)) +
         (mask_if_between(c, 'a', 'z') & (c - 'a' + 27)) + (mask_if_between(c, '0', '9') & (c - '0' + 53)) +
         (mask_if_between(c, alphabet.of_62, alphabet.of_62) & 63) +
         (mask_if_between(c, alphabet.of_63, alphabet.of_63) & 64);
}

void write_hex(Bytes bytes, char* out) {
  for (const std::byte byte : bytes) {
    *out++ = hex_digit(std::to_integer<int>(byte >> 4));
    *out++ = hex_digit(std::to_integer<int>(byte & std::byte{0x0f}));
  }
}

// base64_size is how many digits `n` bytes take, without padding.
constexpr std::size_t base64_size(std::size_t n) { return n / 3 * 4 + (n % 3 == 0 ? 0 : n % 3 + 1); }

void write_base64(Bytes bytes, Alphabet alphabet, char* out) {
  unsigned pending = 0;  // bits not written yet
  unsigned bits = 0;
  for (const std::byte byte : bytes) {
    pending = (pending << 8U | std::to_integer<unsigned>(byte)) & 0xffffU;
    for (bits += 8; bits >= 6; bits -= 6) {
      *out++ = base64_digit(static_cast<int>(pending >> (bits - 6) & 0x3fU), alphabet);
    }
  }
  if (bits > 0) *out = base64_digit(static_cast<int>(pending << (6 - bits) & 0x3fU), alphabet);
}

// first_bad is where `value_of` first says no; called for bad text only, so it may take its time.
template <class ValueOf>
std::size_t first_bad(Text text, ValueOf value_of) {
  std::size_t at = 0;
  while (at < text.size() && value_of(text[at]) >= 0) ++at;
  return at;
}

std::unexpected<Error> bad_character(std::string_view encoding, std::size_t at) {
  return fail(ErrorKind::invalid_input, "{}: character {} is not one of its digits", encoding, at + 1);
}

Result<Secret> read_base64(Text digits, Alphabet alphabet, std::string_view encoding) {
  if (digits.size() % 4 == 1) {
    return fail(ErrorKind::invalid_input, "{}: {} digits cannot be whole bytes", encoding, digits.size());
  }
  SecretBuffer out;
  out.resize(digits.size() / 4 * 3 + digits.size() % 4 * 3 / 4);
  std::byte* to = out.data();
  int invalid = 0;
  unsigned pending = 0;
  unsigned bits = 0;
  for (const char digit : digits) {
    const int value = base64_value(digit, alphabet);
    invalid |= value;  // stays non-negative as long as every value is
    pending = (pending << 6U | (static_cast<unsigned>(value) & 0x3fU)) & 0x3fffU;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      *to++ = static_cast<std::byte>(pending >> bits & 0xffU);
    }
  }
  if (invalid < 0) {
    return bad_character(encoding, first_bad(digits, [&](char c) { return base64_value(c, alphabet); }));
  }
  if ((pending & ((1U << bits) - 1U)) != 0) {
    return fail(ErrorKind::invalid_input, "{}: the unused bits of the last digit are not zero", encoding);
  }
  return Secret(std::move(out));
}

char* characters(SecretBuffer& buffer) { return reinterpret_cast<char*>(buffer.data()); }

}  // namespace

std::string to_hex(Bytes bytes) {
  std::string out(bytes.size() * 2, '\0');
  write_hex(bytes, out.data());
  return out;
}

Secret to_hex_secret(Bytes bytes) {
  SecretBuffer out;
  out.resize(bytes.size() * 2);
  write_hex(bytes, characters(out));
  return Secret(std::move(out));
}

Result<Secret> from_hex(Text text) {
  if (text.size() % 2 != 0) {
    return fail(ErrorKind::invalid_input, "hexadecimal: {} digits are an odd number", text.size());
  }
  SecretBuffer out;
  out.resize(text.size() / 2);
  int invalid = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    invalid |= high | low;
    out.data()[i] =
        static_cast<std::byte>((static_cast<unsigned>(high) << 4U | static_cast<unsigned>(low)) & 0xffU);
  }
  if (invalid < 0) return bad_character("hexadecimal", first_bad(text, hex_value));
  return Secret(std::move(out));
}

std::string to_base64url(Bytes bytes) {
  std::string out(base64_size(bytes.size()), '\0');
  write_base64(bytes, url_safe, out.data());
  return out;
}

Secret to_base64_secret(Bytes bytes) {
  SecretBuffer out;
  out.resize(base64_size(bytes.size()));
  write_base64(bytes, standard, characters(out));
  while (out.size() % 4 != 0) out.append("=");
  return Secret(std::move(out));
}

Result<Secret> from_base64url(Text text) { return read_base64(text, url_safe, "base64url"); }

Result<Secret> from_base64(Text text) {
  if (text.size() % 4 != 0) {
    return fail(ErrorKind::invalid_input, "base64: {} characters are not a multiple of 4", text.size());
  }
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  return read_base64(text, standard, "base64");
}

}  // namespace keyway
