// What a client may do with the attributes of an object that exists: the rules of 1.4 §3 and 2.1 §4, checked
// before anything is changed, and the changes themselves, which cannot fail.
#pragma once

#include <optional>

#include <kmip/server/object_store.h>
#include <kmip/server/refusal.h>

namespace keyway::kmip::server {

// An attribute operation's own words for what they have in common (1.4 §11.15 to §11.17, 2.1 §6.1.x.1).
struct ChangeReasons {
  Reason read_only;
  Reason bad_value;
};

// check_changeable refuses objects whose attributes are final.
Outcome<> check_changeable(const Object& object);

// check_new_value refuses what a client may not give as a new value: attributes that the server sets or does
// not support, and values that are none. It does not look at what the object has.
Outcome<> check_new_value(const Attributes& attribute, Version version, const ChangeReasons& reasons);

// check_add, check_modify and check_delete look at the object's state and its other attributes too.
// `replaced` is the value that would go.
Outcome<> check_add(const ObjectStore& store, const Object& object, const Attributes& attribute,
                    const ChangeReasons& reasons, DateTime now);
Outcome<> check_modify(const ObjectStore& store, const Object& object, const Attributes::View& replaced,
                       const Attributes& attribute, const ChangeReasons& reasons, DateTime now);
Outcome<> check_delete(const AttributeId& id, const ChangeReasons& reasons);

// The changes. `attribute` and `index` passed the checks above.
void add_instance(ObjectStore& store, Object& object, const Attributes& attribute, DateTime now);
void modify_instance(ObjectStore& store, Object& object, std::int32_t index, const Attributes& attribute,
                     DateTime now);
// delete_instances removes one instance, or all of them when `index` is absent.
void delete_instances(ObjectStore& store, Object& object, const AttributeId& id,
                      std::optional<std::int32_t> index, DateTime now);

}  // namespace keyway::kmip::server
