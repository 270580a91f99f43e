#include <kmip/model/certify.h>

namespace keyway::kmip {

using enum Version;

constexpr Row certify_request_rows[] = {
    field<&CertifyRequest::unique_identifier>(Tag::UniqueIdentifier),
    field<&CertifyRequest::certificate_request_type>(Tag::CertificateRequestType).must_until(V1_0),
    field<&CertifyRequest::certificate_request>(Tag::CertificateRequestValue).from(V2_0),
    kmip::attributes<&CertifyRequest::attributes>(),
    field<&CertifyRequest::protection_storage_masks>(Tag::ProtectionStorageMasks).from(V2_0),
    field<&CertifyRequest::certificate_request>(Tag::CertificateRequest)
        .of(Type::ByteString)
        .until(V1_4)
        .must_until(V1_0),
    template_attribute<&CertifyRequest::attributes>(),
};
static_assert(well_formed(certify_request_rows));
constinit const Shape Described<CertifyRequest>::shape{certify_request_rows};

constexpr Row certify_response_rows[] = {
    field<&CertifyResponse::unique_identifier>(Tag::UniqueIdentifier),
    template_attribute<&CertifyResponse::attributes>(),
};
static_assert(well_formed(certify_response_rows));
constinit const Shape Described<CertifyResponse>::shape{certify_response_rows};

}  // namespace keyway::kmip
