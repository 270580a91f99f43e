// Process (KMIP 2.1 §6.1.39). From 2.1.
#pragma once

#include <kmip/model/operation.h>

namespace keyway::kmip {

struct ProcessResponse {};
template <>
struct Described<ProcessResponse> {
  static const Shape shape;
};

struct ProcessRequest {
  static constexpr Operation operation = Operation::Process;
  using Response = ProcessResponse;

  Bytes asynchronous_correlation_value;
};
template <>
struct Described<ProcessRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
