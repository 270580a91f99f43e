// Activate (KMIP 1.4 §4.19, 2.1 §6.1.1).
#pragma once

#include <optional>

#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct ActivateResponse {
  Text unique_identifier;
};
template <>
struct Described<ActivateResponse> {
  static const Shape shape;
};

struct ActivateRequest {
  static constexpr Operation operation = Operation::Activate;
  using Response = ActivateResponse;

  std::optional<Identifier> unique_identifier;
};
template <>
struct Described<ActivateRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
