#include <kmip/model/set_attribute.h>

namespace keyway::kmip {

constexpr Row set_attribute_request_rows[] = {
    field<&SetAttributeRequest::unique_identifier>(Tag::UniqueIdentifier),
    one_attribute<&SetAttributeRequest::attribute>(Tag::NewAttribute),
};
static_assert(well_formed(set_attribute_request_rows));
constinit const Shape Described<SetAttributeRequest>::shape{set_attribute_request_rows};

constexpr Row set_attribute_response_rows[] = {
    field<&SetAttributeResponse::unique_identifier>(Tag::UniqueIdentifier),
};
static_assert(well_formed(set_attribute_response_rows));
constinit const Shape Described<SetAttributeResponse>::shape{set_attribute_response_rows};

}  // namespace keyway::kmip
