// Set Defaults (KMIP 2.1 §6.1.53). From 2.1.
#pragma once

#include <optional>

#include <kmip/model/defaults.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct SetDefaultsResponse {};
template <>
struct Described<SetDefaultsResponse> {
  static const Shape shape;
};

struct SetDefaultsRequest {
  static constexpr Operation operation = Operation::SetDefaults;
  using Response = SetDefaultsResponse;

  std::optional<DefaultsInformation> defaults_information;
};
template <>
struct Described<SetDefaultsRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
