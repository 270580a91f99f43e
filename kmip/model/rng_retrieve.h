// RNG Retrieve (KMIP 1.4 §4.35, 2.1 §6.1.49). From 1.2.
#pragma once

#include <kmip/model/operation.h>

namespace keyway::kmip {

struct RngRetrieveResponse {
  Bytes data;
};
template <>
struct Described<RngRetrieveResponse> {
  static const Shape shape;
};

struct RngRetrieveRequest {
  static constexpr Operation operation = Operation::RNGRetrieve;
  using Response = RngRetrieveResponse;

  std::int32_t data_length = 0;
};
template <>
struct Described<RngRetrieveRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
