#include <kmip/model/defaults.h>

namespace keyway::kmip {

using enum Version;

constexpr Row object_groups_rows[] = {
    field<&ObjectGroups::object_groups>(Tag::ObjectGroup),
};
static_assert(well_formed(object_groups_rows));
constinit const Shape Described<ObjectGroups>::shape{object_groups_rows};

constexpr Row object_types_rows[] = {
    field<&ObjectTypes::object_types>(Tag::ObjectType),
};
static_assert(well_formed(object_types_rows));
constinit const Shape Described<ObjectTypes>::shape{object_types_rows};

constexpr Row protection_storage_masks_rows[] = {
    field<&ProtectionStorageMasks::protection_storage_masks>(Tag::ProtectionStorageMask),
};
static_assert(well_formed(protection_storage_masks_rows));
constinit const Shape Described<ProtectionStorageMasks>::shape{protection_storage_masks_rows};

constexpr Row object_defaults_rows[] = {
    field<&ObjectDefaults::object_type>(Tag::ObjectType),
    kmip::attributes<&ObjectDefaults::attributes>(),
    field<&ObjectDefaults::object_groups>(Tag::ObjectGroups).from(V2_1),
};
static_assert(well_formed(object_defaults_rows));
constinit const Shape Described<ObjectDefaults>::shape{object_defaults_rows};

constexpr Row defaults_information_rows[] = {
    field<&DefaultsInformation::object_defaults>(Tag::ObjectDefaults).must_until(V2_0),
};
static_assert(well_formed(defaults_information_rows));
constinit const Shape Described<DefaultsInformation>::shape{defaults_information_rows};

constexpr Row constraint_rows[] = {
    field<&Constraint::object_types>(Tag::ObjectTypes),
    field<&Constraint::object_groups>(Tag::ObjectGroups),
    kmip::attributes<&Constraint::attributes>(),
};
static_assert(well_formed(constraint_rows));
constinit const Shape Described<Constraint>::shape{constraint_rows};

constexpr Row constraints_rows[] = {
    field<&Constraints::constraints>(Tag::Constraint),
};
static_assert(well_formed(constraints_rows));
constinit const Shape Described<Constraints>::shape{constraints_rows};

}  // namespace keyway::kmip
