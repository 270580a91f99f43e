#include <kmip/model/notify.h>

namespace keyway::kmip {

constexpr Row notify_request_rows[] = {
    field<&NotifyRequest::unique_identifier>(Tag::UniqueIdentifier),
    kmip::attributes<&NotifyRequest::attributes>(),
    attribute_references<&NotifyRequest::names>(),
    some_attribute_items<&NotifyRequest::attributes>(),
};
static_assert(well_formed(notify_request_rows));
constinit const Shape Described<NotifyRequest>::shape{notify_request_rows};

constinit const Shape Described<NotifyResponse>::shape;

}  // namespace keyway::kmip
