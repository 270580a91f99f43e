// Derive Key, checked against core's own derivations.
#include <core/digest.h>
#include <tests/kmip/server/support.h>

namespace keyway::kmip::server::test {

using enum ResultReason;

namespace {

const std::string password = "correct horse battery staple";
const std::string salt = "sodium chloride";

std::string register_secret(Lab& lab, Version version, Text value,
                            CryptographicUsageMask usage = CryptographicUsageMask::DeriveKey) {
  RegisterRequest request;
  request.object_type = ObjectType::SecretData;
  request.attributes.add(Tag::CryptographicUsageMask, usage);
  request.attributes.add(Tag::ActivationDate, DateTime{1});
  request.object.secret_data.emplace().key_block.key_value.emplace().key_material = Secret(value);
  return std::string(lab.answer(request, version).unique_identifier);
}

// derive_request wants an AES-256 key.
DeriveKeyRequest derive_request(const std::string& base, DerivationMethod method) {
  DeriveKeyRequest request;
  request.object_type = ObjectType::SymmetricKey;
  request.unique_identifiers.emplace_back(base);
  request.derivation_method = method;
  request.derivation_parameters.cryptographic_parameters.emplace().hashing_algorithm =
      HashingAlgorithm::SHA_256;
  request.attributes = aes(256);
  return request;
}
DeriveKeyRequest pbkdf2_request(const std::string& base) {
  auto request = derive_request(base, DerivationMethod::PBKDF2);
  request.derivation_parameters.salt = bytes_of(salt);
  request.derivation_parameters.iteration_count = 1000;
  return request;
}
DeriveKeyRequest hmac_request(const std::string& base) {
  auto request = derive_request(base, DerivationMethod::HMAC);
  request.derivation_parameters.derivation_data = {bytes_of("context")};
  return request;
}

// derived is the key that came out.
Secret derived(Lab& lab, const DeriveKeyRequest& request, Version version) {
  const std::string id(lab.answer(request, version).unique_identifier);
  const auto response = lab.answer(GetRequest{.unique_identifier = Identifier(id)}, version);
  return response.object.key_block()->key_bytes()->duplicate();
}

}  // namespace

TEST_CASE("each method derives what core derives") {
  for (const Version version : every_version) {
    CAPTURE(version);
    Lab lab;
    const std::string base = register_secret(lab, version, password);
    const Bytes key = bytes_of(password);
    CHECK(derived(lab, pbkdf2_request(base), version) ==
          *pbkdf2(Hash::sha256, key, bytes_of(salt), 1000, 32));
    CHECK(derived(lab, derive_request(base, DerivationMethod::HASH), version) == *digest(Hash::sha256, key));
    CHECK(derived(lab, hmac_request(base), version) == *hmac(Hash::sha256, key, bytes_of("context")));
    auto counter = hmac_request(base);
    counter.derivation_method = DerivationMethod::NIST800_108_C;
    CHECK(derived(lab, counter, version) == *kdf_counter(Hash::sha256, key, bytes_of("context"), 32));

    // A shorter key is the beginning; longer ones are Secret Data, from methods that go on.
    auto shorter = hmac_request(base);
    shorter.attributes = aes(128);
    CHECK(derived(lab, shorter, version).reveal_text() ==
          hmac(Hash::sha256, key, bytes_of("context"))->reveal_text().substr(0, 16));
    counter.object_type = ObjectType::SecretData;
    counter.attributes = Attributes();
    counter.attributes.add(Tag::CryptographicLength, std::int32_t{800});
    counter.attributes.add(Tag::CryptographicUsageMask, CryptographicUsageMask::DeriveKey);
    CHECK(derived(lab, counter, version) == *kdf_counter(Hash::sha256, key, bytes_of("context"), 100));
  }
}

TEST_CASE("a second object is the derivation data, and an HMAC key says its hash itself") {
  for (const Version version : every_version) {
    CAPTURE(version);
    Lab lab;
    const std::string base = register_secret(lab, version, password);
    const std::string data = register_secret(lab, version, "data");
    auto request = hmac_request(base);
    request.unique_identifiers.emplace_back(data);
    CHECK(lab.ask(request, version).reason() == InvalidMessage);
    request.derivation_parameters.derivation_data.clear();
    CHECK(derived(lab, request, version) == *hmac(Hash::sha256, bytes_of(password), bytes_of("data")));

    Attributes attributes;
    attributes.add(Tag::CryptographicAlgorithm, CryptographicAlgorithm::HMAC_SHA512);
    attributes.add(Tag::CryptographicLength, std::int32_t{512});
    attributes.add(Tag::CryptographicUsageMask, CryptographicUsageMask::DeriveKey);
    attributes.add(Tag::ActivationDate, DateTime{1});
    const std::string key = lab.create(version, std::move(attributes));
    const auto got = lab.answer(GetRequest{.unique_identifier = Identifier(key)}, version);
    const Secret material = got.object.key_block()->key_bytes()->duplicate();
    CHECK(derived(lab, hmac_request(key), version).reveal_text() ==
          hmac(Hash::sha512, material.reveal(), bytes_of("context"))->reveal_text().substr(0, 32));
  }
}

TEST_CASE("the derived key and its base are linked, and the batch means the derived one") {
  Lab lab;
  const std::string base = register_secret(lab, V2_1, password);
  Message message(V2_1);
  message.add(hmac_request(base), "1").add(GetAttributesRequest{}, "2");
  message.add(GetAttributesRequest{Identifier(base), {}}, "3");
  const Reply reply = lab.send(message);
  const auto made = reply.payload<DeriveKeyResponse>(V2_1, 0);
  const auto own = reply.payload<GetAttributesResponse>(V2_1, 1);
  const auto bases = reply.payload<GetAttributesResponse>(V2_1, 2);
  CHECK(own.unique_identifier == made.unique_identifier);
  const auto up = own.attributes.get<Link>(Tag::Link), down = bases.attributes.get<Link>(Tag::Link);
  REQUIRE(up);
  REQUIRE(down);
  CHECK(up->link_type == LinkType::DerivationBaseObjectLink);
  CHECK(*up->linked_object_identifier.text() == base);
  CHECK(down->link_type == LinkType::DerivedKeyLink);
  CHECK(*down->linked_object_identifier.text() == made.unique_identifier);
}

TEST_CASE("what cannot be derived is refused with its reason") {
  using Request = DeriveKeyRequest;
  struct Case {
    const char* what;
    std::function<void(Request&)> change;
    ResultReason in_1x, in_2x;
  };
  const auto parameters = [](Request& r) -> DerivationParameters& { return r.derivation_parameters; };
  const Case cases[] = {
      {"another type", [](auto& r) { r.object_type = ObjectType::PrivateKey; }, InvalidField,
       InvalidObjectType},
      {"another method", [](auto& r) { r.derivation_method = DerivationMethod::ENCRYPT; }, InvalidField,
       InvalidField},
      {"no salt", [&](auto& r) { parameters(r).salt.reset(); }, InvalidField, InvalidField},
      {"no iterations", [&](auto& r) { parameters(r).iteration_count.reset(); }, InvalidField, InvalidField},
      {"negative iterations", [&](auto& r) { parameters(r).iteration_count = -1; }, InvalidField,
       InvalidField},
      {"endless iterations", [&](auto& r) { parameters(r).iteration_count = 2'000'001; }, GeneralFailure,
       ServerLimitExceeded},
      {"no hash", [&](auto& r) { parameters(r).cryptographic_parameters.reset(); }, InvalidField,
       BadCryptographicParameters},
      {"MD5",
       [&](auto& r) { parameters(r).cryptographic_parameters->hashing_algorithm = HashingAlgorithm::MD5; },
       InvalidField, UnsupportedCryptographicParameters},
      {"data for a password", [&](auto& r) { parameters(r).derivation_data = {bytes_of("data")}; },
       InvalidMessage, InvalidMessage},
      {"data for a hash",
       [&](auto& r) {
         r.derivation_method = DerivationMethod::HASH;
         parameters(r).derivation_data = {bytes_of("data")};
       },
       InvalidMessage, InvalidMessage},
      {"no data for an HMAC", [](auto& r) { r.derivation_method = DerivationMethod::HMAC; }, InvalidField,
       InvalidField},
      {"an IV", [&](auto& r) { parameters(r).initialization_vector = bytes_of("iv"); }, InvalidField,
       BadCryptographicParameters},
      {"more than a hash has",
       [](auto& r) {
         r.derivation_method = DerivationMethod::HASH;
         r.object_type = ObjectType::SecretData;
         r.attributes = Attributes();
         r.attributes.add(Tag::CryptographicLength, std::int32_t{264});
         r.attributes.add(Tag::CryptographicUsageMask, CryptographicUsageMask::DeriveKey);
       },
       CryptographicFailure, CryptographicFailure},
      {"no length",
       [](auto& r) {
         r.object_type = ObjectType::SecretData;
         r.attributes = Attributes();
         r.attributes.add(Tag::CryptographicUsageMask, CryptographicUsageMask::DeriveKey);
       },
       InvalidField, InvalidAttribute},
      {"broken bytes",
       [](auto& r) {
         r.object_type = ObjectType::SecretData;
         r.attributes.add(Tag::CryptographicLength, std::int32_t{12});
       },
       IndexOutOfBounds, AttributeSingleValued},
      {"a name in use", [](auto& r) { r.attributes.add(Tag::Name, Name{"taken"}); }, InvalidField,
       NonUniqueNameAttribute},
  };
  for (const Version version : {V1_0, V1_4, V2_0, V2_1})
    for (const Case& c : cases) {
      CAPTURE(version);
      CAPTURE(c.what);
      Lab lab;
      lab.create(version, aes(256, "taken"));
      const std::string base = register_secret(lab, version, password);
      auto request = pbkdf2_request(base);
      c.change(request);
      const Reply reply = lab.ask(request, version);
      INFO(reply.text());
      CHECK(reply.reason() == by_version(version, c.in_1x, c.in_2x));
    }
}

TEST_CASE("only objects that may derive do") {
  for (const Version version : {V1_0, V1_4, V2_0, V2_1}) {
    CAPTURE(version);
    Lab lab;
    const std::string useless = register_secret(lab, version, password, CryptographicUsageMask::MACGenerate);
    CHECK(lab.ask(hmac_request(useless), version).reason() ==
          by_version(version, InvalidField, IncompatibleCryptographicUsageMask));
    const std::string base = register_secret(lab, version, password);
    auto second = hmac_request(base);
    second.derivation_parameters.derivation_data.clear();
    const std::string key = lab.create(version, aes(256, {}, CryptographicUsageMask::DeriveKey));
    CHECK(lab.ask(hmac_request(key), version).reason() ==
          by_version(version, InvalidField, WrongKeyLifecycleState));
    lab.answer(ActivateRequest{Identifier(key)}, version);
    second.unique_identifiers.emplace_back(key);
    CHECK(lab.ask(second, version).reason() == by_version(version, InvalidField, InvalidObjectType));
    second.unique_identifiers.emplace_back(base);
    CHECK(lab.ask(second, version).reason() == InvalidField);
    CHECK(lab.ask(hmac_request("nothing"), version).reason() ==
          by_version(version, ItemNotFound, ObjectNotFound));
    if (version < V2_0) continue;
    auto placeholder = hmac_request(base);
    placeholder.unique_identifiers = {Identifier(UniqueIdentifier::IDPlaceholder)};
    CHECK(lab.ask(placeholder, version).reason() == InvalidField);
  }
}

}  // namespace keyway::kmip::server::test
