#include <kmip/model/signature_verify.h>

namespace keyway::kmip {

using enum Version;

constexpr auto signature_verify_request_rows =
    joined(field<&SignatureVerifyRequest::unique_identifier>(Tag::UniqueIdentifier),
           field<&SignatureVerifyRequest::cryptographic_parameters>(Tag::CryptographicParameters),
           field<&SignatureVerifyRequest::data>(Tag::Data).secret(),
           earlier_data<&SignatureVerifyRequest::earlier_data>(),
           field<&SignatureVerifyRequest::digested_data>(Tag::DigestedData).from(V1_4),
           field<&SignatureVerifyRequest::signature_data>(Tag::SignatureData).must_until(V1_2),
           field<&SignatureVerifyRequest::correlation_value>(Tag::CorrelationValue).from(V1_3),
           field<&SignatureVerifyRequest::init_indicator>(Tag::InitIndicator).from(V1_3),
           field<&SignatureVerifyRequest::final_indicator>(Tag::FinalIndicator).from(V1_3));
static_assert(well_formed(signature_verify_request_rows));
constinit const Shape Described<SignatureVerifyRequest>::shape{signature_verify_request_rows};

constexpr Row signature_verify_response_rows[] = {
    field<&SignatureVerifyResponse::unique_identifier>(Tag::UniqueIdentifier),
    field<&SignatureVerifyResponse::validity_indicator>(Tag::ValidityIndicator).must_until(V1_2),
    field<&SignatureVerifyResponse::data>(Tag::Data).secret(),
    field<&SignatureVerifyResponse::correlation_value>(Tag::CorrelationValue).from(V1_3),
};
static_assert(well_formed(signature_verify_response_rows));
constinit const Shape Described<SignatureVerifyResponse>::shape{signature_verify_response_rows};

}  // namespace keyway::kmip
