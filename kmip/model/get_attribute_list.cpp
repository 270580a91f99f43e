#include <kmip/model/get_attribute_list.h>

namespace keyway::kmip {

constexpr Row get_attribute_list_request_rows[] = {
    field<&GetAttributeListRequest::unique_identifier>(Tag::UniqueIdentifier),
};
static_assert(well_formed(get_attribute_list_request_rows));
constinit const Shape Described<GetAttributeListRequest>::shape{get_attribute_list_request_rows};

constexpr Row get_attribute_list_response_rows[] = {
    field<&GetAttributeListResponse::unique_identifier>(Tag::UniqueIdentifier),
    attribute_references<&GetAttributeListResponse::names>().must(),
    attribute_names<&GetAttributeListResponse::names>().must(),
};
static_assert(well_formed(get_attribute_list_response_rows));
constinit const Shape Described<GetAttributeListResponse>::shape{get_attribute_list_response_rows};

}  // namespace keyway::kmip
