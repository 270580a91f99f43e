// Revoke (KMIP 1.4 §4.20, 2.1 §6.1.46).
#pragma once

#include <optional>

#include <kmip/model/common.h>
#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct RevokeResponse {
  Text unique_identifier;
};
template <>
struct Described<RevokeResponse> {
  static const Shape shape;
};

struct RevokeRequest {
  static constexpr Operation operation = Operation::Revoke;
  using Response = RevokeResponse;

  std::optional<Identifier> unique_identifier;
  RevocationReason revocation_reason;
  std::optional<DateTime> compromise_occurrence_date;
};
template <>
struct Described<RevokeRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
