#include <algorithm>

#include <kmip/model/common.h>
#include <kmip/server/key_use.h>
#include <kmip/server/new_object.h>
#include <kmip/server/object_attributes.h>

namespace keyway::kmip::server {

Outcome<> check_creatable(const Object& object) {
  if (!object.algorithm || !object.length)
    return refuse(reason::invalid_attribute, "Cryptographic Algorithm and Cryptographic Length are needed");
  const std::int32_t bits = *object.length;
  if (*object.algorithm == CryptographicAlgorithm::AES && (bits == 128 || bits == 192 || bits == 256))
    return {};
  // Longer than the block of the longest hash, an HMAC key would be hashed first (RFC 2104 §3).
  if (hmac_of(*object.algorithm) && bits >= 128 && bits <= 1024 && bits % 8 == 0) return {};
  return refuse(reason::invalid_attribute_value,
                "only AES keys of 128, 192 or 256 bits can be made here, and HMAC keys of 128 to 1024");
}

Outcome<> check_symmetric(const Object& object) {
  if (object.curve)
    return refuse(reason::unsupported_attribute, "only keys on curves have Cryptographic Domain Parameters");
  if (object.asked_format.value_or(KeyFormatType::Raw) != KeyFormatType::Raw)
    return refuse(reason::invalid_attribute_value, "Symmetric Keys are made with Key Format Type Raw");
  return {};
}

Outcome<> check_usage_given(const Attributes& attributes) {
  if (!attributes.has(Tag::CryptographicUsageMask))
    return refuse(reason::invalid_attribute, "attribute Cryptographic Usage Mask is missing");
  return {};
}

Outcome<> check_protection(const std::optional<ProtectionStorageMasks>& masks, Reason reason) {
  if (!masks || masks->protection_storage_masks.empty()) return {};
  const auto met = [](ProtectionStorageMask mask) { return has_all(ProtectionStorageMask::Software, mask); };
  if (std::ranges::any_of(masks->protection_storage_masks, met)) return {};
  return refuse(reason, "this server's storage is software only");
}

Outcome<> check_room(const Call& call, const std::vector<std::string>& names, std::size_t count) {
  if (call.store.size() + count > call.settings.most_objects)
    return refuse(reason::limit_exceeded, "the server holds {} objects already", call.store.size());
  for (const std::string& name : names)
    if (call.store.name_in_use(name))
      return refuse(reason::name_in_use, "the Name \"{}\" is in use", printable(name, 128));
  return {};
}

Outcome<Object*> admit(Call& call, Object& object) {
  if (auto good = check_room(call, object.names); !good) return std::unexpected(good.error());
  object.initial_date = object.last_change_date = call.now;
  object.digest = sha256(object.key.reveal());
  update_state(object, call.now);
  Object& kept = call.store.add(std::move(object), *call.settings.random);
  // The change into its first state is not a later change.
  kept.last_change_date = call.now;
  call.set_placeholder(&kept);
  return &kept;
}

Outcome<> check_link_room(const Object& object) {
  if (object.given.size() < most_attributes) return {};
  return refuse(reason::limit_exceeded, "the object has {} attributes already: no Link can be added",
                object.given.size());
}

void add_link(Object& object, LinkType type, const Object& other) {
  Attributes link;
  link.add(Tag::Link, Link{type, Identifier(other.identifier)});
  const auto view = link[0];
  object.given.add_raw(view.tag, {}, {}, next_index(object, Tag::Link), &*view.value);
}

}  // namespace keyway::kmip::server
