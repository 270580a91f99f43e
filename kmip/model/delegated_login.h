// Delegated Login (KMIP 2.1 §6.1.12). From 2.0.
#pragma once

#include <optional>

#include <kmip/model/attribute_values.h>
#include <kmip/model/credential.h>
#include <kmip/model/operation.h>
#include <kmip/model/rights.h>

namespace keyway::kmip {

struct DelegatedLoginResponse {
  Ticket ticket;
};
template <>
struct Described<DelegatedLoginResponse> {
  static const Shape shape;
};

struct DelegatedLoginRequest {
  static constexpr Operation operation = Operation::DelegatedLogin;
  using Response = DelegatedLoginResponse;

  std::optional<Interval> lease_time;
  std::optional<DateTime> lease_end;  // instead of lease_time
  std::optional<std::int32_t> request_count;
  std::optional<UsageLimits> usage_limits;
  Rights rights;
};
template <>
struct Described<DelegatedLoginRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
