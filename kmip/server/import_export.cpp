// Import (1.4 §4.42, 2.1 §6.1.25) and Export (1.4 §4.41, 2.1 §6.1.18): objects with all their attributes.
#include <algorithm>

#include <kmip/server/incoming.h>
#include <kmip/server/new_object.h>
#include <kmip/server/object_attributes.h>
#include <kmip/server/operations.h>
#include <kmip/server/outgoing.h>

namespace keyway::kmip::server {

namespace {

constexpr std::size_t longest_identifier = 128;

// What follows from the object itself: it is made anew, and compared where it can be.
bool follows(Tag tag) {
  switch (tag) {
    case Tag::UniqueIdentifier:
    case Tag::ObjectType:
    case Tag::Digest:
    case Tag::KeyFormatType:
    case Tag::CertificateType:
    case Tag::CertificateLength:
    case Tag::X_509CertificateIdentifier:
    case Tag::X_509CertificateSubject:
    case Tag::X_509CertificateIssuer: return true;
    default: return false;
  }
}

// The attributes of an Import, by who sets them otherwise.
struct Sorted {
  Attributes clients, servers;
};
Sorted sorted(const Attributes& all) {
  Sorted sorted;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto view = all[i];
    Attributes& into = is_set_by_server(view.id()) || follows(view.tag) ? sorted.servers : sorted.clients;
    into.add_raw(view.tag, view.vendor, view.name, view.index, view.value ? &*view.value : nullptr);
  }
  return sorted;
}

template <class T, class Into>
bool take(const Attributes& one, Into& into) {
  const auto value = one.get<T>(one[0].tag);
  if (value) into = *value;
  return value.has_value();
}

bool take_revocation(Object& object, const Attributes& one) {
  const auto reason = one.get<RevocationReason>(Tag::RevocationReason);
  if (!reason) return false;
  object.revocation_reason = reason->code;
  if (reason->message) object.revocation_message = std::string(*reason->message);
  return true;
}

// take_servers sets one attribute that only the server sets otherwise; false for a value that is none.
bool take_servers(Object& object, const Attributes& one) {
  switch (one[0].tag) {
    case Tag::State: return take<State>(one, object.state);
    case Tag::InitialDate: return take<DateTime>(one, object.initial_date);
    case Tag::LastChangeDate: return take<DateTime>(one, object.last_change_date);
    case Tag::CompromiseDate: return take<DateTime>(one, object.compromise_date);
    case Tag::CompromiseOccurrenceDate: return take<DateTime>(one, object.compromise_occurrence_date);
    case Tag::ArchiveDate: return take<DateTime>(one, object.archive_date);
    case Tag::LeaseTime: return take<Interval>(one, object.lease_time);
    case Tag::AlwaysSensitive: return take<bool>(one, object.always_sensitive);
    case Tag::NeverExtractable: return take<bool>(one, object.never_extractable);
    case Tag::RevocationReason: return take_revocation(object, one);
    default: return follows(one[0].tag);
  }
}

Outcome<> apply_servers(Object& object, const Attributes& servers, Version version) {
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const auto view = servers[i];
    const std::string label = printable(to_string(view.id()), 128);
    if (!view.value || !travels(view, version))
      return refuse(reason::invalid_attribute_value, "attribute {}: not a value of KMIP {}", label,
                    name(version));
    if (view.tag == Tag::Attribute) {
      object.given.add_raw(view.tag, view.vendor, view.name, next_index(object, view.id()), &*view.value);
      continue;
    }
    Attributes one;
    one.add_raw(view.tag, {}, {}, {}, &*view.value);
    if (!take_servers(object, one))
      return refuse(reason::invalid_attribute_value, "attribute {} cannot be imported with this value",
                    label);
  }
  return {};
}

// check_consistent refuses attributes that contradict the object they came with.
Outcome<> check_consistent(const Object& object, const Attributes& servers) {
  const auto differs = [](Tag tag) {
    return refuse(reason::invalid_attribute_value, "attribute {} is not that of the object", name(tag));
  };
  if (servers.get<Text>(Tag::UniqueIdentifier).value_or(object.identifier) != object.identifier)
    return differs(Tag::UniqueIdentifier);
  if (servers.get<ObjectType>(Tag::ObjectType).value_or(object.type) != object.type)
    return differs(Tag::ObjectType);
  for (const Digest& digest : servers.all<Digest>(Tag::Digest)) {
    const bool comparable = digest.hashing_algorithm == HashingAlgorithm::SHA_256 && digest.digest_value &&
                            digest.key_format_type.value_or(object.format) == object.format;
    if (comparable && !std::ranges::equal(*digest.digest_value, Bytes(object.digest)))
      return differs(Tag::Digest);
  }
  const bool known = find(Enumeration::State, static_cast<std::uint32_t>(object.state)) != nullptr;
  if (!known || object.is_destroyed())
    return refuse(reason::invalid_attribute_value, "an object with its key is not {}",
                  spec_name(object.state));
  return {};
}

Outcome<Text> identifier_of(const ImportRequest& request) {
  const Text* identifier = request.unique_identifier.text();
  if (!identifier || identifier->empty() || identifier->size() > longest_identifier)
    return refuse(reason::invalid_field, "Import needs a Unique Identifier of 1 to {} bytes",
                  longest_identifier);
  return *identifier;
}

// check_place refuses an identifier that is taken, unless what is there is to be replaced.
Outcome<> check_place(const Object* existing, bool replace) {
  if (!existing) return {};
  if (!replace) return refuse(reason::already_exists, "an object with this Unique Identifier exists already");
  if (existing->archive_date)
    return refuse(reason::archived, "the object to replace is archived: recover it first");
  return {};
}

// check_names refuses names that another object has than the one to replace.
Outcome<> check_names(const Call& call, const Object& object, const Object* existing) {
  for (const std::string& name : object.names) {
    const bool own = existing && !existing->is_destroyed() &&
                     std::ranges::find(existing->names, name) != existing->names.end();
    if (!own && call.store.name_in_use(name))
      return refuse(reason::name_in_use, "the Name \"{}\" is in use", printable(name, 128));
  }
  return {};
}

// imported_object is the object as the request has it, whole.
Outcome<Object> imported_object(const Call& call, const ImportRequest& request, Text identifier) {
  // 1.4 has no Object Type beside the object.
  const std::optional<ObjectType> beside = request.object_type;
  const auto type = call.version < Version::V2_0 ? request.object.type() : beside;
  if (!type) return refuse(reason::invalid_field, "there is no object to import");
  const Sorted attributes = sorted(request.attributes);
  auto object = take_object(*type, request.object, attributes.clients, call.version);
  if (!object) return object;
  object->identifier = identifier;
  object->initial_date = object->last_change_date = call.now;
  object->digest = sha256(object->key.reveal());
  if (!attributes.servers.has(Tag::State)) update_state(*object, call.now);
  if (auto set = apply_servers(*object, attributes.servers, call.version); !set)
    return std::unexpected(set.error());
  if (auto good = check_consistent(*object, attributes.servers); !good) return std::unexpected(good.error());
  return object;
}

Outcome<> check_export(const ExportRequest& request) {
  if (request.key_wrapping_specification)
    return refuse(reason::unsupported_feature,
                  "this server does not wrap keys: leave out the Key Wrapping Specification");
  if (request.key_compression_type)
    return refuse(reason::unsupported_compression, "no Key Compression Type is supported");
  return {};
}

}  // namespace

Outcome<> import_object(Call& call, const ImportRequest& request) {
  const auto identifier = identifier_of(request);
  if (!identifier) return std::unexpected(identifier.error());
  Object* existing = call.store.find(*identifier);
  if (auto good = check_place(existing, request.replace_existing.value_or(false)); !good) return good;
  auto object = imported_object(call, request, *identifier);
  if (!object) return std::unexpected(object.error());
  if (auto good = check_names(call, *object, existing); !good) return good;
  if (!existing)
    if (auto good = check_room(call, {}); !good) return good;
  const Object& kept = call.store.put(std::move(*object));
  call.set_placeholder(&kept);
  return call.answer(ImportResponse{call.mention(kept)});
}

Outcome<> export_object(Call& call, const ExportRequest& request) {
  const auto found = call.object(request.unique_identifier);
  if (!found) return std::unexpected(found.error());
  const Object& object = **found;
  if (auto good = check_export(request); !good) return good;
  if (auto showable = check_showable(object); !showable && !object.is_destroyed()) return showable;
  auto shown = object.is_destroyed() ? show_destroyed(object) : show_object(object, request.key_format_type);
  if (!shown) return std::unexpected(shown.error());
  ExportResponse response;
  response.object_type = object.type;
  response.unique_identifier = call.mention(object);
  response.attributes = attributes_of(object, call.version);
  response.object = std::move(*shown);
  call.set_placeholder(&object);
  return call.answer(response);
}

}  // namespace keyway::kmip::server
