#include <kmip/model/put.h>

namespace keyway::kmip {

constexpr auto put_request_rows =
    joined(field<&PutRequest::unique_identifier>(Tag::UniqueIdentifier),
           field<&PutRequest::put_function>(Tag::PutFunction),
           field<&PutRequest::replaced_unique_identifier>(Tag::ReplacedUniqueIdentifier),
           managed_object<&PutRequest::object>(), kmip::attributes<&PutRequest::attributes>(),
           attribute_items<&PutRequest::attributes>());
static_assert(well_formed(put_request_rows));
constinit const Shape Described<PutRequest>::shape{put_request_rows};

constinit const Shape Described<PutResponse>::shape;

}  // namespace keyway::kmip
