// Create Key Pair (1.4 §4.2, 2.1 §6.1.9), with RSA and the curves P-256 and P-384.
#include <algorithm>

#include <kmip/server/key_pair.h>
#include <kmip/server/new_object.h>
#include <kmip/server/object_attributes.h>
#include <kmip/server/operations.h>

namespace keyway::kmip::server {

namespace {

constexpr Reason no_private_protection{ResultReason::FeatureNotSupported,
                                       ResultReason::PrivateProtectionStorageUnavailable};
constexpr Reason no_public_protection{ResultReason::FeatureNotSupported,
                                      ResultReason::PublicProtectionStorageUnavailable};

bool has(const Attributes& list, const AttributeId& id) {
  for (std::size_t i = 0; i < list.size(); ++i)
    if (list[i].id() == id) return true;
  return false;
}

bool is_multiple(const Attributes::View& view) {
  if (view.tag == Tag::Attribute) return true;
  const AttributeInfo* info = find_attribute(view.tag);
  return info && info->multiple;
}

// merged is what one of the keys gets: its own attributes go before the common ones, of those with several
// instances it gets both (2.1 §6.1.9).
Attributes merged(const std::optional<Attributes>& own, const std::optional<Attributes>& common) {
  Attributes all;
  const auto take = [&all](const Attributes::View& view) {
    all.add_raw(view.tag, view.vendor, view.name, view.index, view.value ? &*view.value : nullptr);
  };
  for (std::size_t i = 0; own && i < own->size(); ++i) take((*own)[i]);
  for (std::size_t i = 0; common && i < common->size(); ++i)
    if (const auto view = (*common)[i]; is_multiple(view) || !own || !has(*own, view.id())) take(view);
  return all;
}

Outcome<Object> half(ObjectType type, const Attributes& attributes, Version version) {
  Object object;
  object.type = type;
  if (auto set = set_attributes(object, attributes, version); !set) return std::unexpected(set.error());
  if (auto given = check_usage_given(attributes); !given) return std::unexpected(given.error());
  return object;
}

// agree gives both halves what one of them has, and refuses when they have different values.
template <class T>
Outcome<> agree(std::optional<T>& a, std::optional<T>& b, Tag tag) {
  if (a && b && a != b)
    return refuse(reason::invalid_attribute_value, "{} must be the same for both keys", name(tag));
  if (!a) a = b;
  b = a;
  return {};
}

Outcome<AsymmetricKey> made(Result<AsymmetricKey> key) {
  if (!key) return refuse(reason::cryptographic_failure, "the key pair cannot be made");
  return std::move(*key);
}

Outcome<AsymmetricKey> make_on_curve(const Object& wanted) {
  const auto length = wanted.length;
  const auto curve = wanted.curve;
  const bool p256 =
      curve.value_or(RecommendedCurve::P_256) == RecommendedCurve::P_256 && length.value_or(256) == 256;
  const bool p384 =
      curve.value_or(RecommendedCurve::P_384) == RecommendedCurve::P_384 && length.value_or(384) == 384;
  if ((!curve && !length) || p256 == p384)
    return refuse(reason::invalid_attribute_value,
                  "keys on curves are made on P-256 and P-384: give that curve or its length");
  return made(AsymmetricKey::generate_curve(p256 ? KeyKind::ec_p256 : KeyKind::ec_p384));
}

Outcome<AsymmetricKey> make_pair(const Object& wanted) {
  if (!wanted.algorithm)
    return refuse(reason::invalid_attribute, "Create Key Pair needs Cryptographic Algorithm");
  if (*wanted.algorithm == CryptographicAlgorithm::ECDSA || *wanted.algorithm == CryptographicAlgorithm::EC)
    return make_on_curve(wanted);
  if (*wanted.algorithm != CryptographicAlgorithm::RSA)
    return refuse(reason::invalid_attribute_value, "key pairs for {} are not made here",
                  spec_name(*wanted.algorithm));
  if (!wanted.length) return refuse(reason::invalid_attribute, "RSA needs Cryptographic Length");
  if (*wanted.length != 2048 && *wanted.length != 3072 && *wanted.length != 4096)
    return refuse(reason::invalid_attribute_value, "RSA keys are made with 2048, 3072 or 4096 bits");
  return made(AsymmetricKey::generate_rsa(static_cast<std::size_t>(*wanted.length)));
}

// fill_in gives an object its half of the key.
Outcome<> fill_in(Object& object, const AsymmetricKey& key, DateTime now) {
  if (auto settled = settle_facts(object, key); !settled) return settled;
  object.format = object.asked_format.value_or(default_format(object));
  auto der = write_key(key, object.type, object.format);
  if (!der) return std::unexpected(der.error());
  object.key = std::move(*der);
  object.original_creation_date = now;
  return {};
}

Outcome<> check_request(const CreateKeyPairRequest& request) {
  const auto& common = request.common_protection_storage_masks;
  const auto& own = request.private_protection_storage_masks;
  if (auto good = check_protection(own ? own : common, no_private_protection); !good) return good;
  const auto& other = request.public_protection_storage_masks;
  return check_protection(other ? other : common, no_public_protection);
}

Outcome<> check_names(const Call& call, const Object& a, const Object& b) {
  std::vector<std::string> names = a.names;
  names.insert(names.end(), b.names.begin(), b.names.end());
  std::ranges::sort(names);
  if (std::ranges::adjacent_find(names) != names.end())
    return refuse(reason::name_in_use, "the two keys cannot have the same Name");
  return check_room(call, names, 2);
}

}  // namespace

Outcome<> create_key_pair(Call& call, const CreateKeyPairRequest& request) {
  if (auto good = check_request(request); !good) return good;
  auto own = half(ObjectType::PrivateKey, merged(request.private_key_attributes, request.common_attributes),
                  call.version);
  if (!own) return std::unexpected(own.error());
  auto other = half(ObjectType::PublicKey, merged(request.public_key_attributes, request.common_attributes),
                    call.version);
  if (!other) return std::unexpected(other.error());
  if (auto same = agree(own->algorithm, other->algorithm, Tag::CryptographicAlgorithm); !same) return same;
  if (auto same = agree(own->length, other->length, Tag::CryptographicLength); !same) return same;
  if (auto same = agree(own->curve, other->curve, Tag::CryptographicDomainParameters); !same) return same;
  if (auto good = check_names(call, *own, *other); !good) return good;

  const auto key = make_pair(*own);
  if (!key) return std::unexpected(key.error());
  for (Object* object : {&*own, &*other})
    if (auto filled = fill_in(*object, *key, call.now); !filled) return filled;
  const auto public_key = admit(call, *other);
  if (!public_key) return std::unexpected(public_key.error());
  const auto private_key = admit(call, *own);  // the last: it is the ID Placeholder
  if (!private_key) return std::unexpected(private_key.error());
  add_link(**private_key, LinkType::PublicKeyLink, **public_key);
  add_link(**public_key, LinkType::PrivateKeyLink, **private_key);

  CreateKeyPairResponse response;
  response.private_key_unique_identifier =
      call.mention(**private_key, UniqueIdentifier::CreateKeyPairPrivateKey);
  response.public_key_unique_identifier =
      call.mention(**public_key, UniqueIdentifier::CreateKeyPairPublicKey);
  return call.answer(response);
}

}  // namespace keyway::kmip::server
