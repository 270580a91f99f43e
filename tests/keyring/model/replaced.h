// A text with one place of it changed.
#pragma once

#include <string>
#include <string_view>

#include <doctest/doctest.h>

namespace keyway::keyring {

// `from` has to be in it; its first place is changed.
inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace keyway::keyring
