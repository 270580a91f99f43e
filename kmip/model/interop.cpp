#include <kmip/model/interop.h>

namespace keyway::kmip {

constexpr Row interop_request_rows[] = {
    field<&InteropRequest::interop_function>(Tag::InteropFunction),
    field<&InteropRequest::interop_identifier>(Tag::InteropIdentifier),
};
static_assert(well_formed(interop_request_rows));
constinit const Shape Described<InteropRequest>::shape{interop_request_rows};

constinit const Shape Described<InteropResponse>::shape;

}  // namespace keyway::kmip
