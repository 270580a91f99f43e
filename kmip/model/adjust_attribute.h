// Adjust Attribute (KMIP 2.1 §6.1.3). From 2.0.
#pragma once

#include <optional>

#include <kmip/model/attributes.h>
#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct AdjustAttributeResponse {
  Text unique_identifier;
};
template <>
struct Described<AdjustAttributeResponse> {
  static const Shape shape;
};

struct AdjustAttributeRequest {
  static constexpr Operation operation = Operation::AdjustAttribute;
  using Response = AdjustAttributeResponse;

  std::optional<Identifier> unique_identifier;
  AttributeIds attribute;
  AdjustmentType adjustment_type{};
  std::optional<Raw> adjustment_value;
};
template <>
struct Described<AdjustAttributeRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
