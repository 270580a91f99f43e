// Obtain Lease (KMIP 1.4 §4.17, 2.1 §6.1.35).
#pragma once

#include <optional>

#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct ObtainLeaseResponse {
  Text unique_identifier;
  Interval lease_time;
  DateTime last_change_date;
};
template <>
struct Described<ObtainLeaseResponse> {
  static const Shape shape;
};

struct ObtainLeaseRequest {
  static constexpr Operation operation = Operation::ObtainLease;
  using Response = ObtainLeaseResponse;

  std::optional<Identifier> unique_identifier;
};
template <>
struct Described<ObtainLeaseRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
