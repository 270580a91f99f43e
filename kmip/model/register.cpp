#include <kmip/model/register.h>

namespace keyway::kmip {

using enum Version;

constexpr auto register_request_rows = joined(
    field<&RegisterRequest::object_type>(Tag::ObjectType), kmip::attributes<&RegisterRequest::attributes>(),
    template_attribute<&RegisterRequest::attributes>(), managed_object<&RegisterRequest::object>(V1_2),
    field<&RegisterRequest::protection_storage_masks>(Tag::ProtectionStorageMasks).from(V2_0));
static_assert(well_formed(register_request_rows));
constinit const Shape Described<RegisterRequest>::shape{register_request_rows};

constexpr Row register_response_rows[] = {
    field<&RegisterResponse::unique_identifier>(Tag::UniqueIdentifier),
    template_attribute<&RegisterResponse::attributes>(),
};
static_assert(well_formed(register_response_rows));
constinit const Shape Described<RegisterResponse>::shape{register_response_rows};

}  // namespace keyway::kmip
