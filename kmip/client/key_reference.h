// What a user calls a key, and what matters of a key before it is used.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <kmip/spec/spec.h>

namespace keyway::kmip {

// KeyReference is "name:NAME", or a unique identifier, which is opaque text.
struct KeyReference {
  std::string text;

  static constexpr std::string_view name_prefix = "name:";
  bool is_name() const { return text.starts_with(name_prefix); }
  std::string_view name() const { return std::string_view(text).substr(name_prefix.size()); }
};

// KeyFacts is what a server says of a key. Absent: it did not say.
struct KeyFacts {
  std::optional<State> state;
  std::optional<CryptographicAlgorithm> algorithm;
  std::optional<std::int32_t> length;  // bits
  std::optional<CryptographicUsageMask> usage;
};

}  // namespace keyway::kmip
