// Poll (KMIP 1.4 §4.28, 2.1 §6.1.38).
#pragma once

#include <vector>

#include <kmip/model/operation.h>

namespace keyway::kmip {

// The answer is that of the operation that was asked for, whichever that is.
struct PollResponse {
  std::vector<Raw> answer;
};
template <>
struct Described<PollResponse> {
  static const Shape shape;
};

struct PollRequest {
  static constexpr Operation operation = Operation::Poll;
  using Response = PollResponse;

  Bytes asynchronous_correlation_value;
};
template <>
struct Described<PollRequest> {
  static const Shape shape;
};

// PollFor is a Poll whose answer, once there is one, is that of an R (1.4 §4.28, 2.1 §6.1.38).
template <OperationRequest R>
struct PollFor : PollRequest {
  using Response = typename R::Response;
};
template <OperationRequest R>
struct Described<PollFor<R>> {
  static constexpr const Shape& shape = Described<PollRequest>::shape;
};

}  // namespace keyway::kmip
