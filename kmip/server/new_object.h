// What every operation that makes an object has in common.
#pragma once

#include <kmip/model/attribute_values.h>
#include <kmip/model/defaults.h>
#include <kmip/server/call.h>

namespace keyway::kmip::server {

// check_creatable refuses the algorithms and lengths of Symmetric Keys that this server does not make.
Outcome<> check_creatable(const Object& object);
// check_symmetric refuses attributes that a Symmetric Key made here cannot have.
Outcome<> check_symmetric(const Object& object);
// check_usage_given refuses attributes without a Cryptographic Usage Mask.
Outcome<> check_usage_given(const Attributes& attributes);
// check_protection refuses when none of the masks can be met: this server's storage is software (2.1 §7.33).
Outcome<> check_protection(const std::optional<ProtectionStorageMasks>& masks,
                           Reason reason = reason::no_protection);

// check_room refuses `count` more objects when the server would hold too many, and names that are in use.
Outcome<> check_room(const Call& call, const std::vector<std::string>& names, std::size_t count = 1);

// admit does what every new object goes through, once its attributes and its key are known, and makes it the
// ID Placeholder. The object is in the store then.
Outcome<Object*> admit(Call& call, Object& object);

// check_link_room refuses one more Link on an object that has too many attributes already: every key that is
// made of another adds one.
Outcome<> check_link_room(const Object& object);
// add_link notes on `object` that `other` is its replacement, its public key, and so on (1.4 §3.35).
void add_link(Object& object, LinkType type, const Object& other);

}  // namespace keyway::kmip::server
