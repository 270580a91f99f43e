// Derivation Parameters (KMIP 1.4 §4.6, 2.1 §7.10).
#pragma once

#include <optional>
#include <vector>

#include <kmip/model/common.h>

namespace keyway::kmip {

// 2.1 §7.12
struct DerivationParameters {
  std::optional<CryptographicParameters> cryptographic_parameters;
  std::optional<Bytes> initialization_vector;
  std::vector<Bytes> derivation_data;
  std::optional<Bytes> salt;
  std::optional<std::int32_t> iteration_count;
};
template <>
struct Described<DerivationParameters> {
  static const Shape shape;
};

}  // namespace keyway::kmip
