#include <kmip/model/create.h>

namespace keyway::kmip {

constexpr Row create_request_rows[] = {
    field<&CreateRequest::object_type>(Tag::ObjectType),
    kmip::attributes<&CreateRequest::attributes>(),
    field<&CreateRequest::protection_storage_masks>(Tag::ProtectionStorageMasks).from(Version::V2_0),
    template_attribute<&CreateRequest::attributes>(),
};
static_assert(well_formed(create_request_rows));
constinit const Shape Described<CreateRequest>::shape{create_request_rows};

constexpr Row create_response_rows[] = {
    field<&CreateResponse::object_type>(Tag::ObjectType),
    field<&CreateResponse::unique_identifier>(Tag::UniqueIdentifier),
    template_attribute<&CreateResponse::attributes>(),
};
static_assert(well_formed(create_response_rows));
constinit const Shape Described<CreateResponse>::shape{create_response_rows};

}  // namespace keyway::kmip
