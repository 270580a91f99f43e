// Derive Key (1.4 §4.6, 2.1 §6.1.14), by PBKDF2, HASH, HMAC and NIST800-108-C.
#include <algorithm>

#include <kmip/server/key_use.h>
#include <kmip/server/new_object.h>
#include <kmip/server/object_attributes.h>
#include <kmip/server/operations.h>

namespace keyway::kmip::server {

namespace {

constexpr std::int32_t most_bits = 8192;          // of a derived object
constexpr std::uint64_t most_rounds = 2'000'000;  // of PBKDF2, over all blocks: a few seconds

constexpr Reason wrong_base{ResultReason::InvalidField, ResultReason::InvalidObjectType};

// check_base refuses what cannot be derived from. 1.x has one reason for all of that (1.4 §11.7).
Outcome<> check_base(const Object& object, DateTime now) {
  if (object.type != ObjectType::SymmetricKey && object.type != ObjectType::SecretData)
    return refuse(wrong_base, "keys are derived from Symmetric Keys and Secret Data only");
  auto good = check_use(object, CryptographicUsageMask::DeriveKey, Purpose::protect, now);
  if (!good) good.error().reason.in_1x = ResultReason::InvalidField;
  return good;
}

Outcome<std::vector<Object*>> find_bases(Call& call, const std::vector<Identifier>& named) {
  if (named.empty() || named.size() > 2)
    return refuse(reason::invalid_field, "keys are derived from one or two objects, not {}", named.size());
  std::vector<Object*> bases;
  for (const Identifier& identifier : named) {
    if (const auto* by = std::get_if<UniqueIdentifier>(&identifier.value);
        by && *by == UniqueIdentifier::IDPlaceholder)
      return refuse(reason::invalid_field, "the ID Placeholder cannot be derived from: name the object");
    const auto found = call.object(identifier);
    if (!found) return std::unexpected(found.error());
    if (auto good = check_base(**found, call.now); !good) return std::unexpected(good.error());
    bases.push_back(*found);
  }
  if (bases.size() == 2 && bases[1]->type != ObjectType::SecretData)
    return refuse(wrong_base, "the second object is the derivation data: it must be Secret Data");
  return bases;
}

// derivation_data is that of the request or the second object, never both; empty when there is none.
Outcome<Bytes> derivation_data(const std::vector<Object*>& bases, const DerivationParameters& parameters) {
  const auto& given = parameters.derivation_data;
  if (given.size() > 1)
    return refuse(reason::bad_parameters, "the derivation method takes one Derivation Data, not {}",
                  given.size());
  if (bases.size() == 2 && !given.empty())
    return refuse(reason::invalid_message, "there are Derivation Data and a Secret Data object: one is used");
  if (bases.size() == 2) return bases[1]->key.reveal();
  return given.empty() ? Bytes() : given.front();
}

// choose_prf_hash is the hash that the Cryptographic Parameters name, by itself or inside an HMAC.
Outcome<Hash> choose_prf_hash(const DerivationParameters& parameters) {
  const auto& named = parameters.cryptographic_parameters;
  std::optional<Hash> hash;
  if (named && named->hashing_algorithm)
    hash = hash_of(*named->hashing_algorithm);
  else if (named && named->cryptographic_algorithm)
    hash = hmac_of(*named->cryptographic_algorithm);
  else
    return refuse(reason::bad_parameters, "the Cryptographic Parameters name no Hashing Algorithm");
  if (!hash) return refuse(reason::unsupported_parameters, "the hash that is named is not supported");
  return *hash;
}

// An HMAC key says itself which HMAC it is for; the parameters do not count then (1.4 §4.6).
Outcome<Hash> choose_hmac_hash(const Object& key, const DerivationParameters& parameters) {
  if (key.algorithm)
    if (const auto hash = hmac_of(*key.algorithm)) return *hash;
  return choose_prf_hash(parameters);
}

// Everything a method works on.
struct Derivation {
  const Object& key;
  const DerivationParameters& parameters;
  Bytes data;
  std::size_t length = 0;  // bytes
};

Outcome<Secret> taken(Result<Secret> derived) {
  if (!derived) return refuse(reason::cryptographic_failure, "the key cannot be derived");
  return std::move(*derived);
}
// first_bytes cuts a hash to the length that is wanted, which must not be longer.
Outcome<Secret> first_bytes(Result<Secret> derived, std::size_t length) {
  if (!derived) return refuse(reason::cryptographic_failure, "the key cannot be derived");
  if (derived->size() < length)
    return refuse(reason::cryptographic_failure, "the derivation method gives {} bytes only",
                  derived->size());
  return Secret(derived->reveal().first(length));
}

std::unexpected<Refused> takes_no_data() {
  return refuse(reason::invalid_message, "this derivation method takes a key and no Derivation Data");
}

Outcome<Secret> by_pbkdf2(const Derivation& d) {
  if (!d.data.empty()) return takes_no_data();
  if (!d.parameters.salt) return refuse(reason::invalid_field, "PBKDF2 needs a Salt");
  const std::int32_t rounds = d.parameters.iteration_count.value_or(0);
  if (rounds < 1) return refuse(reason::invalid_field, "PBKDF2 needs an Iteration Count above 0");
  const auto hash = choose_prf_hash(d.parameters);
  if (!hash) return std::unexpected(hash.error());
  const std::size_t blocks = (d.length + hash_size(*hash) - 1) / hash_size(*hash);
  if (static_cast<std::uint64_t>(rounds) * blocks > most_rounds)
    return refuse(reason::limit_exceeded, "PBKDF2 with {} iterations for {} blocks takes too long", rounds,
                  blocks);
  return taken(
      pbkdf2(*hash, d.key.key.reveal(), *d.parameters.salt, static_cast<std::uint32_t>(rounds), d.length));
}

Outcome<Secret> by_hash(const Derivation& d) {
  if (!d.data.empty()) return takes_no_data();
  const auto hash = choose_prf_hash(d.parameters);
  if (!hash) return std::unexpected(hash.error());
  return first_bytes(digest(*hash, d.key.key.reveal()), d.length);
}

Outcome<Secret> by_hmac(const Derivation& d) {
  if (d.data.empty()) return refuse(reason::invalid_field, "HMAC needs Derivation Data");
  const auto hash = choose_hmac_hash(d.key, d.parameters);
  if (!hash) return std::unexpected(hash.error());
  return first_bytes(hmac(*hash, d.key.key.reveal(), d.data), d.length);
}

// The Derivation Data is the whole fixed input of the KDF: who wants the length in it puts it there.
Outcome<Secret> by_counter(const Derivation& d) {
  if (d.data.empty()) return refuse(reason::invalid_field, "NIST800-108-C needs Derivation Data");
  const auto hash = choose_hmac_hash(d.key, d.parameters);
  if (!hash) return std::unexpected(hash.error());
  return taken(kdf_counter(*hash, d.key.key.reveal(), d.data, d.length));
}

Outcome<Secret> derive(const Derivation& derivation, DerivationMethod method) {
  if (derivation.parameters.initialization_vector)
    return refuse(reason::bad_parameters, "no derivation method here takes an Initialization Vector");
  switch (method) {
    case DerivationMethod::PBKDF2: return by_pbkdf2(derivation);
    case DerivationMethod::HASH: return by_hash(derivation);
    case DerivationMethod::HMAC: return by_hmac(derivation);
    case DerivationMethod::NIST800_108_C: return by_counter(derivation);
    default: return refuse(reason::invalid_field, "Derivation Method {} is not supported", spec_name(method));
  }
}

// wanted_object is the new object, without its key.
Outcome<Object> wanted_object(const DeriveKeyRequest& request, Version version) {
  if (request.object_type != ObjectType::SymmetricKey && request.object_type != ObjectType::SecretData)
    return refuse(reason::wrong_object_type, "only Symmetric Keys and Secret Data are derived");
  Object object;
  object.type = request.object_type;
  if (object.type == ObjectType::SecretData) object.secret_data_type = SecretDataType::Seed;
  if (auto set = set_attributes(object, request.attributes, version); !set)
    return std::unexpected(set.error());
  if (auto given = check_usage_given(request.attributes); !given) return std::unexpected(given.error());
  if (auto good = check_symmetric(object); !good) return std::unexpected(good.error());
  if (object.type == ObjectType::SymmetricKey)
    if (auto good = check_creatable(object); !good) return std::unexpected(good.error());
  if (!object.length) return refuse(reason::invalid_attribute, "Derive Key needs Cryptographic Length");
  if (*object.length % 8 != 0 || *object.length > most_bits)
    return refuse(reason::invalid_attribute_value,
                  "Cryptographic Length is {} bits, not 8 to {} in whole bytes", *object.length, most_bits);
  return object;
}

}  // namespace

Outcome<> derive_key(Call& call, const DeriveKeyRequest& request) {
  const auto bases = find_bases(call, request.unique_identifiers);
  if (!bases) return std::unexpected(bases.error());
  auto object = wanted_object(request, call.version);
  if (!object) return std::unexpected(object.error());
  if (auto good = check_room(call, object->names); !good) return good;
  const auto data = derivation_data(*bases, request.derivation_parameters);
  if (!data) return std::unexpected(data.error());
  auto key = derive(
      {*bases->front(), request.derivation_parameters, *data, static_cast<std::size_t>(*object->length) / 8},
      request.derivation_method);
  if (!key) return std::unexpected(key.error());
  object->key = std::move(*key);
  object->original_creation_date = call.now;

  const auto kept = admit(call, *object);
  if (!kept) return std::unexpected(kept.error());
  for (Object* base : *bases) {
    add_link(*base, LinkType::DerivedKeyLink, **kept);
    base->last_change_date = call.now;
    add_link(**kept, LinkType::DerivationBaseObjectLink, *base);
  }
  DeriveKeyResponse response;
  response.unique_identifier = call.mention(**kept);
  return call.answer(response);
}

}  // namespace keyway::kmip::server
