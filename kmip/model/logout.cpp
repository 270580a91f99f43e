#include <kmip/model/logout.h>

namespace keyway::kmip {

constexpr Row logout_request_rows[] = {
    field<&LogoutRequest::ticket>(Tag::Ticket),
};
static_assert(well_formed(logout_request_rows));
constinit const Shape Described<LogoutRequest>::shape{logout_request_rows};

constinit const Shape Described<LogoutResponse>::shape;

}  // namespace keyway::kmip
