// Asynchronous requests that a server still works on (KMIP 2.1 §7).
#pragma once

#include <optional>

#include <kmip/ttlv/codec.h>

namespace keyway::kmip {

// 2.1 §7.2. From 2.1.
struct AsynchronousRequest {
  Bytes asynchronous_correlation_value;
  Operation operation{};
  DateTimeExtended submission_date;
  ProcessingStage processing_stage{};
};
template <>
struct Described<AsynchronousRequest> {
  static const Shape shape;
};

// 2.1 §7.1. From 2.1.
struct AsynchronousCorrelationValues {
  std::optional<Bytes> asynchronous_correlation_value;
};
template <>
struct Described<AsynchronousCorrelationValues> {
  static const Shape shape;
};

}  // namespace keyway::kmip
