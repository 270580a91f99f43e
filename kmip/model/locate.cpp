#include <kmip/model/locate.h>

namespace keyway::kmip {

using enum Version;

constexpr Row locate_request_rows[] = {
    field<&LocateRequest::maximum_items>(Tag::MaximumItems),
    field<&LocateRequest::offset_items>(Tag::OffsetItems).from(V1_3),
    field<&LocateRequest::storage_status_mask>(Tag::StorageStatusMask),
    field<&LocateRequest::object_group_member>(Tag::ObjectGroupMember).from(V1_1).until(V2_1),
    kmip::attributes<&LocateRequest::attributes>(),
    attribute_items<&LocateRequest::attributes>(),
};
static_assert(well_formed(locate_request_rows));
constinit const Shape Described<LocateRequest>::shape{locate_request_rows};

constexpr Row locate_response_rows[] = {
    field<&LocateResponse::located_items>(Tag::LocatedItems).from(V1_3),
    field<&LocateResponse::unique_identifiers>(Tag::UniqueIdentifier),
};
static_assert(well_formed(locate_response_rows));
constinit const Shape Described<LocateResponse>::shape{locate_response_rows};

}  // namespace keyway::kmip
