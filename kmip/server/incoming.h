// Objects as clients send them: what Register and Import have in common.
#pragma once

#include <kmip/model/object.h>
#include <kmip/server/call.h>

namespace keyway::kmip::server {

// take_object makes an object of what a client sends under the Object Type beside it, with its attributes. It
// is not in the store yet. Refuses what does not fit together, what is no key, and what the server cannot
// hold.
Outcome<Object> take_object(ObjectType type, const ManagedObject& sent, const Attributes& attributes,
                            Version version);

}  // namespace keyway::kmip::server
