#include <kmip/model/register.h>

namespace keyway::kmip {

constexpr Row register_request_rows[] = {
    field<&RegisterRequest::object_type>(Tag::ObjectType), kmip::attributes<&RegisterRequest::attributes>(),
    template_attribute<&RegisterRequest::attributes>(),    symmetric_key_row<&RegisterRequest::object>(),
    secret_data_row<&RegisterRequest::object>(),
};
static_assert(well_formed(register_request_rows));
constinit const Shape Described<RegisterRequest>::shape{register_request_rows};

constexpr Row register_response_rows[] = {
    field<&RegisterResponse::unique_identifier>(Tag::UniqueIdentifier),
    template_attribute<&RegisterResponse::attributes>(),
};
static_assert(well_formed(register_response_rows));
constinit const Shape Described<RegisterResponse>::shape{register_response_rows};

}  // namespace keyway::kmip
