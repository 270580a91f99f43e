#include <kmip/model/set_constraints.h>

namespace keyway::kmip {

constexpr Row set_constraints_request_rows[] = {
    field<&SetConstraintsRequest::constraints>(Tag::Constraints),
};
static_assert(well_formed(set_constraints_request_rows));
constinit const Shape Described<SetConstraintsRequest>::shape{set_constraints_request_rows};

constinit const Shape Described<SetConstraintsResponse>::shape;

}  // namespace keyway::kmip
