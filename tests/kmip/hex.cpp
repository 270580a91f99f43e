#include <stdexcept>

#include <tests/kmip/hex.h>

namespace keyway::test {

namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  throw std::invalid_argument("not a hexadecimal digit in a test message");
}

}  // namespace

OwnedBytes from_hex(std::initializer_list<Text> lines) {
  OwnedBytes bytes;
  for (const Text line : lines) {
    int high = -1;
    for (const char c : line) {
      if (c == ' ' || c == '|') continue;
      if (high < 0) {
        high = digit(c);
        continue;
      }
      bytes.push_back(static_cast<std::byte>(high << 4 | digit(c)));
      high = -1;
    }
    if (high >= 0) throw std::invalid_argument("half a byte in a test message");
  }
  return bytes;
}

std::string to_hex(Bytes bytes) {
  std::string text;
  for (const std::byte byte : bytes) {
    text += "0123456789abcdef"[std::to_integer<unsigned>(byte) >> 4];
    text += "0123456789abcdef"[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

}  // namespace keyway::test
