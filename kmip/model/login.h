// Login (KMIP 2.1 §6.1.30). From 2.0.
#pragma once

#include <optional>

#include <kmip/model/attribute_values.h>
#include <kmip/model/credential.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct LoginResponse {
  Ticket ticket;
};
template <>
struct Described<LoginResponse> {
  static const Shape shape;
};

struct LoginRequest {
  static constexpr Operation operation = Operation::Login;
  using Response = LoginResponse;

  std::optional<Interval> lease_time;
  std::optional<DateTime> lease_end;  // instead of lease_time
  std::optional<std::int32_t> request_count;
  std::optional<UsageLimits> usage_limits;
};
template <>
struct Described<LoginRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
