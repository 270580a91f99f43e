#include <core/hex.h>
#include <kmip/model/common.h>
#include <kmip/server/object_store.h>

namespace keyway::kmip::server {

namespace {

// A random UUID (RFC 9562 §5.4).
std::string new_identifier(Random& random) {
  OwnedBytes bytes = random.bytes(16);
  bytes[6] = (bytes[6] & std::byte{0x0f}) | std::byte{0x40};
  bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};
  std::string text = to_hex(bytes);
  for (const std::size_t at : {20u, 16u, 12u, 8u}) text.insert(at, 1, '-');
  return text;
}

}  // namespace

Object& ObjectStore::add(Object object, Random& random) {
  do object.identifier = new_identifier(random);
  while (by_identifier_.contains(object.identifier));
  Object& kept = objects_.emplace_back(std::move(object));
  by_identifier_.emplace(kept.identifier, &kept);
  names_.insert(kept.names.begin(), kept.names.end());
  return kept;
}

Object& ObjectStore::put(Object object) {
  Object* place = find(object.identifier);
  if (place) {
    if (!place->is_destroyed())
      for (const std::string& name : place->names) names_.erase(name);
    by_identifier_.erase(place->identifier);  // the key is a view of the text that goes
    *place = std::move(object);
  } else {
    place = &objects_.emplace_back(std::move(object));
  }
  by_identifier_.emplace(place->identifier, place);
  names_.insert(place->names.begin(), place->names.end());
  return *place;
}

Object* ObjectStore::find(Text identifier) {
  const auto found = by_identifier_.find(identifier);
  return found == by_identifier_.end() ? nullptr : found->second;
}

void ObjectStore::update_names(Object& object) {
  for (const std::string& name : object.names) names_.erase(name);
  object.names.clear();
  for (const Name& name : object.given.all<Name>(Tag::Name)) object.names.emplace_back(name.value);
  names_.insert(object.names.begin(), object.names.end());
}

void ObjectStore::destroy(Object& object, DateTime now) {
  object.key = Secret();
  object.state = object.state == State::Compromised ? State::DestroyedCompromised : State::Destroyed;
  object.destroy_date = object.last_change_date = now;
  for (const std::string& name : object.names) names_.erase(name);
}

void update_state(Object& object, DateTime now) {
  const auto reached = [now](const std::optional<DateTime>& date) {
    return date && date->seconds <= now.seconds;
  };
  if (object.state == State::PreActive && reached(object.activation_date)) {
    object.state = State::Active;
    object.last_change_date = *object.activation_date;
  }
  if (object.state == State::Active && reached(object.deactivation_date)) {
    object.state = State::Deactivated;
    object.last_change_date = *object.deactivation_date;
  }
}

}  // namespace keyway::kmip::server
