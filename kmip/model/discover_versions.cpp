#include <kmip/model/discover_versions.h>

namespace keyway::kmip {

constexpr Row discover_versions_request_rows[] = {
    field<&DiscoverVersionsRequest::protocol_versions>(Tag::ProtocolVersion),
};
static_assert(well_formed(discover_versions_request_rows));
constinit const Shape Described<DiscoverVersionsRequest>::shape{discover_versions_request_rows};

constexpr Row discover_versions_response_rows[] = {
    field<&DiscoverVersionsResponse::protocol_versions>(Tag::ProtocolVersion),
};
static_assert(well_formed(discover_versions_response_rows));
constinit const Shape Described<DiscoverVersionsResponse>::shape{discover_versions_response_rows};

}  // namespace keyway::kmip
