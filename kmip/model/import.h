// Import (KMIP 1.4 §4.41, 2.1 §6.1.25). From 1.4.
#pragma once

#include <optional>

#include <kmip/model/attributes.h>
#include <kmip/model/identifier.h>
#include <kmip/model/object.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct ImportResponse {
  Text unique_identifier;
};
template <>
struct Described<ImportResponse> {
  static const Shape shape;
};

struct ImportRequest {
  static constexpr Operation operation = Operation::Import;
  using Response = ImportResponse;

  Identifier unique_identifier;
  std::optional<ObjectType> object_type;  // required from 2.0
  std::optional<bool> replace_existing;
  std::optional<KeyWrapType> key_wrap_type;
  Attributes attributes;
  ManagedObject object;
};
template <>
struct Described<ImportRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
