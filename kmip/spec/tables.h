// The generated tables as spec.cpp sees them. Not for other readers: use spec.h.
#pragma once

#include <kmip/spec/spec.h>

namespace keyway::kmip::tables {

struct EnumerationInfo {
  std::string_view name;
  bool mask;
  std::span<const ValueInfo> values;
};

// Other names in use for a value.
struct AliasInfo {
  Enumeration enumeration;
  std::string_view name;
  std::uint32_t value;
};

extern const std::span<const TagInfo> tags;
extern const std::span<const AttributeInfo> attributes;
extern const std::span<const EnumerationInfo> enumerations;
extern const std::span<const AliasInfo> aliases;

}  // namespace keyway::kmip::tables
