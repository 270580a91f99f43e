#include <kmip/model/hash.h>

namespace keyway::kmip {

using enum Version;

constexpr auto hash_request_rows =
    joined(field<&HashRequest::cryptographic_parameters>(Tag::CryptographicParameters),
           field<&HashRequest::data>(Tag::Data).must_until(V1_2).secret(),
           earlier_data<&HashRequest::earlier_data>(),
           field<&HashRequest::correlation_value>(Tag::CorrelationValue).from(V1_3),
           field<&HashRequest::init_indicator>(Tag::InitIndicator).from(V1_3),
           field<&HashRequest::final_indicator>(Tag::FinalIndicator).from(V1_3));
static_assert(well_formed(hash_request_rows));
constinit const Shape Described<HashRequest>::shape{hash_request_rows};

constexpr Row hash_response_rows[] = {
    field<&HashResponse::data>(Tag::Data).must_until(V1_2).secret(),
    field<&HashResponse::correlation_value>(Tag::CorrelationValue).from(V1_3),
};
static_assert(well_formed(hash_response_rows));
constinit const Shape Described<HashResponse>::shape{hash_response_rows};

}  // namespace keyway::kmip
