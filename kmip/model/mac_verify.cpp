#include <kmip/model/mac_verify.h>

namespace keyway::kmip {

using enum Version;

constexpr auto mac_verify_request_rows = joined(
    field<&MacVerifyRequest::unique_identifier>(Tag::UniqueIdentifier),
    field<&MacVerifyRequest::cryptographic_parameters>(Tag::CryptographicParameters),
    field<&MacVerifyRequest::data>(Tag::Data).secret(), earlier_data<&MacVerifyRequest::earlier_data>(),
    field<&MacVerifyRequest::mac_data>(Tag::MACData).must_until(V1_2),
    field<&MacVerifyRequest::correlation_value>(Tag::CorrelationValue).from(V1_3),
    field<&MacVerifyRequest::init_indicator>(Tag::InitIndicator).from(V1_3),
    field<&MacVerifyRequest::final_indicator>(Tag::FinalIndicator).from(V1_3));
static_assert(well_formed(mac_verify_request_rows));
constinit const Shape Described<MacVerifyRequest>::shape{mac_verify_request_rows};

constexpr Row mac_verify_response_rows[] = {
    field<&MacVerifyResponse::unique_identifier>(Tag::UniqueIdentifier),
    field<&MacVerifyResponse::validity_indicator>(Tag::ValidityIndicator).must_until(V1_2),
    field<&MacVerifyResponse::correlation_value>(Tag::CorrelationValue).from(V1_3),
};
static_assert(well_formed(mac_verify_response_rows));
constinit const Shape Described<MacVerifyResponse>::shape{mac_verify_response_rows};

}  // namespace keyway::kmip
