// Get Usage Allocation (KMIP 1.4 §4.18, 2.1 §6.1.23).
#pragma once

#include <optional>

#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct GetUsageAllocationResponse {
  Text unique_identifier;
};
template <>
struct Described<GetUsageAllocationResponse> {
  static const Shape shape;
};

struct GetUsageAllocationRequest {
  static constexpr Operation operation = Operation::GetUsageAllocation;
  using Response = GetUsageAllocationResponse;

  std::optional<Identifier> unique_identifier;
  std::int64_t usage_limits_count = 0;
};
template <>
struct Described<GetUsageAllocationRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
