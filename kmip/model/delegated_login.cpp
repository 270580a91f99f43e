#include <kmip/model/delegated_login.h>

namespace keyway::kmip {

constexpr Row delegated_login_request_rows[] = {
    field<&DelegatedLoginRequest::lease_time>(Tag::LeaseTime),
    field<&DelegatedLoginRequest::lease_end>(Tag::LeaseTime),
    field<&DelegatedLoginRequest::request_count>(Tag::RequestCount),
    field<&DelegatedLoginRequest::usage_limits>(Tag::UsageLimits),
    field<&DelegatedLoginRequest::rights>(Tag::Rights),
};
static_assert(well_formed(delegated_login_request_rows));
constinit const Shape Described<DelegatedLoginRequest>::shape{delegated_login_request_rows};

constexpr Row delegated_login_response_rows[] = {
    field<&DelegatedLoginResponse::ticket>(Tag::Ticket),
};
static_assert(well_formed(delegated_login_response_rows));
constinit const Shape Described<DelegatedLoginResponse>::shape{delegated_login_response_rows};

}  // namespace keyway::kmip
