// Delete Attribute (KMIP 1.4 §4.16, 2.1 §6.1.13).
#pragma once

#include <optional>

#include <kmip/model/attributes.h>
#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct DeleteAttributeResponse {
  Text unique_identifier;
  std::optional<Attributes> attribute;
};
template <>
struct Described<DeleteAttributeResponse> {
  static const Shape shape;
};

struct DeleteAttributeRequest {
  static constexpr Operation operation = Operation::DeleteAttribute;
  using Response = DeleteAttributeResponse;

  std::optional<Identifier> unique_identifier;
  std::optional<Attributes> current_attribute;
  AttributeIds attribute;
  std::optional<std::int32_t> attribute_index;
};
template <>
struct Described<DeleteAttributeRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
