// Defaults and constraints of a server, and the lists they are made of (KMIP 2.1 §7).
#pragma once

#include <optional>
#include <vector>

#include <kmip/model/attributes.h>

namespace keyway::kmip {

// 2.1 §7.23. From 2.1.
struct ObjectGroups {
  std::vector<Text> object_groups;
};
template <>
struct Described<ObjectGroups> {
  static const Shape shape;
};

// 2.1 §7.24. From 2.1.
struct ObjectTypes {
  std::vector<ObjectType> object_types;
};
template <>
struct Described<ObjectTypes> {
  static const Shape shape;
};

// 2.1 §7.33. From 2.0.
struct ProtectionStorageMasks {
  std::vector<ProtectionStorageMask> protection_storage_masks;
};
template <>
struct Described<ProtectionStorageMasks> {
  static const Shape shape;
};

// 2.1 §7.22. From 2.0.
struct ObjectDefaults {
  ObjectType object_type{};
  Attributes attributes;
  std::optional<ObjectGroups> object_groups;
};
template <>
struct Described<ObjectDefaults> {
  static const Shape shape;
};

// 2.1 §7.11. From 2.0.
struct DefaultsInformation {
  std::vector<ObjectDefaults> object_defaults;
};
template <>
struct Described<DefaultsInformation> {
  static const Shape shape;
};

// 2.1 §7.6. From 2.1.
struct Constraint {
  std::optional<ObjectTypes> object_types;
  std::optional<ObjectGroups> object_groups;
  std::optional<Attributes> attributes;
};
template <>
struct Described<Constraint> {
  static const Shape shape;
};

// 2.1 §7.7. From 2.1.
struct Constraints {
  std::vector<Constraint> constraints;
};
template <>
struct Described<Constraints> {
  static const Shape shape;
};

}  // namespace keyway::kmip
