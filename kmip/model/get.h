// Get (KMIP 1.4 §4.11, 2.1 §6.1.19).
#pragma once

#include <optional>

#include <kmip/model/identifier.h>
#include <kmip/model/object.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct GetResponse {
  ObjectType object_type{};
  Text unique_identifier;
  ManagedObject object;
};
template <>
struct Described<GetResponse> {
  static const Shape shape;
};

struct GetRequest {
  static constexpr Operation operation = Operation::Get;
  using Response = GetResponse;

  std::optional<Identifier> unique_identifier;
  std::optional<KeyFormatType> key_format_type;
  std::optional<KeyWrapType> key_wrap_type;
  std::optional<KeyCompressionType> key_compression_type;
  std::optional<KeyWrappingSpecification> key_wrapping_specification;
};
template <>
struct Described<GetRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
