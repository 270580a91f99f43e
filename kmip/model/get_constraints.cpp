#include <kmip/model/get_constraints.h>

namespace keyway::kmip {

constinit const Shape Described<GetConstraintsRequest>::shape;

constexpr Row get_constraints_response_rows[] = {
    field<&GetConstraintsResponse::constraints>(Tag::Constraints),
};
static_assert(well_formed(get_constraints_response_rows));
constinit const Shape Described<GetConstraintsResponse>::shape{get_constraints_response_rows};

}  // namespace keyway::kmip
