// Add, Modify and Delete Attribute (1.4 §4.14 to §4.16, 2.1 §6.1.2, §6.1.34, §6.1.13) and Set Attribute
// (2.1 §6.1.51). Each answers before it changes anything, so that an answer that does not fit changes
// nothing.
#include <algorithm>

#include <kmip/server/attribute_rules.h>
#include <kmip/server/object_attributes.h>
#include <kmip/server/operations.h>

namespace keyway::kmip::server {

namespace {

constexpr ChangeReasons adding{{ResultReason::PermissionDenied, ResultReason::ReadOnlyAttribute},
                               reason::invalid_field};
constexpr ChangeReasons modifying{{ResultReason::PermissionDenied, ResultReason::AttributeReadOnly},
                                  reason::invalid_field};
constexpr ChangeReasons setting{adding.read_only, reason::invalid_attribute_value};

std::int32_t index_of(const Attributes::View& view) { return view.index.value_or(0); }

// instances are those of one attribute, as the version shows them.
std::vector<Attributes::View> instances(const Attributes& held, const AttributeId& id) {
  std::vector<Attributes::View> found;
  for (std::size_t i = 0; i < held.size(); ++i)
    if (const auto view = held[i]; view.id() == id) found.push_back(view);
  return found;
}

bool same_value(const Attributes::View& a, const Attributes::View& b) {
  return a.value && b.value && a.value->type == b.value->type &&
         std::ranges::equal(a.value->value, b.value->value);
}

// Which instance a request means: by its index in 1.x, by its value in 2.x.
struct Instance {
  std::optional<std::int32_t> index;
  const Attributes* current = nullptr;
};

Outcome<Attributes::View> pick(const std::vector<Attributes::View>& held, const AttributeId& id,
                               const Instance& meant, Reason absent) {
  const std::string label = printable(to_string(id), 128);
  if (held.empty()) return refuse(absent, "the object has no attribute {}", label);
  if (meant.index) {
    const auto found = std::ranges::find(held, *meant.index, index_of);
    if (found != held.end()) return *found;
    return refuse(reason::no_instance, "attribute {} has no instance {}", label, *meant.index);
  }
  if (meant.current) {
    const auto wanted = (*meant.current)[0];
    const auto found = std::ranges::find_if(held, [&](const auto& v) { return same_value(v, wanted); });
    if (found != held.end()) return *found;
    return refuse(reason::no_instance, "attribute {} has no instance of the Current Attribute's value",
                  label);
  }
  if (held.size() == 1) return held.front();
  return refuse(reason::no_instance, "attribute {} has {} instances: give the Current Attribute", label,
                held.size());
}

// one_current is the Current Attribute, which must be about the same attribute as the rest of the request.
Outcome<> check_current(const std::optional<Attributes>& current, const AttributeId& id) {
  if (current && (current->size() != 1 || (*current)[0].id() != id))
    return refuse(reason::invalid_field, "the Current Attribute is another attribute");
  return {};
}

// shown is the attribute as a 1.x response gives it back; 2.x responses have none.
std::optional<Attributes> shown(const Call& call, const Attributes::View& view, std::int32_t index) {
  if (call.version >= Version::V2_0) return std::nullopt;
  std::optional<Attributes> list(std::in_place);
  list->add_raw(view.tag, view.vendor, view.name, index == 0 ? std::nullopt : std::optional(index),
                view.value ? &*view.value : nullptr);
  return list;
}

Outcome<Object*> changeable_object(Call& call, const std::optional<Identifier>& named) {
  const auto found = call.object(named);
  if (!found) return found;
  if (auto good = check_changeable(**found); !good) return std::unexpected(good.error());
  return found;
}

}  // namespace

Outcome<> add_attribute(Call& call, const AddAttributeRequest& request) {
  const auto found = changeable_object(call, request.unique_identifier);
  if (!found) return std::unexpected(found.error());
  Object& object = **found;
  if (auto good = check_new_value(request.attribute, call.version, adding); !good) return good;
  const auto view = request.attribute[0];
  const AttributeId id = view.id();
  if (call.version < Version::V2_0 && view.index)
    return refuse(reason::invalid_field, "a new attribute takes no Attribute Index: the server gives it");
  const AttributeInfo* info = id.is_custom() ? nullptr : find_attribute(id.tag);
  const Attributes held = attributes_of(object, call.version);
  if (info && !info->multiple && !instances(held, id).empty())
    return refuse(reason::attribute_exists, "attribute {} is there already: modify it", info->name);
  if (auto good = check_add(call.store, object, request.attribute, adding, call.now); !good) return good;

  const std::int32_t index = next_index(object, id);
  auto answered = call.answer(AddAttributeResponse{call.mention(object), shown(call, view, index)});
  if (answered) add_instance(call.store, object, request.attribute, call.now);
  return answered;
}

Outcome<> modify_attribute(Call& call, const ModifyAttributeRequest& request) {
  const auto found = changeable_object(call, request.unique_identifier);
  if (!found) return std::unexpected(found.error());
  Object& object = **found;
  if (auto good = check_new_value(request.attribute, call.version, modifying); !good) return good;
  const auto view = request.attribute[0];
  const AttributeId id = view.id();
  if (auto good = check_current(request.current_attribute, id); !good) return good;

  const Attributes held = attributes_of(object, call.version);
  Instance meant;
  if (call.version < Version::V2_0) meant.index = index_of(view);
  if (request.current_attribute) meant.current = &*request.current_attribute;
  const auto old = pick(instances(held, id), id, meant, reason::attribute_to_modify);
  if (!old) return std::unexpected(old.error());
  if (auto good = check_modify(call.store, object, *old, request.attribute, modifying, call.now); !good)
    return good;

  const std::int32_t index = index_of(*old);
  auto answered = call.answer(ModifyAttributeResponse{call.mention(object), shown(call, view, index)});
  if (answered) modify_instance(call.store, object, index, request.attribute, call.now);
  return answered;
}

Outcome<> delete_attribute(Call& call, const DeleteAttributeRequest& request) {
  const auto found = changeable_object(call, request.unique_identifier);
  if (!found) return std::unexpected(found.error());
  Object& object = **found;
  const auto& named = request.attribute.ids;
  const auto& current = request.current_attribute;
  if (named.empty() && (!current || current->size() != 1))
    return refuse(reason::invalid_field, "neither Current Attribute nor Attribute Reference is there");
  const AttributeId id = named.empty() ? (*current)[0].id() : named.front();
  if (!id.is_custom() && !find_attribute(id.tag))
    return refuse(reason::invalid_attribute, "the Attribute Reference is no attribute");
  if (auto good = check_current(current, id); !good) return good;
  if (auto good = check_delete(id, modifying); !good) return good;

  const Attributes held = attributes_of(object, call.version);
  const auto candidates = instances(held, id);
  Instance meant;
  if (call.version < Version::V2_0) meant.index = request.attribute_index.value_or(0);
  if (current) meant.current = &*current;
  // An Attribute Reference alone means all instances (2.1 §6.1.13).
  const bool all = !meant.index && !meant.current && !candidates.empty();
  const auto old = all ? candidates.front() : pick(candidates, id, meant, reason::no_attribute);
  if (!old) return std::unexpected(old.error());

  const std::int32_t index = index_of(*old);
  auto answered = call.answer(DeleteAttributeResponse{call.mention(object), shown(call, *old, index)});
  if (answered) delete_instances(call.store, object, id, all ? std::nullopt : std::optional(index), call.now);
  return answered;
}

Outcome<> set_attribute(Call& call, const SetAttributeRequest& request) {
  const auto found = changeable_object(call, request.unique_identifier);
  if (!found) return std::unexpected(found.error());
  Object& object = **found;
  if (auto good = check_new_value(request.attribute, call.version, setting); !good) return good;
  const AttributeId id = request.attribute[0].id();
  const Attributes held = attributes_of(object, call.version);
  const auto old = instances(held, id);
  if (old.size() > 1)
    return refuse(reason::several_instances, "attribute {} has {} instances", printable(to_string(id), 128),
                  old.size());
  const auto good = old.empty()
                        ? check_add(call.store, object, request.attribute, setting, call.now)
                        : check_modify(call.store, object, old.front(), request.attribute, setting, call.now);
  if (!good) return good;

  auto answered = call.answer(SetAttributeResponse{call.mention(object)});
  if (!answered) return answered;
  if (old.empty())
    add_instance(call.store, object, request.attribute, call.now);
  else
    modify_instance(call.store, object, index_of(old.front()), request.attribute, call.now);
  return answered;
}

}  // namespace keyway::kmip::server
