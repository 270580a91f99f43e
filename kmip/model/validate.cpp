#include <kmip/model/validate.h>

namespace keyway::kmip {

constexpr Row validate_request_rows[] = {
    field<&ValidateRequest::certificates>(Tag::Certificate),
    field<&ValidateRequest::unique_identifiers>(Tag::UniqueIdentifier),
    field<&ValidateRequest::validity_date>(Tag::ValidityDate),
};
static_assert(well_formed(validate_request_rows));
constinit const Shape Described<ValidateRequest>::shape{validate_request_rows};

constexpr Row validate_response_rows[] = {
    field<&ValidateResponse::validity_indicator>(Tag::ValidityIndicator),
};
static_assert(well_formed(validate_response_rows));
constinit const Shape Described<ValidateResponse>::shape{validate_response_rows};

}  // namespace keyway::kmip
