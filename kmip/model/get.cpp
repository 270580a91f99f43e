#include <kmip/model/get.h>

namespace keyway::kmip {

using enum Version;

constexpr Row get_request_rows[] = {
    field<&GetRequest::unique_identifier>(Tag::UniqueIdentifier),
    field<&GetRequest::key_format_type>(Tag::KeyFormatType),
    field<&GetRequest::key_wrap_type>(Tag::KeyWrapType).from(V1_4),
    field<&GetRequest::key_compression_type>(Tag::KeyCompressionType),
    field<&GetRequest::key_wrapping_specification>(Tag::KeyWrappingSpecification),
};
static_assert(well_formed(get_request_rows));
constinit const Shape Described<GetRequest>::shape{get_request_rows};

constexpr auto get_response_rows = joined(field<&GetResponse::object_type>(Tag::ObjectType),
                                          field<&GetResponse::unique_identifier>(Tag::UniqueIdentifier),
                                          managed_object<&GetResponse::object>());
static_assert(well_formed(get_response_rows));
constinit const Shape Described<GetResponse>::shape{get_response_rows};

}  // namespace keyway::kmip
