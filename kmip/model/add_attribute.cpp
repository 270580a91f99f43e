#include <kmip/model/add_attribute.h>

namespace keyway::kmip {

constexpr Row add_attribute_request_rows[] = {
    field<&AddAttributeRequest::unique_identifier>(Tag::UniqueIdentifier),
    one_attribute<&AddAttributeRequest::attribute>(Tag::NewAttribute),
    one_attribute_item<&AddAttributeRequest::attribute>(),
};
static_assert(well_formed(add_attribute_request_rows));
constinit const Shape Described<AddAttributeRequest>::shape{add_attribute_request_rows};

constexpr Row add_attribute_response_rows[] = {
    field<&AddAttributeResponse::unique_identifier>(Tag::UniqueIdentifier),
    one_attribute_item<&AddAttributeResponse::attribute>().must(),
};
static_assert(well_formed(add_attribute_response_rows));
constinit const Shape Described<AddAttributeResponse>::shape{add_attribute_response_rows};

}  // namespace keyway::kmip
