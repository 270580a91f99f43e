// Rights that a Delegated Login hands over (KMIP 2.1 §7).
#pragma once

#include <optional>
#include <vector>

#include <kmip/model/attribute_values.h>
#include <kmip/model/defaults.h>
#include <kmip/model/identifier.h>

namespace keyway::kmip {

// 2.1 §7.25. From 2.0.
struct Operations {
  std::vector<Operation> operations;
};
template <>
struct Described<Operations> {
  static const Shape shape;
};

// 2.1 §7.21. From 2.0.
struct Objects {
  std::vector<Identifier> unique_identifiers;
};
template <>
struct Described<Objects> {
  static const Shape shape;
};

// 2.1 §7.34. From 2.0.
struct Right {
  std::optional<UsageLimits> usage_limits;
  std::optional<Operations> operations;
  std::optional<Objects> objects;
  std::optional<ObjectGroups> object_groups;
};
template <>
struct Described<Right> {
  static const Shape shape;
};

// 2.1 §7.35. From 2.0.
struct Rights {
  std::vector<Right> rights;
};
template <>
struct Described<Rights> {
  static const Shape shape;
};

}  // namespace keyway::kmip
