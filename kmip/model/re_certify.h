// Re-certify (KMIP 1.4 §4.8, 2.1 §6.1.45).
#pragma once

#include <optional>

#include <kmip/model/attributes.h>
#include <kmip/model/defaults.h>
#include <kmip/model/identifier.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct ReCertifyResponse {
  Text unique_identifier;
  std::optional<Attributes> attributes;
};
template <>
struct Described<ReCertifyResponse> {
  static const Shape shape;
};

struct ReCertifyRequest {
  static constexpr Operation operation = Operation::ReCertify;
  using Response = ReCertifyResponse;

  std::optional<Identifier> unique_identifier;
  std::optional<Text> certificate_request_unique_identifier;
  std::optional<CertificateRequestType> certificate_request_type;
  std::optional<Bytes> certificate_request;
  std::optional<Interval> offset;
  std::optional<Attributes> attributes;
  std::optional<ProtectionStorageMasks> protection_storage_masks;
};
template <>
struct Described<ReCertifyRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
