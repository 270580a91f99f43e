// Sign (KMIP 1.4 §4.31, 2.1 §6.1.55). From 1.2.
#pragma once

#include <optional>

#include <kmip/model/common.h>
#include <kmip/model/earlier_data.h>
#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct SignResponse {
  Text unique_identifier;
  std::optional<Bytes> signature_data;
  std::optional<Bytes> correlation_value;
};
template <>
struct Described<SignResponse> {
  static const Shape shape;
};

struct SignRequest {
  static constexpr Operation operation = Operation::Sign;
  using Response = SignResponse;

  std::optional<Identifier> unique_identifier;
  std::optional<CryptographicParameters> cryptographic_parameters;
  std::optional<Bytes> data;
  EarlierData earlier_data;
  std::optional<Bytes> digested_data;
  std::optional<Bytes> correlation_value;
  std::optional<bool> init_indicator;
  std::optional<bool> final_indicator;
};
template <>
struct Described<SignRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
