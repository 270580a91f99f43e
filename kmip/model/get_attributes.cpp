#include <kmip/model/get_attributes.h>

namespace keyway::kmip {

constexpr Row get_attributes_request_rows[] = {
    field<&GetAttributesRequest::unique_identifier>(Tag::UniqueIdentifier),
    attribute_references<&GetAttributesRequest::names>(),
    attribute_names<&GetAttributesRequest::names>(),
};
static_assert(well_formed(get_attributes_request_rows));
constinit const Shape Described<GetAttributesRequest>::shape{get_attributes_request_rows};

constexpr Row get_attributes_response_rows[] = {
    field<&GetAttributesResponse::unique_identifier>(Tag::UniqueIdentifier),
    kmip::attributes<&GetAttributesResponse::attributes>(),
    attribute_items<&GetAttributesResponse::attributes>(),
};
static_assert(well_formed(get_attributes_response_rows));
constinit const Shape Described<GetAttributesResponse>::shape{get_attributes_response_rows};

}  // namespace keyway::kmip
