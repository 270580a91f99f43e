#include <algorithm>

#include <kmip/model/common.h>
#include <kmip/server/attribute_rules.h>
#include <kmip/server/object_attributes.h>

namespace keyway::kmip::server {

namespace {

// The conditions on which a value that is there may be replaced (the rule tables of 1.4 §3).
enum class Modifiable : std::uint8_t { never, always, by_date };

struct Rule {
  Tag tag{};
  bool addable = true;  // later than at its creation
  Modifiable modifiable = Modifiable::always;
  bool deletable = true;
};

using enum Modifiable;
constexpr Rule rules[] = {
    {Tag::Name},
    {Tag::CryptographicParameters},
    {Tag::OperationPolicyName, true, never, false},
    {Tag::ObjectGroup},
    {Tag::Link},
    {Tag::ApplicationSpecificInformation},
    {Tag::ContactInformation},
    {Tag::AlternativeName},
    {Tag::Description},
    {Tag::Comment},
    {Tag::NISTKeyType, true, never, false},
    {Tag::QuantumSafe},
    {Tag::CryptographicAlgorithm, false, never, false},
    {Tag::CryptographicLength, false, never, false},
    {Tag::KeyFormatType, false, never, false},
    {Tag::CryptographicDomainParameters, false, never, false},
    {Tag::CryptographicUsageMask, true, never, false},
    {Tag::OriginalCreationDate, true, never, false},
    {Tag::ActivationDate, true, by_date, false},
    {Tag::ProcessStartDate, true, by_date, false},
    {Tag::ProtectStopDate, true, by_date, false},
    {Tag::DeactivationDate, true, by_date, false},
    {Tag::Sensitive, true, always, false},
    {Tag::Extractable, true, always, false},
};

// Custom attributes of clients may be changed at will (1.4 §3.39); null: the client may not touch it.
constexpr Rule custom_rule{Tag::Attribute};
const Rule* rule_of(const AttributeId& id) {
  if (id.is_custom()) return id.vendor.empty() || id.vendor == "y" ? nullptr : &custom_rule;
  const auto* found = std::ranges::find(rules, id.tag, &Rule::tag);
  return found == std::end(rules) ? nullptr : found;
}

std::string label_of(const AttributeId& id) { return printable(to_string(id), 128); }

bool before_end(const Object& object) {
  return object.state == State::PreActive || object.state == State::Active;
}
bool reached(const std::optional<DateTime>& date, DateTime now) {
  return date && date->seconds <= now.seconds;
}

// may_set_date is the condition on each date of the life cycle (1.4 §3.24 to §3.27).
bool may_set_date(const Object& object, Tag tag, DateTime now) {
  switch (tag) {
    case Tag::ActivationDate: return object.state == State::PreActive;
    case Tag::ProcessStartDate: return before_end(object) && !reached(object.process_start_date, now);
    case Tag::ProtectStopDate: return before_end(object) && !reached(object.protect_stop_date, now);
    case Tag::DeactivationDate: return before_end(object);
    default: return true;
  }
}

// check_value refuses values that do not go with what the object, or another object, has.
Outcome<> check_value(const ObjectStore& store, const Object& object, const Attributes& attribute,
                      const ChangeReasons& reasons, DateTime now) {
  const Tag tag = attribute[0].tag;
  if (!may_set_date(object, tag, now))
    return refuse(reason::wrong_state, "attribute {} cannot be set any more: the object is {}", label_of(tag),
                  spec_name(object.state));
  if (const auto date = attribute.get<DateTime>(tag); date && !dates_fit(object, tag, *date))
    return refuse(reasons.bad_value, "attribute {}: an end would be before a start", label_of(tag));
  if (tag != Tag::Name) return {};
  const auto name = attribute.get<Name>(tag);
  if (!name || name->value.empty()) return refuse(reasons.bad_value, "an empty Name");
  if (store.name_in_use(std::string(name->value)))
    return refuse(reason::name_taken, "the Name \"{}\" is in use", printable(name->value, 128));
  return {};
}

void copy_instance(Attributes& into, const Attributes::View& view, std::int32_t index) {
  into.add_raw(view.tag, view.vendor, view.name, index, view.value ? &*view.value : nullptr);
}

void touch(ObjectStore& store, Object& object, Tag tag, DateTime now) {
  if (tag == Tag::Name) store.update_names(object);
  object.last_change_date = now;
  update_state(object, now);
}

// set_field sets what is not in the list of given attributes; false when it is there.
bool set_field(Object& object, const Attributes& attribute) {
  const Tag tag = attribute[0].tag;
  if (read_field(object, attribute, tag) == ReadField::not_known) return false;
  // "Always" and "never" end with the first change (1.4 §3.49, §3.51).
  object.always_sensitive = object.always_sensitive && object.sensitive;
  object.never_extractable = object.never_extractable && !object.extractable;
  return true;
}

}  // namespace

Outcome<> check_changeable(const Object& object) {
  if (object.is_destroyed())
    return refuse(reason::wrong_state, "the object is {}: its attributes are final", spec_name(object.state));
  return {};
}

Outcome<> check_new_value(const Attributes& attribute, Version version, const ChangeReasons& reasons) {
  if (attribute.size() != 1) return refuse(reason::invalid_field, "one attribute at a time");
  const auto view = attribute[0];
  const AttributeId id = view.id();
  if (view.tag == Tag::TemplateAttribute || (id.is_custom() && id.vendor.empty()))
    return refuse(reason::unknown_attribute, "attribute \"{}\" is not known", label_of(id));
  if (is_set_by_server(id))
    return refuse(reasons.read_only, "attribute {} is set by the server", label_of(id));
  if (!rule_of(id)) return refuse(reason::unknown_attribute, "attribute {} is not supported", label_of(id));
  Object scratch;
  if (!travels(view, version) ||
      (!id.is_custom() && read_field(scratch, attribute, view.tag) == ReadField::no))
    return refuse(reasons.bad_value, "attribute {}: this server cannot use the value", label_of(id));
  const auto information = attribute.get<ApplicationSpecificInformation>(view.tag);
  if (view.tag == Tag::ApplicationSpecificInformation && information && !information->application_data)
    return refuse(reason::unsupported_namespace, "this server makes no Application Data: give it");
  return {};
}

Outcome<> check_add(const ObjectStore& store, const Object& object, const Attributes& attribute,
                    const ChangeReasons& reasons, DateTime now) {
  const AttributeId id = attribute[0].id();
  if (!rule_of(id)->addable)
    return refuse(reasons.read_only, "attribute {} is fixed since the object was made", label_of(id));
  if (object.given.size() >= most_attributes)
    return refuse(reason::too_many_instances, "the object has {} attributes already", object.given.size());
  return check_value(store, object, attribute, reasons, now);
}

Outcome<> check_modify(const ObjectStore& store, const Object& object, const Attributes::View& replaced,
                       const Attributes& attribute, const ChangeReasons& reasons, DateTime now) {
  const AttributeId id = attribute[0].id();
  if (rule_of(id)->modifiable == never)
    return refuse(reasons.read_only, "attribute {} cannot be changed once it is set", label_of(id));
  // The same Name again is in use, by this very instance.
  if (id.tag == Tag::Name && replaced.value &&
      std::ranges::equal(replaced.value->value, attribute[0].value->value))
    return {};
  return check_value(store, object, attribute, reasons, now);
}

Outcome<> check_delete(const AttributeId& id, const ChangeReasons& reasons) {
  if (id.is_custom() && id.vendor.empty()) return {};  // there is none of that name
  const Rule* rule = rule_of(id);
  if (!rule || !rule->deletable)
    return refuse(reasons.read_only, "attribute {} cannot be deleted", label_of(id));
  return {};
}

void add_instance(ObjectStore& store, Object& object, const Attributes& attribute, DateTime now) {
  const auto view = attribute[0];
  if (!set_field(object, attribute)) copy_instance(object.given, view, next_index(object, view.id()));
  touch(store, object, view.tag, now);
}

void modify_instance(ObjectStore& store, Object& object, std::int32_t index, const Attributes& attribute,
                     DateTime now) {
  const auto view = attribute[0];
  if (!set_field(object, attribute)) {
    Attributes changed;
    for (std::size_t i = 0; i < object.given.size(); ++i) {
      const auto old = object.given[i];
      const bool meant = old.id() == view.id() && old.index == index;
      copy_instance(changed, meant ? view : old, old.index.value_or(0));
    }
    object.given = std::move(changed);
  }
  touch(store, object, view.tag, now);
}

void delete_instances(ObjectStore& store, Object& object, const AttributeId& id,
                      std::optional<std::int32_t> index, DateTime now) {
  Attributes kept;
  for (std::size_t i = 0; i < object.given.size(); ++i)
    if (const auto view = object.given[i]; view.id() != id || (index && view.index != index))
      copy_instance(kept, view, view.index.value_or(0));
  object.given = std::move(kept);
  touch(store, object, id.tag, now);
}

}  // namespace keyway::kmip::server
