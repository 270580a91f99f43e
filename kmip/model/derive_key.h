// Derive Key (KMIP 1.4 §4.6, 2.1 §6.1.14).
#pragma once

#include <optional>
#include <vector>

#include <kmip/model/attributes.h>
#include <kmip/model/derivation_parameters.h>
#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct DeriveKeyResponse {
  Text unique_identifier;
  std::optional<Attributes> attributes;
};
template <>
struct Described<DeriveKeyResponse> {
  static const Shape shape;
};

struct DeriveKeyRequest {
  static constexpr Operation operation = Operation::DeriveKey;
  using Response = DeriveKeyResponse;

  ObjectType object_type{};
  std::vector<Identifier> unique_identifiers;
  DerivationMethod derivation_method{};
  DerivationParameters derivation_parameters;
  Attributes attributes;
};
template <>
struct Described<DeriveKeyRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
