// MAC (KMIP 1.4 §4.33, 2.1 §6.1.32). From 1.2.
#pragma once

#include <optional>

#include <kmip/model/common.h>
#include <kmip/model/earlier_data.h>
#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct MacResponse {
  Text unique_identifier;
  std::optional<Bytes> mac_data;
  std::optional<Bytes> correlation_value;
};
template <>
struct Described<MacResponse> {
  static const Shape shape;
};

struct MacRequest {
  static constexpr Operation operation = Operation::MAC;
  using Response = MacResponse;

  std::optional<Identifier> unique_identifier;
  std::optional<CryptographicParameters> cryptographic_parameters;
  std::optional<Bytes> data;
  EarlierData earlier_data;
  std::optional<Bytes> correlation_value;
  std::optional<bool> init_indicator;
  std::optional<bool> final_indicator;
};
template <>
struct Described<MacRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
