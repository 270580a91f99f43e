#include <kmip/model/sign.h>

namespace keyway::kmip {

using enum Version;

constexpr auto sign_request_rows =
    joined(field<&SignRequest::unique_identifier>(Tag::UniqueIdentifier),
           field<&SignRequest::cryptographic_parameters>(Tag::CryptographicParameters),
           field<&SignRequest::data>(Tag::Data).must_until(V1_2).secret(),
           earlier_data<&SignRequest::earlier_data>(),
           field<&SignRequest::digested_data>(Tag::DigestedData).from(V1_4),
           field<&SignRequest::correlation_value>(Tag::CorrelationValue).from(V1_3),
           field<&SignRequest::init_indicator>(Tag::InitIndicator).from(V1_3),
           field<&SignRequest::final_indicator>(Tag::FinalIndicator).from(V1_3));
static_assert(well_formed(sign_request_rows));
constinit const Shape Described<SignRequest>::shape{sign_request_rows};

constexpr Row sign_response_rows[] = {
    field<&SignResponse::unique_identifier>(Tag::UniqueIdentifier),
    field<&SignResponse::signature_data>(Tag::SignatureData).must_until(V1_2),
    field<&SignResponse::correlation_value>(Tag::CorrelationValue).from(V1_3),
};
static_assert(well_formed(sign_response_rows));
constinit const Shape Described<SignResponse>::shape{sign_response_rows};

}  // namespace keyway::kmip
