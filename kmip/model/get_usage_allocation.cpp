#include <kmip/model/get_usage_allocation.h>

namespace keyway::kmip {

constexpr Row get_usage_allocation_request_rows[] = {
    field<&GetUsageAllocationRequest::unique_identifier>(Tag::UniqueIdentifier),
    field<&GetUsageAllocationRequest::usage_limits_count>(Tag::UsageLimitsCount),
};
static_assert(well_formed(get_usage_allocation_request_rows));
constinit const Shape Described<GetUsageAllocationRequest>::shape{get_usage_allocation_request_rows};

constexpr Row get_usage_allocation_response_rows[] = {
    field<&GetUsageAllocationResponse::unique_identifier>(Tag::UniqueIdentifier),
};
static_assert(well_formed(get_usage_allocation_response_rows));
constinit const Shape Described<GetUsageAllocationResponse>::shape{get_usage_allocation_response_rows};

}  // namespace keyway::kmip
