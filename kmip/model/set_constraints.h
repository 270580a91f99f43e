// Set Constraints (KMIP 2.1 §6.1.52). From 2.1.
#pragma once

#include <kmip/model/defaults.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct SetConstraintsResponse {};
template <>
struct Described<SetConstraintsResponse> {
  static const Shape shape;
};

struct SetConstraintsRequest {
  static constexpr Operation operation = Operation::SetConstraints;
  using Response = SetConstraintsResponse;

  Constraints constraints;
};
template <>
struct Described<SetConstraintsRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
