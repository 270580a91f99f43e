#include <algorithm>
#include <cstdint>
#include <cstring>

#include <core/utf8.h>

namespace keyway {

namespace {

std::uint64_t eight_of(const std::byte* at) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

bool is_ascii(Bytes text) {
  std::uint64_t all = 0;
  if (text.size() < 8) {
    for (const std::byte byte : text) all |= std::to_integer<std::uint64_t>(byte);
  } else {
    for (std::size_t i = 0; i + 8 < text.size(); i += 8) all |= eight_of(text.data() + i);
    all |= eight_of(text.data() + text.size() - 8);
  }
  return (all & 0x8080808080808080) == 0;
}

}  // namespace

bool is_utf8(Bytes text) {
  const auto at = [&](std::size_t i) { return std::to_integer<unsigned>(text[i]); };
  if (is_ascii(text)) return true;
  for (std::size_t i = 0; i < text.size();) {
    const unsigned lead = at(i);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4 || more >= text.size() - i) return false;
    // Overlong forms, surrogates and numbers above 0x10FFFF show in the second byte (Unicode, table 3-7).
    const unsigned second = at(i + 1);
    const unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return false;
    for (std::size_t k = 2; k <= more; ++k)
      if ((at(i + k) & 0xc0) != 0x80) return false;
    i += more + 1;
  }
  return true;
}

std::size_t code_points(Text text) {
  const auto starts_one = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80; };
  return static_cast<std::size_t>(std::ranges::count_if(text, starts_one));
}

}  // namespace keyway
