#include <kmip/model/archive.h>

namespace keyway::kmip {

constexpr Row archive_request_rows[] = {
    field<&ArchiveRequest::unique_identifier>(Tag::UniqueIdentifier),
};
static_assert(well_formed(archive_request_rows));
constinit const Shape Described<ArchiveRequest>::shape{archive_request_rows};

constexpr Row archive_response_rows[] = {
    field<&ArchiveResponse::unique_identifier>(Tag::UniqueIdentifier),
};
static_assert(well_formed(archive_response_rows));
constinit const Shape Described<ArchiveResponse>::shape{archive_response_rows};

}  // namespace keyway::kmip
