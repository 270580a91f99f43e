// How much a message may ask of us. One value, passed down.
#pragma once

#include <cstddef>
#include <cstdint>

namespace keyway::kmip {

struct Limits {
  // Bytes of one message. A Locate answer takes 48 bytes an identifier; large tables of objects exist.
  std::size_t message = 8u << 20;
  std::uint32_t depth = 24;          // structures inside structures
  std::uint32_t elements = 200'000;  // items in one message
};

// What a client sends: several servers refuse requests above 1 MiB.
inline constexpr std::size_t largest_request = 1u << 20;

}  // namespace keyway::kmip
