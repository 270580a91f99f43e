// Set Attribute (KMIP 2.1 §6.1.51). From 2.0.
#pragma once

#include <optional>

#include <kmip/model/attributes.h>
#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct SetAttributeResponse {
  Text unique_identifier;
};
template <>
struct Described<SetAttributeResponse> {
  static const Shape shape;
};

struct SetAttributeRequest {
  static constexpr Operation operation = Operation::SetAttribute;
  using Response = SetAttributeResponse;

  std::optional<Identifier> unique_identifier;
  Attributes attribute;
};
template <>
struct Described<SetAttributeRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
