// RNG Seed (KMIP 1.4 §4.36, 2.1 §6.1.50). From 1.2.
#pragma once

#include <kmip/model/operation.h>

namespace keyway::kmip {

struct RngSeedResponse {
  std::int32_t data_length = 0;
};
template <>
struct Described<RngSeedResponse> {
  static const Shape shape;
};

struct RngSeedRequest {
  static constexpr Operation operation = Operation::RNGSeed;
  using Response = RngSeedResponse;

  Bytes data;
};
template <>
struct Described<RngSeedRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
