// Modify Attribute (KMIP 1.4 §4.15, 2.1 §6.1.34).
#pragma once

#include <optional>

#include <kmip/model/attributes.h>
#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct ModifyAttributeResponse {
  Text unique_identifier;
  std::optional<Attributes> attribute;
};
template <>
struct Described<ModifyAttributeResponse> {
  static const Shape shape;
};

struct ModifyAttributeRequest {
  static constexpr Operation operation = Operation::ModifyAttribute;
  using Response = ModifyAttributeResponse;

  std::optional<Identifier> unique_identifier;
  std::optional<Attributes> current_attribute;
  Attributes attribute;
};
template <>
struct Described<ModifyAttributeRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
