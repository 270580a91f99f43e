// Log (KMIP 2.1 §6.1.29). From 2.0.
#pragma once

#include <kmip/model/operation.h>

namespace keyway::kmip {

struct LogResponse {};
template <>
struct Described<LogResponse> {
  static const Shape shape;
};

struct LogRequest {
  static constexpr Operation operation = Operation::Log;
  using Response = LogResponse;

  Text log_message;
};
template <>
struct Described<LogRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
