#include <kmip/model/obtain_lease.h>

namespace keyway::kmip {

constexpr Row obtain_lease_request_rows[] = {
    field<&ObtainLeaseRequest::unique_identifier>(Tag::UniqueIdentifier),
};
static_assert(well_formed(obtain_lease_request_rows));
constinit const Shape Described<ObtainLeaseRequest>::shape{obtain_lease_request_rows};

constexpr Row obtain_lease_response_rows[] = {
    field<&ObtainLeaseResponse::unique_identifier>(Tag::UniqueIdentifier),
    field<&ObtainLeaseResponse::lease_time>(Tag::LeaseTime),
    field<&ObtainLeaseResponse::last_change_date>(Tag::LastChangeDate),
};
static_assert(well_formed(obtain_lease_response_rows));
constinit const Shape Described<ObtainLeaseResponse>::shape{obtain_lease_response_rows};

}  // namespace keyway::kmip
