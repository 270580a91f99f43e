// Decrypt (KMIP 1.4 §4.30, 2.1 §6.1.11). From 1.2.
#pragma once

#include <optional>

#include <kmip/model/common.h>
#include <kmip/model/earlier_data.h>
#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct DecryptResponse {
  Text unique_identifier;
  std::optional<Secret> data;
  std::optional<Bytes> correlation_value;
};
template <>
struct Described<DecryptResponse> {
  static const Shape shape;
};

struct DecryptRequest {
  static constexpr Operation operation = Operation::Decrypt;
  using Response = DecryptResponse;

  std::optional<Identifier> unique_identifier;
  std::optional<CryptographicParameters> cryptographic_parameters;
  std::optional<Bytes> data;
  EarlierData earlier_data;
  std::optional<Bytes> iv_counter_nonce;
  std::optional<Bytes> correlation_value;
  std::optional<bool> init_indicator;
  std::optional<bool> final_indicator;
  std::optional<Bytes> authenticated_encryption_additional_data;
  std::optional<Bytes> authenticated_encryption_tag;
};
template <>
struct Described<DecryptRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
