// Notify (KMIP 1.4 §5.1, 2.1 §6.2.2).
#pragma once

#include <optional>

#include <kmip/model/attributes.h>
#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct NotifyResponse {};
template <>
struct Described<NotifyResponse> {
  static const Shape shape;
};

struct NotifyRequest {
  static constexpr Operation operation = Operation::Notify;
  using Response = NotifyResponse;

  Identifier unique_identifier;
  std::optional<Attributes> attributes;
  AttributeIds names;
};
template <>
struct Described<NotifyRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
