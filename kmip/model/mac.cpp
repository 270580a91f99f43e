#include <kmip/model/mac.h>

namespace keyway::kmip {

using enum Version;

constexpr auto mac_request_rows = joined(
    field<&MacRequest::unique_identifier>(Tag::UniqueIdentifier),
    field<&MacRequest::cryptographic_parameters>(Tag::CryptographicParameters),
    field<&MacRequest::data>(Tag::Data).must_until(V1_2).secret(), earlier_data<&MacRequest::earlier_data>(),
    field<&MacRequest::correlation_value>(Tag::CorrelationValue).from(V1_3),
    field<&MacRequest::init_indicator>(Tag::InitIndicator).from(V1_3),
    field<&MacRequest::final_indicator>(Tag::FinalIndicator).from(V1_3));
static_assert(well_formed(mac_request_rows));
constinit const Shape Described<MacRequest>::shape{mac_request_rows};

constexpr Row mac_response_rows[] = {
    field<&MacResponse::unique_identifier>(Tag::UniqueIdentifier),
    field<&MacResponse::mac_data>(Tag::MACData).must_until(V1_2),
    field<&MacResponse::correlation_value>(Tag::CorrelationValue).from(V1_3),
};
static_assert(well_formed(mac_response_rows));
constinit const Shape Described<MacResponse>::shape{mac_response_rows};

}  // namespace keyway::kmip
