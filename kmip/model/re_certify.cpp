#include <kmip/model/re_certify.h>

namespace keyway::kmip {

using enum Version;

constexpr Row re_certify_request_rows[] = {
    field<&ReCertifyRequest::unique_identifier>(Tag::UniqueIdentifier),
    field<&ReCertifyRequest::certificate_request_unique_identifier>(Tag::CertificateRequestUniqueIdentifier)
        .from(V2_0),
    field<&ReCertifyRequest::certificate_request_type>(Tag::CertificateRequestType).must_until(V1_0),
    field<&ReCertifyRequest::certificate_request>(Tag::CertificateRequestValue).from(V2_0),
    field<&ReCertifyRequest::certificate_request>(Tag::CertificateRequest)
        .of(Type::ByteString)
        .until(V1_4)
        .must_until(V1_0),
    field<&ReCertifyRequest::offset>(Tag::Offset),
    kmip::attributes<&ReCertifyRequest::attributes>(),
    field<&ReCertifyRequest::protection_storage_masks>(Tag::ProtectionStorageMasks).from(V2_0),
    template_attribute<&ReCertifyRequest::attributes>(),
};
static_assert(well_formed(re_certify_request_rows));
constinit const Shape Described<ReCertifyRequest>::shape{re_certify_request_rows};

constexpr Row re_certify_response_rows[] = {
    field<&ReCertifyResponse::unique_identifier>(Tag::UniqueIdentifier),
    template_attribute<&ReCertifyResponse::attributes>(),
};
static_assert(well_formed(re_certify_response_rows));
constinit const Shape Described<ReCertifyResponse>::shape{re_certify_response_rows};

}  // namespace keyway::kmip
