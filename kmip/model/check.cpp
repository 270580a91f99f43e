#include <kmip/model/check.h>

namespace keyway::kmip {

using enum Version;

constexpr Row check_request_rows[] = {
    field<&CheckRequest::unique_identifier>(Tag::UniqueIdentifier),
    field<&CheckRequest::usage_limits_count>(Tag::UsageLimitsCount),
    field<&CheckRequest::cryptographic_usage_mask>(Tag::CryptographicUsageMask),
    field<&CheckRequest::lease_time>(Tag::LeaseTime),
};
static_assert(well_formed(check_request_rows));
constinit const Shape Described<CheckRequest>::shape{check_request_rows};

constexpr Row check_response_rows[] = {
    field<&CheckResponse::unique_identifier>(Tag::UniqueIdentifier).must_until(V1_0),
    field<&CheckResponse::usage_limits_count>(Tag::UsageLimitsCount),
    field<&CheckResponse::cryptographic_usage_mask>(Tag::CryptographicUsageMask),
    field<&CheckResponse::lease_time>(Tag::LeaseTime),
};
static_assert(well_formed(check_response_rows));
constinit const Shape Described<CheckResponse>::shape{check_response_rows};

}  // namespace keyway::kmip
