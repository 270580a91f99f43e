// Re-Provision (KMIP 2.1 §6.1.48). From 2.0.
#pragma once

#include <optional>

#include <kmip/model/object.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct ReProvisionResponse {
  std::optional<Text> unique_identifier;
};
template <>
struct Described<ReProvisionResponse> {
  static const Shape shape;
};

struct ReProvisionRequest {
  static constexpr Operation operation = Operation::ReProvision;
  using Response = ReProvisionResponse;

  std::optional<CertificateRequest> certificate_request;
  std::optional<Certificate> certificate;
};
template <>
struct Described<ReProvisionRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
