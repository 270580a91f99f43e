// Join Split Key (KMIP 1.4 §4.39, 2.1 §6.1.27). From 1.2.
#pragma once

#include <optional>
#include <vector>

#include <kmip/model/attributes.h>
#include <kmip/model/defaults.h>
#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct JoinSplitKeyResponse {
  std::optional<ObjectType> object_type;
  Text unique_identifier;
  std::optional<Attributes> attributes;
};
template <>
struct Described<JoinSplitKeyResponse> {
  static const Shape shape;
};

struct JoinSplitKeyRequest {
  static constexpr Operation operation = Operation::JoinSplitKey;
  using Response = JoinSplitKeyResponse;

  ObjectType object_type{};
  std::vector<Identifier> unique_identifiers;
  std::optional<SecretDataType> secret_data_type;
  std::optional<Attributes> attributes;
  std::optional<ProtectionStorageMasks> protection_storage_masks;
};
template <>
struct Described<JoinSplitKeyRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
