#include <kmip/model/adjust_attribute.h>

namespace keyway::kmip {

constexpr Row adjust_attribute_request_rows[] = {
    field<&AdjustAttributeRequest::unique_identifier>(Tag::UniqueIdentifier),
    one_attribute_reference<&AdjustAttributeRequest::attribute>().must(),
    field<&AdjustAttributeRequest::adjustment_type>(Tag::AdjustmentType),
    field<&AdjustAttributeRequest::adjustment_value>(Tag::AdjustmentValue),
};
static_assert(well_formed(adjust_attribute_request_rows));
constinit const Shape Described<AdjustAttributeRequest>::shape{adjust_attribute_request_rows};

constexpr Row adjust_attribute_response_rows[] = {
    field<&AdjustAttributeResponse::unique_identifier>(Tag::UniqueIdentifier),
};
static_assert(well_formed(adjust_attribute_response_rows));
constinit const Shape Described<AdjustAttributeResponse>::shape{adjust_attribute_response_rows};

}  // namespace keyway::kmip
