// Hash (KMIP 1.4 §4.37, 2.1 §6.1.24). From 1.2.
#pragma once

#include <optional>

#include <kmip/model/common.h>
#include <kmip/model/earlier_data.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct HashResponse {
  std::optional<Bytes> data;
  std::optional<Bytes> correlation_value;
};
template <>
struct Described<HashResponse> {
  static const Shape shape;
};

struct HashRequest {
  static constexpr Operation operation = Operation::Hash;
  using Response = HashResponse;

  CryptographicParameters cryptographic_parameters;
  std::optional<Bytes> data;
  EarlierData earlier_data;
  std::optional<Bytes> correlation_value;
  std::optional<bool> init_indicator;
  std::optional<bool> final_indicator;
};
template <>
struct Described<HashRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
