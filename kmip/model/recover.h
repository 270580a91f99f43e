// Recover (KMIP 1.4 §4.23, 2.1 §6.1.42).
#pragma once

#include <optional>

#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct RecoverResponse {
  Text unique_identifier;
};
template <>
struct Described<RecoverResponse> {
  static const Shape shape;
};

struct RecoverRequest {
  static constexpr Operation operation = Operation::Recover;
  using Response = RecoverResponse;

  std::optional<Identifier> unique_identifier;
};
template <>
struct Described<RecoverRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
