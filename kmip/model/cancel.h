// Cancel (KMIP 1.4 §4.27, 2.1 §6.1.5).
#pragma once

#include <kmip/model/operation.h>

namespace keyway::kmip {

struct CancelResponse {
  Bytes asynchronous_correlation_value;
  CancellationResult cancellation_result{};
};
template <>
struct Described<CancelResponse> {
  static const Shape shape;
};

struct CancelRequest {
  static constexpr Operation operation = Operation::Cancel;
  using Response = CancelResponse;

  Bytes asynchronous_correlation_value;
};
template <>
struct Described<CancelRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
