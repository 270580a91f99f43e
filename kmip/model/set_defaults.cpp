#include <kmip/model/set_defaults.h>

namespace keyway::kmip {

constexpr Row set_defaults_request_rows[] = {
    field<&SetDefaultsRequest::defaults_information>(Tag::DefaultsInformation),
};
static_assert(well_formed(set_defaults_request_rows));
constinit const Shape Described<SetDefaultsRequest>::shape{set_defaults_request_rows};

constinit const Shape Described<SetDefaultsResponse>::shape;

}  // namespace keyway::kmip
