// Destroy (KMIP 1.4 §4.21, 2.1 §6.1.15).
#pragma once

#include <optional>

#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct DestroyResponse {
  Text unique_identifier;
};
template <>
struct Described<DestroyResponse> {
  static const Shape shape;
};

struct DestroyRequest {
  static constexpr Operation operation = Operation::Destroy;
  using Response = DestroyResponse;

  std::optional<Identifier> unique_identifier;
};
template <>
struct Described<DestroyRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
