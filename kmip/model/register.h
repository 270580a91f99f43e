// Register (KMIP 1.4 §4.3, 2.1 §6.1.43).
#pragma once

#include <optional>

#include <kmip/model/attributes.h>
#include <kmip/model/defaults.h>
#include <kmip/model/object.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct RegisterResponse {
  Text unique_identifier;
  std::optional<Attributes> attributes;
};
template <>
struct Described<RegisterResponse> {
  static const Shape shape;
};

struct RegisterRequest {
  static constexpr Operation operation = Operation::Register;
  using Response = RegisterResponse;

  ObjectType object_type = ObjectType::SymmetricKey;
  Attributes attributes;
  ManagedObject object;
  std::optional<ProtectionStorageMasks> protection_storage_masks;
};
template <>
struct Described<RegisterRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
