#include <kmip/model/modify_attribute.h>

namespace keyway::kmip {

constexpr Row modify_attribute_request_rows[] = {
    field<&ModifyAttributeRequest::unique_identifier>(Tag::UniqueIdentifier),
    one_attribute<&ModifyAttributeRequest::current_attribute>(Tag::CurrentAttribute),
    one_attribute<&ModifyAttributeRequest::attribute>(Tag::NewAttribute),
    one_attribute_item<&ModifyAttributeRequest::attribute>(),
};
static_assert(well_formed(modify_attribute_request_rows));
constinit const Shape Described<ModifyAttributeRequest>::shape{modify_attribute_request_rows};

constexpr Row modify_attribute_response_rows[] = {
    field<&ModifyAttributeResponse::unique_identifier>(Tag::UniqueIdentifier),
    one_attribute_item<&ModifyAttributeResponse::attribute>().must(),
};
static_assert(well_formed(modify_attribute_response_rows));
constinit const Shape Described<ModifyAttributeResponse>::shape{modify_attribute_response_rows};

}  // namespace keyway::kmip
