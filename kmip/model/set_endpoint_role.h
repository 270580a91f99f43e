// Set Endpoint Role (KMIP 2.1 §6.1.54). From 2.0.
#pragma once

#include <kmip/model/operation.h>

namespace keyway::kmip {

struct SetEndpointRoleResponse {
  EndpointRole endpoint_role{};
};
template <>
struct Described<SetEndpointRoleResponse> {
  static const Shape shape;
};

struct SetEndpointRoleRequest {
  static constexpr Operation operation = Operation::SetEndpointRole;
  using Response = SetEndpointRoleResponse;

  EndpointRole endpoint_role{};
};
template <>
struct Described<SetEndpointRoleRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
