#include <kmip/model/re_provision.h>

namespace keyway::kmip {

constexpr Row re_provision_request_rows[] = {
    field<&ReProvisionRequest::certificate_request>(Tag::CertificateRequest),
    field<&ReProvisionRequest::certificate>(Tag::Certificate),
};
static_assert(well_formed(re_provision_request_rows));
constinit const Shape Described<ReProvisionRequest>::shape{re_provision_request_rows};

constexpr Row re_provision_response_rows[] = {
    field<&ReProvisionResponse::unique_identifier>(Tag::UniqueIdentifier),
};
static_assert(well_formed(re_provision_response_rows));
constinit const Shape Described<ReProvisionResponse>::shape{re_provision_response_rows};

}  // namespace keyway::kmip
