// Put (KMIP 1.4 §5.2, 2.1 §6.2.3).
#pragma once

#include <optional>

#include <kmip/model/attributes.h>
#include <kmip/model/identifier.h>
#include <kmip/model/object.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct PutResponse {};
template <>
struct Described<PutResponse> {
  static const Shape shape;
};

struct PutRequest {
  static constexpr Operation operation = Operation::Put;
  using Response = PutResponse;

  Identifier unique_identifier;
  PutFunction put_function{};
  std::optional<Text> replaced_unique_identifier;
  ManagedObject object;
  std::optional<Attributes> attributes;
};
template <>
struct Described<PutRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
