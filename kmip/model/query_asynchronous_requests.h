// Query Asynchronous Requests (KMIP 2.1 §6.1.41). From 2.1.
#pragma once

#include <optional>
#include <vector>

#include <kmip/model/asynchronous.h>
#include <kmip/model/operation.h>
#include <kmip/model/rights.h>

namespace keyway::kmip {

struct QueryAsynchronousRequestsResponse {
  std::vector<AsynchronousRequest> asynchronous_requests;
};
template <>
struct Described<QueryAsynchronousRequestsResponse> {
  static const Shape shape;
};

struct QueryAsynchronousRequestsRequest {
  static constexpr Operation operation = Operation::QueryAsynchronousRequests;
  using Response = QueryAsynchronousRequestsResponse;

  std::optional<AsynchronousCorrelationValues> asynchronous_correlation_values;
  std::optional<Operations> operations;
};
template <>
struct Described<QueryAsynchronousRequestsRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
