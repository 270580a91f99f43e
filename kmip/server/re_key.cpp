// Re-key (1.4 §4.4, 2.1 §6.1.46): a new key in the place of an old one.
#include <algorithm>

#include <kmip/server/attribute_rules.h>
#include <kmip/server/new_object.h>
#include <kmip/server/object_attributes.h>
#include <kmip/server/operations.h>

namespace keyway::kmip::server {

namespace {

constexpr Tag dates[] = {Tag::ActivationDate, Tag::ProcessStartDate, Tag::ProtectStopDate,
                         Tag::DeactivationDate};

Outcome<> check_re_keyable(const Object& object) {
  if (object.type != ObjectType::SymmetricKey || !check_creatable(object))
    return refuse(reason::not_a_cipher_key,
                  "only a Symmetric Key that this server could have made can be re-keyed");
  if (object.is_destroyed())
    return refuse(reason::not_allowed, "the key is destroyed: there is nothing to replace");
  return {};
}

// check_offset refuses an Offset that has nothing to count from, or that the request contradicts.
Outcome<> check_offset(const Object& old, const ReKeyRequest& request) {
  if (!request.offset) return {};
  if (request.attributes && std::ranges::any_of(dates, [&](Tag tag) { return request.attributes->has(tag); }))
    return refuse(reason::invalid_message, "there are an Offset and dates: one of them decides");
  if (!old.activation_date && (old.process_start_date || old.protect_stop_date || old.deactivation_date))
    return refuse(reason::no_activation_date, "an Offset cannot move dates of a key without Activation Date");
  return {};
}

// move_dates is the table of 1.4 §4.4: all move as far as the activation does.
void move_dates(Object& replacement, DateTime now, Interval offset) {
  const DateTime activation{now.seconds + offset.seconds};
  const auto old = replacement.activation_date;
  replacement.activation_date = activation;
  for (auto* date :
       {&replacement.process_start_date, &replacement.protect_stop_date, &replacement.deactivation_date})
    if (*date && old) (*date)->seconds += activation.seconds - old->seconds;
}

bool is_copied(const Attributes::View& view) { return view.tag != Tag::Name && view.tag != Tag::Link; }

void copy(Attributes& into, const Attributes::View& view, std::int32_t index) {
  into.add_raw(view.tag, view.vendor, view.name, index, &*view.value);
}

// copy_attributes takes what a replacement has from the key it replaces; the rest is set elsewhere.
Object copy_attributes(const Object& old) {
  Object replacement;
  replacement.type = old.type;
  replacement.algorithm = old.algorithm;
  replacement.length = old.length;
  replacement.usage = old.usage;
  replacement.sensitive = replacement.always_sensitive = old.sensitive;
  replacement.extractable = old.extractable;
  replacement.never_extractable = !old.extractable;
  replacement.activation_date = old.activation_date;
  replacement.process_start_date = old.process_start_date;
  replacement.protect_stop_date = old.protect_stop_date;
  replacement.deactivation_date = old.deactivation_date;
  for (std::size_t i = 0; i < old.given.size(); ++i)
    if (const auto view = old.given[i]; is_copied(view))
      copy(replacement.given, view, view.index.value_or(0));
  return replacement;
}

// apply lets the request's attributes take the place of the copied ones.
Outcome<> apply(Object& replacement, const Attributes& asked, Version version) {
  Object checked;
  if (auto good = set_attributes(checked, asked, version); !good) return good;
  if (asked.has(Tag::Name))
    return refuse(reason::invalid_field, "the replacement takes over the Name: it takes no other");
  if ((checked.algorithm && checked.algorithm != replacement.algorithm) ||
      (checked.length && checked.length != replacement.length))
    return refuse(reason::invalid_attribute_value, "the replacement has the algorithm and length of the key");
  Attributes given;
  for (std::size_t i = 0; i < replacement.given.size(); ++i) {
    const auto view = replacement.given[i];
    const auto replaced = [&] {
      for (std::size_t k = 0; k < asked.size(); ++k)
        if (asked[k].id() == view.id()) return true;
      return false;
    }();
    if (!replaced) copy(given, view, view.index.value_or(0));
  }
  for (std::size_t i = 0; i < checked.given.size(); ++i)
    copy(given, checked.given[i], checked.given[i].index.value_or(0));
  replacement.given = std::move(given);
  for (std::size_t i = 0; i < asked.size(); ++i) (void)read_field(replacement, asked, asked[i].tag);
  replacement.always_sensitive = replacement.sensitive;
  replacement.never_extractable = !replacement.extractable;
  return {};
}

// move_names gives the names of the old key to the new one (1.4 §4.4).
void move_names(Call& call, Object& old, Object& replacement) {
  for (std::size_t i = 0; i < old.given.size(); ++i)
    if (const auto view = old.given[i]; view.tag == Tag::Name)
      copy(replacement.given, view, view.index.value_or(0));
  delete_instances(call.store, old, Tag::Name, {}, call.now);
  call.store.update_names(replacement);
}

}  // namespace

Outcome<> re_key(Call& call, const ReKeyRequest& request) {
  const auto found = call.object(request.unique_identifier);
  if (!found) return std::unexpected(found.error());
  Object& old = **found;
  if (auto good = check_re_keyable(old); !good) return good;
  if (auto good = check_offset(old, request); !good) return good;
  if (auto good = check_link_room(old); !good) return good;
  if (auto good = check_protection(request.protection_storage_masks); !good) return good;

  Object replacement = copy_attributes(old);
  if (request.offset) move_dates(replacement, call.now, *request.offset);
  if (request.attributes)
    if (auto good = apply(replacement, *request.attributes, call.version); !good) return good;
  if (auto good = check_dates(replacement); !good) return good;
  replacement.key = call.settings.random->secret(static_cast<std::size_t>(*replacement.length) / 8);
  replacement.original_creation_date = call.now;

  const auto kept = admit(call, replacement);
  if (!kept) return std::unexpected(kept.error());
  move_names(call, old, **kept);
  add_link(old, LinkType::ReplacementObjectLink, **kept);
  add_link(**kept, LinkType::ReplacedObjectLink, old);
  ReKeyResponse response;
  response.unique_identifier = call.mention(**kept);
  return call.answer(response);
}

}  // namespace keyway::kmip::server
