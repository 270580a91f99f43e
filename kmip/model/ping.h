// Ping (KMIP 2.1 §6.1.36). From 2.1.
#pragma once

#include <kmip/model/operation.h>

namespace keyway::kmip {

struct PingResponse {};
template <>
struct Described<PingResponse> {
  static const Shape shape;
};

struct PingRequest {
  static constexpr Operation operation = Operation::Ping;
  using Response = PingResponse;
};
template <>
struct Described<PingRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
