// Re-key (KMIP 1.4 §4.4, 2.1 §6.1.46).
#pragma once

#include <optional>

#include <kmip/model/attributes.h>
#include <kmip/model/defaults.h>
#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct ReKeyResponse {
  Text unique_identifier;
  std::optional<Attributes> attributes;
};
template <>
struct Described<ReKeyResponse> {
  static const Shape shape;
};

struct ReKeyRequest {
  static constexpr Operation operation = Operation::ReKey;
  using Response = ReKeyResponse;

  std::optional<Identifier> unique_identifier;
  std::optional<Interval> offset;
  std::optional<Attributes> attributes;
  std::optional<ProtectionStorageMasks> protection_storage_masks;
};
template <>
struct Described<ReKeyRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
