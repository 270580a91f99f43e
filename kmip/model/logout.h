// Logout (KMIP 2.1 §6.1.31). From 2.0.
#pragma once

#include <kmip/model/credential.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct LogoutResponse {};
template <>
struct Described<LogoutResponse> {
  static const Shape shape;
};

struct LogoutRequest {
  static constexpr Operation operation = Operation::Logout;
  using Response = LogoutResponse;

  Ticket ticket;
};
template <>
struct Described<LogoutRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
