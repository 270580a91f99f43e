// What an object's attributes are: those a client may set, and all of them as a version of the protocol
// shows them.
#pragma once

#include <kmip/server/object_store.h>
#include <kmip/server/refusal.h>

namespace keyway::kmip::server {

inline constexpr std::size_t most_attributes = 200;  // of one object

// is_set_by_server is true for what no client may set.
bool is_set_by_server(const AttributeId& id);

// travels says whether `version` can carry the attribute with this value: its tag, and every field of a
// structure.
bool travels(const Attributes::View& view, Version version);

// read_field sets the attribute `tag` of `object` from the list when the object has a field for it. `no`: the
// value is not one; the field is undefined then.
enum class ReadField : std::uint8_t { yes, no, not_known };
ReadField read_field(Object& object, const Attributes& asked, Tag tag);

// check_dates refuses when an end comes before its start.
Outcome<> check_dates(const Object& object);
// dates_fit is true when no end comes before its start with `value` as the date `tag`.
bool dates_fit(const Object& object, Tag tag, DateTime value);

// next_index is the Attribute Index that one more instance of `id` gets.
std::int32_t next_index(const Object& object, const AttributeId& id);

// set_attributes takes the attributes of a Create or Register request into `object`, which is not yet in the
// store. Refuses what the server sets itself, does not support, or cannot read.
Outcome<> set_attributes(Object& object, const Attributes& asked, Version version);

// attributes_of is every attribute of `object` that exists in `version`.
Attributes attributes_of(const Object& object, Version version);

}  // namespace keyway::kmip::server
