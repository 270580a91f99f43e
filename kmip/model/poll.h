// Poll (KMIP 1.4 §4.28, 2.1 §6.1.38).
#pragma once

#include <kmip/model/operation.h>

namespace keyway::kmip {

struct PollResponse {};
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

}  // namespace keyway::kmip
