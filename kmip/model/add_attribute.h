// Add Attribute (KMIP 1.4 §4.14, 2.1 §6.1.2).
#pragma once

#include <optional>

#include <kmip/model/attributes.h>
#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct AddAttributeResponse {
  Text unique_identifier;
  std::optional<Attributes> attribute;
};
template <>
struct Described<AddAttributeResponse> {
  static const Shape shape;
};

struct AddAttributeRequest {
  static constexpr Operation operation = Operation::AddAttribute;
  using Response = AddAttributeResponse;

  std::optional<Identifier> unique_identifier;
  Attributes attribute;
};
template <>
struct Described<AddAttributeRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
