#include <kmip/model/delete_attribute.h>

namespace keyway::kmip {

using enum Version;

constexpr Row delete_attribute_request_rows[] = {
    field<&DeleteAttributeRequest::unique_identifier>(Tag::UniqueIdentifier),
    one_attribute<&DeleteAttributeRequest::current_attribute>(Tag::CurrentAttribute),
    one_attribute_reference<&DeleteAttributeRequest::attribute>(),
    one_attribute_name<&DeleteAttributeRequest::attribute>().must(),
    field<&DeleteAttributeRequest::attribute_index>(Tag::AttributeIndex).until(V1_4),
};
static_assert(well_formed(delete_attribute_request_rows));
constinit const Shape Described<DeleteAttributeRequest>::shape{delete_attribute_request_rows};

constexpr Row delete_attribute_response_rows[] = {
    field<&DeleteAttributeResponse::unique_identifier>(Tag::UniqueIdentifier),
    one_attribute_item<&DeleteAttributeResponse::attribute>().must(),
};
static_assert(well_formed(delete_attribute_response_rows));
constinit const Shape Described<DeleteAttributeResponse>::shape{delete_attribute_response_rows};

}  // namespace keyway::kmip
