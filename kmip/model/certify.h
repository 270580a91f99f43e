// Certify (KMIP 1.4 §4.7, 2.1 §6.1.6).
#pragma once

#include <optional>

#include <kmip/model/attributes.h>
#include <kmip/model/defaults.h>
#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct CertifyResponse {
  Text unique_identifier;
  std::optional<Attributes> attributes;
};
template <>
struct Described<CertifyResponse> {
  static const Shape shape;
};

struct CertifyRequest {
  static constexpr Operation operation = Operation::Certify;
  using Response = CertifyResponse;

  std::optional<Identifier> unique_identifier;
  std::optional<CertificateRequestType> certificate_request_type;
  std::optional<Bytes> certificate_request;
  std::optional<Attributes> attributes;
  std::optional<ProtectionStorageMasks> protection_storage_masks;
};
template <>
struct Described<CertifyRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
