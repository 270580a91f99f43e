// Get Constraints (KMIP 2.1 §6.1.22). From 2.1.
#pragma once

#include <kmip/model/defaults.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct GetConstraintsResponse {
  Constraints constraints;
};
template <>
struct Described<GetConstraintsResponse> {
  static const Shape shape;
};

struct GetConstraintsRequest {
  static constexpr Operation operation = Operation::GetConstraints;
  using Response = GetConstraintsResponse;
};
template <>
struct Described<GetConstraintsRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
