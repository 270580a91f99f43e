#include <algorithm>

#include <core/hex.h>
#include <tests/core/support.h>

using namespace keyway;

namespace {

OwnedBytes all_bytes() { return test::counting(256, 0); }

bool holds(const Result<Secret>& result, Bytes bytes) {
  return result && std::ranges::equal(result->reveal(), bytes);
}

bool in(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

struct Vector {
  std::string_view plain;
  std::string_view padded;    // RFC 4648 §10
  std::string_view unpadded;  // the same, as base64url
  std::string_view hexadecimal;
};
const Vector vectors[] = {
    {"", "", "", ""},
    {"f", "Zg==", "Zg", "66"},
    {"fo", "Zm8=", "Zm8", "666f"},
    {"foo", "Zm9v", "Zm9v", "666f6f"},
    {"foob", "Zm9vYg==", "Zm9vYg", "666f6f62"},
    {"fooba", "Zm9vYmE=", "Zm9vYmE", "666f6f6261"},
    {"foobar", "Zm9vYmFy", "Zm9vYmFy", "666f6f626172"},
    {"\xfb\xff\xbf", "+/+/", "-_-_", "fbffbf"},
};

}  // namespace

TEST_CASE("hex and base64: the vectors of RFC 4648") {
  for (const Vector& v : vectors) {
    CAPTURE(v.hexadecimal);
    const Bytes plain = bytes_of(v.plain);
    CHECK(to_hex(plain) == v.hexadecimal);
    CHECK(to_hex_secret(plain).reveal_text() == v.hexadecimal);
    CHECK(holds(from_hex(v.hexadecimal), plain));
    CHECK(to_base64_secret(plain).reveal_text() == v.padded);
    CHECK(holds(from_base64(v.padded), plain));
    CHECK(to_base64url(plain) == v.unpadded);
    CHECK(holds(from_base64url(v.unpadded), plain));
  }
}

TEST_CASE("hex and base64: every byte, and every digit at every place, round trips") {
  for (std::size_t n = 0; n <= 256; ++n) {
    const OwnedBytes bytes = owned(Bytes(all_bytes()).last(n));
    CHECK(holds(from_hex(to_hex(bytes)), bytes));
    CHECK(holds(from_base64url(to_base64url(bytes)), bytes));
    CHECK(holds(from_base64(to_base64_secret(bytes).reveal_text()), bytes));
  }
  const std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const auto read = from_base64url(digits);
  REQUIRE(read);
  CHECK(to_base64url(read->reveal()) == digits);
}

TEST_CASE("hex: upper case is read, and nothing else than digits") {
  CHECK(holds(from_hex("0123456789ABCDEFabcdef"), test::hex("0123456789abcdefabcdef")));
  for (int c = 0; c < 256; ++c) {
    const char character = static_cast<char>(c);
    const bool digit = in("0123456789abcdefABCDEF", character);
    CAPTURE(c);
    CHECK(from_hex(std::string{character, '0'}).has_value() == digit);
    CHECK(from_hex(std::string{'0', character}).has_value() == digit);
  }
}

TEST_CASE("base64: each alphabet takes its own digits and no others") {
  const std::string_view shared = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  for (int c = 0; c < 256; ++c) {
    const char character = static_cast<char>(c);
    CAPTURE(c);
    const std::string text{'A', character, 'A', 'A'};
    CHECK(from_base64(text).has_value() == (in(shared, character) || c == '+' || c == '/'));
    CHECK(from_base64url(text).has_value() == (in(shared, character) || c == '-' || c == '_'));
  }
}

TEST_CASE("hex and base64: mistakes are named by place, never by content") {
  const struct {
    Result<Secret> (*read)(Text);
    std::string_view text;
    std::string_view what;
  } cases[] = {
      {from_hex, "abc", "hexadecimal: 3 digits are an odd number"},
      {from_hex, "00zz", "hexadecimal: character 3 is not one of its digits"},
      {from_hex, "00 0", "hexadecimal: character 3 is not one of its digits"},
      {from_hex, "0x00", "hexadecimal: character 2 is not one of its digits"},
      {from_base64, "Zg", "base64: 2 characters are not a multiple of 4"},
      {from_base64, "Zg=", "base64: 3 characters are not a multiple of 4"},
      {from_base64, "Z===", "base64: character 2 is not one of its digits"},
      {from_base64, "====", "base64: character 1 is not one of its digits"},
      {from_base64, "Zg==Zg==", "base64: character 3 is not one of its digits"},
      {from_base64, "Zm9v\nZm9", "base64: character 5 is not one of its digits"},
      {from_base64, "Zh==", "base64: the unused bits of the last digit are not zero"},
      {from_base64, "Zm9=", "base64: the unused bits of the last digit are not zero"},
      {from_base64url, "Z", "base64url: 1 digits cannot be whole bytes"},
      {from_base64url, "Zg==", "base64url: character 3 is not one of its digits"},
      {from_base64url, "Zh", "base64url: the unused bits of the last digit are not zero"},
      {from_base64url, "Zm9", "base64url: the unused bits of the last digit are not zero"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto result = c.read(c.text);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::invalid_input);
    CHECK(result.error().what == c.what);
  }
}
