// Get Attributes (KMIP 1.4 §4.12, 2.1 §6.1.20). No names: all attributes.
#pragma once

#include <optional>

#include <kmip/model/attributes.h>
#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct GetAttributesResponse {
  Text unique_identifier;
  Attributes attributes;
};
template <>
struct Described<GetAttributesResponse> {
  static const Shape shape;
};

struct GetAttributesRequest {
  static constexpr Operation operation = Operation::GetAttributes;
  using Response = GetAttributesResponse;

  std::optional<Identifier> unique_identifier;
  AttributeIds names;
};
template <>
struct Described<GetAttributesRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
