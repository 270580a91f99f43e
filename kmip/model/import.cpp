#include <kmip/model/import.h>

namespace keyway::kmip {

using enum Version;

constexpr auto import_request_rows = joined(
    field<&ImportRequest::unique_identifier>(Tag::UniqueIdentifier),
    field<&ImportRequest::object_type>(Tag::ObjectType).from(V2_0).must(),
    field<&ImportRequest::replace_existing>(Tag::ReplaceExisting),
    field<&ImportRequest::key_wrap_type>(Tag::KeyWrapType), kmip::attributes<&ImportRequest::attributes>(),
    some_attribute_items<&ImportRequest::attributes>(), managed_object<&ImportRequest::object>());
static_assert(well_formed(import_request_rows));
constinit const Shape Described<ImportRequest>::shape{import_request_rows};

constexpr Row import_response_rows[] = {
    field<&ImportResponse::unique_identifier>(Tag::UniqueIdentifier),
};
static_assert(well_formed(import_response_rows));
constinit const Shape Described<ImportResponse>::shape{import_response_rows};

}  // namespace keyway::kmip
