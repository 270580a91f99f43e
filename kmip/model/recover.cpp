#include <kmip/model/recover.h>

namespace keyway::kmip {

constexpr Row recover_request_rows[] = {
    field<&RecoverRequest::unique_identifier>(Tag::UniqueIdentifier),
};
static_assert(well_formed(recover_request_rows));
constinit const Shape Described<RecoverRequest>::shape{recover_request_rows};

constexpr Row recover_response_rows[] = {
    field<&RecoverResponse::unique_identifier>(Tag::UniqueIdentifier),
};
static_assert(well_formed(recover_response_rows));
constinit const Shape Described<RecoverResponse>::shape{recover_response_rows};

}  // namespace keyway::kmip
