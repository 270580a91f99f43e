// Interop (KMIP 2.1 §6.1.26). From 2.0.
#pragma once

#include <kmip/model/operation.h>

namespace keyway::kmip {

struct InteropResponse {};
template <>
struct Described<InteropResponse> {
  static const Shape shape;
};

struct InteropRequest {
  static constexpr Operation operation = Operation::Interop;
  using Response = InteropResponse;

  InteropFunction interop_function{};
  Text interop_identifier;
};
template <>
struct Described<InteropRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
