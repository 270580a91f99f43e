#include <kmip/model/revoke.h>

namespace keyway::kmip {

constexpr Row revoke_request_rows[] = {
    field<&RevokeRequest::unique_identifier>(Tag::UniqueIdentifier),
    field<&RevokeRequest::revocation_reason>(Tag::RevocationReason),
    field<&RevokeRequest::compromise_occurrence_date>(Tag::CompromiseOccurrenceDate),
};
static_assert(well_formed(revoke_request_rows));
constinit const Shape Described<RevokeRequest>::shape{revoke_request_rows};

constexpr Row revoke_response_rows[] = {
    field<&RevokeResponse::unique_identifier>(Tag::UniqueIdentifier),
};
static_assert(well_formed(revoke_response_rows));
constinit const Shape Described<RevokeResponse>::shape{revoke_response_rows};

}  // namespace keyway::kmip
