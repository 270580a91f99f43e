// Archive (KMIP 1.4 §4.22, 2.1 §6.1.4).
#pragma once

#include <optional>

#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct ArchiveResponse {
  Text unique_identifier;
};
template <>
struct Described<ArchiveResponse> {
  static const Shape shape;
};

struct ArchiveRequest {
  static constexpr Operation operation = Operation::Archive;
  using Response = ArchiveResponse;

  std::optional<Identifier> unique_identifier;
};
template <>
struct Described<ArchiveRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
