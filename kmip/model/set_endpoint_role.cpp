#include <kmip/model/set_endpoint_role.h>

namespace keyway::kmip {

constexpr Row set_endpoint_role_request_rows[] = {
    field<&SetEndpointRoleRequest::endpoint_role>(Tag::EndpointRole),
};
static_assert(well_formed(set_endpoint_role_request_rows));
constinit const Shape Described<SetEndpointRoleRequest>::shape{set_endpoint_role_request_rows};

constexpr Row set_endpoint_role_response_rows[] = {
    field<&SetEndpointRoleResponse::endpoint_role>(Tag::EndpointRole),
};
static_assert(well_formed(set_endpoint_role_response_rows));
constinit const Shape Described<SetEndpointRoleResponse>::shape{set_endpoint_role_response_rows};

}  // namespace keyway::kmip
