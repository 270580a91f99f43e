#include <kmip/server/call.h>

namespace keyway::kmip::server {

namespace {

// How a later item refers to the object of an operation (2.1 §11.58).
std::optional<UniqueIdentifier> reference_to(Operation operation) {
  switch (operation) {
    case Operation::Create: return UniqueIdentifier::Create;
    case Operation::DeriveKey: return UniqueIdentifier::DeriveKey;
    case Operation::Import: return UniqueIdentifier::Import;
    case Operation::Locate: return UniqueIdentifier::Locate;
    case Operation::Register: return UniqueIdentifier::Register;
    case Operation::ReKey: return UniqueIdentifier::ReKey;
    default: return std::nullopt;
  }
}

constexpr Text other_identifier = "00000000-0000-4000-8000-000000000000";

}  // namespace

Outcome<Text> Call::resolve(const std::optional<Identifier>& named) const {
  const auto nothing = [](Text what) {
    return refuse(reason::not_found, "{} stands for no object in this batch", what);
  };
  if (named && named->text()) return *named->text();
  const auto* by = named ? std::get_if<UniqueIdentifier>(&named->value) : nullptr;
  if (!named || (by && *by == UniqueIdentifier::IDPlaceholder)) {
    if (!batch_.placeholder_allowed)
      return refuse(reason::invalid_field,
                    "no Unique Identifier: the ID Placeholder needs Batch Order Option true and the Batch "
                    "Error Continuation Option Stop");
    if (batch_.placeholder.empty()) return nothing("the ID Placeholder");
    return Text(batch_.placeholder);
  }
  const auto& mentions = batch_.mentions;
  if (by) {
    for (auto i = mentions.rbegin(); i != mentions.rend(); ++i)
      if (i->as == *by) return Text(i->identifier);
    return nothing("the enumerated Unique Identifier");
  }
  // From the front counting from 0, or back from the end (2.1 §4.58).
  const auto count = static_cast<std::int64_t>(mentions.size());
  std::int64_t position = std::get<std::int32_t>(named->value);
  if (position < 0) position += count;
  if (position < 0 || position >= count) return nothing("the numbered Unique Identifier");
  return Text(mentions[static_cast<std::size_t>(position)].identifier);
}

Outcome<Object*> Call::object_or_archived(const std::optional<Identifier>& named) {
  const auto identifier = resolve(named);
  if (!identifier) return std::unexpected(identifier.error());
  Object* found = store.find(*identifier);
  if (!found)
    return refuse(reason::not_found, "no object with the Unique Identifier \"{}\"",
                  printable(*identifier, 128));
  update_state(*found, now);
  return found;
}

Outcome<Object*> Call::object(const std::optional<Identifier>& named) {
  const auto found = object_or_archived(named);
  if (found && (*found)->archive_date)
    return refuse(reason::archived, "the object is archived: recover it first");
  return found;
}

Text Call::mention(const Object& object) {
  batch_.mentions.push_back({reference_to(operation), object.identifier});
  return shown(object);
}

Text Call::mention(const Object& object, UniqueIdentifier as) {
  batch_.mentions.push_back({as, object.identifier});
  return shown(object);
}

Text Call::shown(const Object& object) const {
  return settings.quirks.answer_other_identifier ? other_identifier : Text(object.identifier);
}

void Call::set_placeholder(const Object* object) {
  batch_.placeholder = object ? object->identifier : std::string();
}

Outcome<> Call::answered(const Decoded<void>& encoded) const {
  if (encoded && payload_.size() <= room_) return {};
  if (encoded)
    return refuse(reason::response_too_large, "the answer of {} bytes does not fit", payload_.size());
  return refuse(reason::internal_failure, "the answer cannot be written at this version: {}",
                describe(encoded.error()));
}

}  // namespace keyway::kmip::server
