// What an object's attributes are: those a client may set, and all of them as a version of the protocol
// shows them.
#pragma once

#include <kmip/server/object_store.h>
#include <kmip/server/refusal.h>

namespace keyway::kmip::server {

// set_attributes takes the attributes of a Create or Register request into `object`, which is not yet in the
// store. Refuses what the server sets itself, does not support, or cannot read.
Outcome<> set_attributes(Object& object, const Attributes& asked, Version version);

// attributes_of is every attribute of `object` that exists in `version`.
Attributes attributes_of(const Object& object, Version version);

}  // namespace keyway::kmip::server
