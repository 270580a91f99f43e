#include <kmip/model/login.h>

namespace keyway::kmip {

constexpr Row login_request_rows[] = {
    field<&LoginRequest::lease_time>(Tag::LeaseTime),
    field<&LoginRequest::lease_end>(Tag::LeaseTime),
    field<&LoginRequest::request_count>(Tag::RequestCount),
    field<&LoginRequest::usage_limits>(Tag::UsageLimits),
};
static_assert(well_formed(login_request_rows));
constinit const Shape Described<LoginRequest>::shape{login_request_rows};

constexpr Row login_response_rows[] = {
    field<&LoginResponse::ticket>(Tag::Ticket),
};
static_assert(well_formed(login_response_rows));
constinit const Shape Described<LoginResponse>::shape{login_response_rows};

}  // namespace keyway::kmip
