// The KMIP registry: names to numbers and back, for tags, enumerations, masks and attributes, with the
// versions in which each exists. Filled at build time from the TSV tables beside this file. Thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <kmip/spec/enumerations.h>
#include <kmip/spec/tags.h>
#include <kmip/spec/types.h>

namespace keyway::kmip {

struct VersionRange {
  Version first = oldest_version;
  Version last = Version::V3_0;
  constexpr bool holds(Version v) const { return first <= v && v <= last; }
};

struct TagInfo {
  Tag tag;
  std::string_view name;       // normalized, as in XML: "UniqueIdentifier"
  std::string_view spec_name;  // as the specification writes it: "Unique Identifier"
  std::uint16_t types;         // bit n set: item type n is allowed in some version
  Enumeration enumeration;     // of its value when that is an Enumeration (or a mask), else none
  VersionRange versions;
  bool sensitive;  // traces show its length only (sensitive.tsv)
};

struct ValueInfo {
  std::uint32_t value;
  std::string_view name;       // normalized: "DES3"
  std::string_view spec_name;  // "3DES"
  VersionRange versions;
};

struct AttributeInfo {
  std::string_view name;  // the 1.x Attribute Name: "Cryptographic Usage Mask"
  Tag tag;                // the 2.x item
  std::uint16_t types;
  bool multiple;  // several instances allowed
  VersionRange versions;
};

std::span<const TagInfo> all_tags();              // by number
std::span<const AttributeInfo> all_attributes();  // in the order of the tables

const TagInfo* find(Tag tag);                         // null when unknown
std::optional<Tag> tag_named(std::string_view name);  // either spelling
// name is the normalized name, or "0x540001" for a tag without one.
std::string name(Tag tag);

// Enumerations and masks share one registry; is_mask tells them apart.
std::string_view name(Enumeration enumeration);
bool is_mask(Enumeration enumeration);
std::span<const ValueInfo> values(Enumeration enumeration);  // by number
const ValueInfo* find(Enumeration enumeration, std::uint32_t value);
// value_named takes either spelling, the aliases in use, and "0x0000000A"; letter case does not matter.
std::optional<std::uint32_t> value_named(Enumeration enumeration, std::string_view name);
// value_name is the normalized name, or "0x80000001" for a value without one.
std::string value_name(Enumeration enumeration, std::uint32_t value);
// mask_names lists the bits of a mask, separated by `separator`, unknown bits as one hexadecimal number.
std::string mask_names(Enumeration mask, std::uint32_t bits, std::string_view separator = " ");

// The same for a typed value: name(Operation::Encrypt), spec_name(ResultReason::ItemNotFound).
template <class E>
  requires(enumeration_of<E> != Enumeration::none)
std::string name(E value) {
  return value_name(enumeration_of<E>, static_cast<std::uint32_t>(value));
}
template <class E>
  requires(enumeration_of<E> != Enumeration::none)
std::string spec_name(E value) {
  const ValueInfo* info = find(enumeration_of<E>, static_cast<std::uint32_t>(value));
  return info ? std::string(info->spec_name) : name(value);
}
template <class E>
  requires(enumeration_of<E> != Enumeration::none)
std::optional<E> named(std::string_view text) {
  const auto value = value_named(enumeration_of<E>, text);
  return value ? std::optional(static_cast<E>(*value)) : std::nullopt;
}

const AttributeInfo* find_attribute(Tag tag);
const AttributeInfo* attribute_named(std::string_view name);  // the 1.x Attribute Name, exactly

// Masks combine with | and &.
template <class M>
  requires(is_mask_type<M>)
constexpr M operator|(M a, M b) {
  return static_cast<M>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}
template <class M>
  requires(is_mask_type<M>)
constexpr M operator&(M a, M b) {
  return static_cast<M>(static_cast<std::uint32_t>(a) & static_cast<std::uint32_t>(b));
}
// has_all is true when every bit of `asked` is set in `mask`.
template <class M>
  requires(is_mask_type<M>)
constexpr bool has_all(M mask, M asked) {
  return (mask & asked) == asked;
}

}  // namespace keyway::kmip
