// Check (KMIP 1.4 §4.10, 2.1 §6.1.7).
#pragma once

#include <optional>

#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct CheckResponse {
  std::optional<Text> unique_identifier;
  std::optional<std::int64_t> usage_limits_count;
  std::optional<CryptographicUsageMask> cryptographic_usage_mask;
  std::optional<Interval> lease_time;
};
template <>
struct Described<CheckResponse> {
  static const Shape shape;
};

struct CheckRequest {
  static constexpr Operation operation = Operation::Check;
  using Response = CheckResponse;

  std::optional<Identifier> unique_identifier;
  std::optional<std::int64_t> usage_limits_count;
  std::optional<CryptographicUsageMask> cryptographic_usage_mask;
  std::optional<Interval> lease_time;
};
template <>
struct Described<CheckRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
