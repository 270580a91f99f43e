#include <kmip/model/rights.h>

namespace keyway::kmip {

using enum Version;

constexpr Row operations_rows[] = {
    field<&Operations::operations>(Tag::Operation),
};
static_assert(well_formed(operations_rows));
constinit const Shape Described<Operations>::shape{operations_rows};

constexpr Row objects_rows[] = {
    field<&Objects::unique_identifiers>(Tag::UniqueIdentifier),
};
static_assert(well_formed(objects_rows));
constinit const Shape Described<Objects>::shape{objects_rows};

constexpr Row right_rows[] = {
    field<&Right::usage_limits>(Tag::UsageLimits),
    field<&Right::operations>(Tag::Operations),
    field<&Right::objects>(Tag::Objects),
    field<&Right::object_groups>(Tag::ObjectGroups).from(V2_1),
};
static_assert(well_formed(right_rows));
constinit const Shape Described<Right>::shape{right_rows};

constexpr Row rights_rows[] = {
    field<&Rights::rights>(Tag::Right),
};
static_assert(well_formed(rights_rows));
constinit const Shape Described<Rights>::shape{rights_rows};

}  // namespace keyway::kmip
