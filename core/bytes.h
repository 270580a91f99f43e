// Views over bytes and text. A view never owns: whoever hands one out says how long it lasts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace keyway {

using Bytes = std::span<const std::byte>;
using Text = std::string_view;
using OwnedBytes = std::vector<std::byte>;  // for bytes that are not secret; secrets live in Secret

inline Bytes bytes_of(Text text) { return std::as_bytes(std::span(text)); }
inline Text text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline OwnedBytes owned(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

// Numbers in network byte order. from_big_endian reads the first four bytes; the caller has checked the size.
constexpr std::array<std::byte, 4> to_big_endian(std::uint32_t n) {
  return {std::byte(n >> 24U), std::byte(n >> 16U), std::byte(n >> 8U), std::byte(n)};
}
constexpr std::uint32_t from_big_endian(Bytes four) {
  return std::to_integer<std::uint32_t>(four[0]) << 24U | std::to_integer<std::uint32_t>(four[1]) << 16U |
         std::to_integer<std::uint32_t>(four[2]) << 8U | std::to_integer<std::uint32_t>(four[3]);
}

}  // namespace keyway
