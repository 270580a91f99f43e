// Objects as the server gives them out: what Get and Export have in common.
#pragma once

#include <optional>

#include <kmip/model/object.h>
#include <kmip/server/object_store.h>
#include <kmip/server/refusal.h>

namespace keyway::kmip::server {

// check_showable refuses objects whose key is gone, or may not leave in the clear.
Outcome<> check_showable(const Object& object);

// show_object is the object with its key, in the Key Format Type asked for or else the default of its type
// (2.1 §4.26). Views in it live as long as `object` is not changed.
Outcome<ManagedObject> show_object(const Object& object, std::optional<KeyFormatType> asked);

// show_destroyed is what is left of a destroyed object: a Key Block without its key (2.1 §6.1.18).
Outcome<ManagedObject> show_destroyed(const Object& object);

}  // namespace keyway::kmip::server
