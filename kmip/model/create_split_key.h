// Create Split Key (KMIP 1.4 §4.38, 2.1 §6.1.10). From 1.2.
#pragma once

#include <optional>
#include <vector>

#include <kmip/model/attributes.h>
#include <kmip/model/defaults.h>
#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct CreateSplitKeyResponse {
  std::optional<ObjectType> object_type;
  std::vector<Text> unique_identifiers;
  std::optional<Attributes> attributes;
};
template <>
struct Described<CreateSplitKeyResponse> {
  static const Shape shape;
};

struct CreateSplitKeyRequest {
  static constexpr Operation operation = Operation::CreateSplitKey;
  using Response = CreateSplitKeyResponse;

  ObjectType object_type{};
  std::optional<Identifier> unique_identifier;
  std::int32_t split_key_parts = 0;
  std::int32_t split_key_threshold = 0;
  SplitKeyMethod split_key_method{};
  std::optional<BigInteger> prime_field_size;
  Attributes attributes;
  std::optional<ProtectionStorageMasks> protection_storage_masks;
};
template <>
struct Described<CreateSplitKeyRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
