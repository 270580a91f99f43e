// Export (KMIP 1.4 §4.40, 2.1 §6.1.18). From 1.4.
#pragma once

#include <optional>

#include <kmip/model/attributes.h>
#include <kmip/model/identifier.h>
#include <kmip/model/object.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct ExportResponse {
  ObjectType object_type{};
  Text unique_identifier;
  Attributes attributes;
  ManagedObject object;
};
template <>
struct Described<ExportResponse> {
  static const Shape shape;
};

struct ExportRequest {
  static constexpr Operation operation = Operation::Export;
  using Response = ExportResponse;

  std::optional<Identifier> unique_identifier;
  std::optional<KeyFormatType> key_format_type;
  std::optional<KeyWrapType> key_wrap_type;
  std::optional<KeyCompressionType> key_compression_type;
  std::optional<KeyWrappingSpecification> key_wrapping_specification;
};
template <>
struct Described<ExportRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
