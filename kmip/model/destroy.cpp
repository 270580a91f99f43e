#include <kmip/model/destroy.h>

namespace keyway::kmip {

constexpr Row destroy_request_rows[] = {
    field<&DestroyRequest::unique_identifier>(Tag::UniqueIdentifier),
};
static_assert(well_formed(destroy_request_rows));
constinit const Shape Described<DestroyRequest>::shape{destroy_request_rows};

constexpr Row destroy_response_rows[] = {
    field<&DestroyResponse::unique_identifier>(Tag::UniqueIdentifier),
};
static_assert(well_formed(destroy_response_rows));
constinit const Shape Described<DestroyResponse>::shape{destroy_response_rows};

}  // namespace keyway::kmip
