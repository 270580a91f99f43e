// MAC Verify (KMIP 1.4 §4.34, 2.1 §6.1.33). From 1.2.
#pragma once

#include <optional>

#include <kmip/model/common.h>
#include <kmip/model/earlier_data.h>
#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct MacVerifyResponse {
  Text unique_identifier;
  std::optional<ValidityIndicator> validity_indicator;
  std::optional<Bytes> correlation_value;
};
template <>
struct Described<MacVerifyResponse> {
  static const Shape shape;
};

struct MacVerifyRequest {
  static constexpr Operation operation = Operation::MACVerify;
  using Response = MacVerifyResponse;

  std::optional<Identifier> unique_identifier;
  std::optional<CryptographicParameters> cryptographic_parameters;
  std::optional<Bytes> data;
  EarlierData earlier_data;
  std::optional<Bytes> mac_data;
  std::optional<Bytes> correlation_value;
  std::optional<bool> init_indicator;
  std::optional<bool> final_indicator;
};
template <>
struct Described<MacVerifyRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
