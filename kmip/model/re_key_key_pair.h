// Re-key Key Pair (KMIP 1.4 §4.5, 2.1 §6.1.47). From 1.1.
#pragma once

#include <optional>

#include <kmip/model/attributes.h>
#include <kmip/model/defaults.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct ReKeyKeyPairResponse {
  Text private_key_unique_identifier;
  Text public_key_unique_identifier;
  std::optional<Attributes> private_key_attributes;
  std::optional<Attributes> public_key_attributes;
};
template <>
struct Described<ReKeyKeyPairResponse> {
  static const Shape shape;
};

struct ReKeyKeyPairRequest {
  static constexpr Operation operation = Operation::ReKeyKeyPair;
  using Response = ReKeyKeyPairResponse;

  std::optional<Text> private_key_unique_identifier;
  std::optional<Interval> offset;
  std::optional<Attributes> common_attributes;
  std::optional<Attributes> private_key_attributes;
  std::optional<Attributes> public_key_attributes;
  std::optional<ProtectionStorageMasks> common_protection_storage_masks;
  std::optional<ProtectionStorageMasks> private_protection_storage_masks;
  std::optional<ProtectionStorageMasks> public_protection_storage_masks;
};
template <>
struct Described<ReKeyKeyPairRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
