// Validate (KMIP 1.4 §4.24, 2.1 §6.1.57).
#pragma once

#include <optional>
#include <vector>

#include <kmip/model/identifier.h>
#include <kmip/model/object.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct ValidateResponse {
  ValidityIndicator validity_indicator{};
};
template <>
struct Described<ValidateResponse> {
  static const Shape shape;
};

struct ValidateRequest {
  static constexpr Operation operation = Operation::Validate;
  using Response = ValidateResponse;

  std::vector<Certificate> certificates;
  std::vector<Identifier> unique_identifiers;
  std::optional<DateTime> validity_date;
};
template <>
struct Described<ValidateRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
