#include <kmip/model/export.h>

namespace keyway::kmip {

constexpr Row export_request_rows[] = {
    field<&ExportRequest::unique_identifier>(Tag::UniqueIdentifier),
    field<&ExportRequest::key_format_type>(Tag::KeyFormatType),
    field<&ExportRequest::key_wrap_type>(Tag::KeyWrapType),
    field<&ExportRequest::key_compression_type>(Tag::KeyCompressionType),
    field<&ExportRequest::key_wrapping_specification>(Tag::KeyWrappingSpecification),
};
static_assert(well_formed(export_request_rows));
constinit const Shape Described<ExportRequest>::shape{export_request_rows};

constexpr auto export_response_rows =
    joined(field<&ExportResponse::object_type>(Tag::ObjectType),
           field<&ExportResponse::unique_identifier>(Tag::UniqueIdentifier),
           kmip::attributes<&ExportResponse::attributes>(),
           some_attribute_items<&ExportResponse::attributes>(), managed_object<&ExportResponse::object>());
static_assert(well_formed(export_response_rows));
constinit const Shape Described<ExportResponse>::shape{export_response_rows};

}  // namespace keyway::kmip
