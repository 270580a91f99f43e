#include <kmip/model/activate.h>

namespace keyway::kmip {

constexpr Row activate_request_rows[] = {
    field<&ActivateRequest::unique_identifier>(Tag::UniqueIdentifier),
};
static_assert(well_formed(activate_request_rows));
constinit const Shape Described<ActivateRequest>::shape{activate_request_rows};

constexpr Row activate_response_rows[] = {
    field<&ActivateResponse::unique_identifier>(Tag::UniqueIdentifier),
};
static_assert(well_formed(activate_response_rows));
constinit const Shape Described<ActivateResponse>::shape{activate_response_rows};

}  // namespace keyway::kmip
