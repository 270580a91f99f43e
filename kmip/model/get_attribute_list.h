// Get Attribute List (KMIP 1.4 §4.13, 2.1 §6.1.21).
#pragma once

#include <optional>

#include <kmip/model/attributes.h>
#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct GetAttributeListResponse {
  Text unique_identifier;
  AttributeIds names;
};
template <>
struct Described<GetAttributeListResponse> {
  static const Shape shape;
};

struct GetAttributeListRequest {
  static constexpr Operation operation = Operation::GetAttributeList;
  using Response = GetAttributeListResponse;

  std::optional<Identifier> unique_identifier;
};
template <>
struct Described<GetAttributeListRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
