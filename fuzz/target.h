// What every fuzz target has. Properties are checked with require(); a broken one ends the process, which is
// what the fuzzer and the replay take for a crash.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include <core/bytes.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace keyway::fuzz {

inline void require(bool holds, std::string_view property) {
  if (holds) return;
  fmt::print(stderr, "broken property: {}\n", property);
  std::abort();
}

inline Bytes bytes_of(const std::uint8_t* data, std::size_t size) {
  return std::as_bytes(std::span(data, size));
}

}  // namespace keyway::fuzz
