// Signature Verify (KMIP 1.4 §4.32, 2.1 §6.1.56). From 1.2.
#pragma once

#include <optional>

#include <kmip/model/common.h>
#include <kmip/model/earlier_data.h>
#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct SignatureVerifyResponse {
  Text unique_identifier;
  std::optional<ValidityIndicator> validity_indicator;
  std::optional<Bytes> data;
  std::optional<Bytes> correlation_value;
};
template <>
struct Described<SignatureVerifyResponse> {
  static const Shape shape;
};

struct SignatureVerifyRequest {
  static constexpr Operation operation = Operation::SignatureVerify;
  using Response = SignatureVerifyResponse;

  std::optional<Identifier> unique_identifier;
  std::optional<CryptographicParameters> cryptographic_parameters;
  std::optional<Bytes> data;
  EarlierData earlier_data;
  std::optional<Bytes> digested_data;
  std::optional<Bytes> signature_data;
  std::optional<Bytes> correlation_value;
  std::optional<bool> init_indicator;
  std::optional<bool> final_indicator;
};
template <>
struct Described<SignatureVerifyRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
