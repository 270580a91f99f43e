// Create (KMIP 1.4 §4.1, 2.1 §6.1.8).
#pragma once

#include <optional>

#include <kmip/model/attributes.h>
#include <kmip/model/defaults.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct CreateResponse {
  ObjectType object_type = ObjectType::SymmetricKey;
  Text unique_identifier;
  std::optional<Attributes> attributes;
};
template <>
struct Described<CreateResponse> {
  static const Shape shape;
};

struct CreateRequest {
  static constexpr Operation operation = Operation::Create;
  using Response = CreateResponse;

  ObjectType object_type = ObjectType::SymmetricKey;
  Attributes attributes;
  std::optional<ProtectionStorageMasks> protection_storage_masks;
};
template <>
struct Described<CreateRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
