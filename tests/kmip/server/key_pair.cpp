// Create Key Pair, and private and public keys that clients register.
#include <core/asymmetric.h>
#include <kmip/model/attribute_values.h>
#include <tests/kmip/server/support.h>

namespace keyway::kmip::server::test {

using enum ResultReason;

namespace {

CreateKeyPairRequest pair_request(CryptographicAlgorithm algorithm, std::int32_t bits) {
  CreateKeyPairRequest request;
  request.common_attributes.emplace().add(Tag::CryptographicAlgorithm, algorithm);
  request.common_attributes->add(Tag::CryptographicLength, bits);
  request.private_key_attributes.emplace().add(Tag::CryptographicUsageMask, CryptographicUsageMask::Sign);
  request.public_key_attributes.emplace().add(Tag::CryptographicUsageMask, CryptographicUsageMask::Verify);
  return request;
}

struct Pair {
  std::string private_key, public_key;
};
Pair make(Lab& lab, const CreateKeyPairRequest& request, Version version) {
  const auto response = lab.answer(request, version);
  return {std::string(response.private_key_unique_identifier),
          std::string(response.public_key_unique_identifier)};
}

// The key as the server gives it, in this format or its own choice.
struct Got {
  KeyFormatType format{};
  OwnedBytes der;
};
Got get(Lab& lab, const std::string& id, Version version, std::optional<KeyFormatType> format = {}) {
  GetRequest request{.unique_identifier = Identifier(id)};
  request.key_format_type = format;
  const auto response = lab.answer(request, version);
  const KeyBlock& block = *response.object.key_block();
  return {block.key_format_type, owned(block.key_bytes()->reveal())};
}
Attributes held(Lab& lab, const std::string& id, Version version) {
  return std::move(lab.answer(GetAttributesRequest{Identifier(id), {}}, version).attributes);
}
std::string link_of(const Attributes& attributes, LinkType type) {
  for (const Link& link : attributes.all<Link>(Tag::Link))
    if (link.link_type == type) return std::string(*link.linked_object_identifier.text());
  return {};
}

RegisterRequest key_request(ObjectType type, KeyFormatType format, Bytes der) {
  RegisterRequest request;
  request.object_type = type;
  request.attributes.add(Tag::CryptographicUsageMask, CryptographicUsageMask::Sign);
  KeyBlock block;
  block.key_format_type = format;
  block.key_value.emplace().key_material = Secret(der);
  // Before 2.0 the block must say what the key is for, unless the attributes do.
  if (type == ObjectType::PrivateKey)
    request.object.private_key.emplace(PrivateKey{std::move(block)});
  else
    request.object.public_key.emplace(PublicKey{std::move(block)});
  return request;
}

}  // namespace

TEST_CASE("an RSA pair is made, in PKCS#1 unless another format is asked for") {
  for (const Version version : {V1_0, V1_4, V2_1}) {
    CAPTURE(version);
    Lab lab;
    const Pair pair = make(lab, pair_request(CryptographicAlgorithm::RSA, 2048), version);
    const Got secret = get(lab, pair.private_key, version), open = get(lab, pair.public_key, version);
    CHECK(secret.format == KeyFormatType::PKCS_1);
    CHECK(open.format == KeyFormatType::PKCS_1);
    const auto key = AsymmetricKey::read_private(secret.der, KeyEncoding::pkcs1);
    REQUIRE(key);
    CHECK(key->bits() == 2048);
    CHECK(*key->public_der(KeyEncoding::pkcs1) == open.der);
    CHECK(*key->public_der(KeyEncoding::spki) ==
          get(lab, pair.public_key, version, KeyFormatType::X_509).der);
    CHECK(text_of(get(lab, pair.private_key, version, KeyFormatType::PKCS_8).der) ==
          key->private_der(KeyEncoding::pkcs8)->reveal_text());

    const Attributes own = held(lab, pair.private_key, version), other = held(lab, pair.public_key, version);
    CHECK(own.get<ObjectType>(Tag::ObjectType) == ObjectType::PrivateKey);
    CHECK(other.get<ObjectType>(Tag::ObjectType) == ObjectType::PublicKey);
    CHECK(own.get<std::int32_t>(Tag::CryptographicLength) == 2048);
    CHECK(other.get<CryptographicUsageMask>(Tag::CryptographicUsageMask) == CryptographicUsageMask::Verify);
    CHECK(link_of(own, LinkType::PublicKeyLink) == pair.public_key);
    CHECK(link_of(other, LinkType::PrivateKeyLink) == pair.private_key);
    if (version >= V1_1) CHECK(own.get<Digest>(Tag::Digest)->key_format_type == KeyFormatType::PKCS_1);
  }
}

TEST_CASE("a pair on a curve is made by its length or its curve") {
  for (const Version version : every_version)
    for (const std::int32_t bits : {256, 384}) {
      CAPTURE(version);
      CAPTURE(bits);
      Lab lab;
      auto request = pair_request(CryptographicAlgorithm::ECDSA, bits);
      const RecommendedCurve curve = bits == 256 ? RecommendedCurve::P_256 : RecommendedCurve::P_384;
      const Pair by_length = make(lab, request, version);
      request.common_attributes.emplace().add(Tag::CryptographicAlgorithm, CryptographicAlgorithm::ECDSA);
      request.common_attributes->add(Tag::CryptographicDomainParameters,
                                     CryptographicDomainParameters{{}, curve});
      for (const Pair& pair : {by_length, make(lab, request, version)}) {
        const Got secret = get(lab, pair.private_key, version), open = get(lab, pair.public_key, version);
        CHECK(secret.format == KeyFormatType::PKCS_8);
        CHECK(open.format == KeyFormatType::X_509);
        const auto key = AsymmetricKey::read_private(secret.der, KeyEncoding::pkcs8);
        REQUIRE(key);
        CHECK(key->bits() == static_cast<std::size_t>(bits));
        CHECK(*key->public_der(KeyEncoding::spki) == open.der);
        CHECK(text_of(get(lab, pair.private_key, version, KeyFormatType::ECPrivateKey).der) ==
              key->private_der(KeyEncoding::sec1)->reveal_text());
        const Attributes own = held(lab, pair.private_key, version);
        CHECK(own.get<std::int32_t>(Tag::CryptographicLength) == bits);
        CHECK(own.get<CryptographicDomainParameters>(Tag::CryptographicDomainParameters)->recommended_curve ==
              curve);
        GetRequest wrong{.unique_identifier = Identifier(pair.private_key)};
        for (const KeyFormatType format : {KeyFormatType::PKCS_1, KeyFormatType::X_509, KeyFormatType::Raw}) {
          wrong.key_format_type = format;
          CHECK(lab.ask(wrong, version).reason() == KeyFormatTypeNotSupported);
        }
      }
    }
}

TEST_CASE("each key gets its own attributes before the common ones") {
  Lab lab;
  for (const Version version : {V1_0, V2_1}) {
    CAPTURE(version);
    auto request = pair_request(CryptographicAlgorithm::ECDSA, 256);
    request.common_attributes->add(Tag::ContactInformation, Text("common"));
    request.common_attributes->add(Tag::ObjectGroup, Text("common"));
    request.private_key_attributes->add(Tag::ContactInformation, Text("own"));
    request.private_key_attributes->add(Tag::ObjectGroup, Text("own"));
    const Pair pair = make(lab, request, version);
    const Attributes own = held(lab, pair.private_key, version), other = held(lab, pair.public_key, version);
    CHECK(own.get<Text>(Tag::ContactInformation) == "own");
    CHECK(other.get<Text>(Tag::ContactInformation) == "common");
    CHECK(own.all<Text>(Tag::ObjectGroup) == std::vector<Text>{"own", "common"});
    CHECK(other.all<Text>(Tag::ObjectGroup) == std::vector<Text>{"common"});
  }
}

TEST_CASE("the private key is what the rest of the batch means") {
  Lab lab;
  Message message(V2_1);
  message.add(pair_request(CryptographicAlgorithm::ECDSA, 256), "1").add(ActivateRequest{}, "2");
  message.add(ActivateRequest{Identifier(UniqueIdentifier::CreateKeyPairPublicKey)}, "3");
  const Reply reply = lab.send(message);
  const auto made = reply.payload<CreateKeyPairResponse>(V2_1, 0);
  CHECK(reply.payload<ActivateResponse>(V2_1, 1).unique_identifier == made.private_key_unique_identifier);
  CHECK(reply.payload<ActivateResponse>(V2_1, 2).unique_identifier == made.public_key_unique_identifier);
}

TEST_CASE("Create Key Pair refuses what it cannot make, and makes neither key then") {
  struct Case {
    const char* what;
    std::function<void(CreateKeyPairRequest&)> change;
    ResultReason in_1x, in_2x;
  };
  const Case cases[] = {
      {"an odd length", [](auto& r) { r = pair_request(CryptographicAlgorithm::RSA, 1024); }, InvalidField,
       InvalidAttributeValue},
      {"another algorithm", [](auto& r) { r = pair_request(CryptographicAlgorithm::DSA, 2048); },
       InvalidField, InvalidAttributeValue},
      {"another curve", [](auto& r) { r = pair_request(CryptographicAlgorithm::ECDSA, 521); }, InvalidField,
       InvalidAttributeValue},
      {"a curve of another length",
       [](auto& r) {
         r.common_attributes->add(Tag::CryptographicDomainParameters,
                                  CryptographicDomainParameters{{}, RecommendedCurve::P_384});
       },
       InvalidField, InvalidAttributeValue},
      {"no algorithm", [](auto& r) { r.common_attributes.reset(); }, InvalidField, InvalidAttribute},
      {"no usage mask", [](auto& r) { r.public_key_attributes.reset(); }, InvalidField, InvalidAttribute},
      {"two lengths",
       [](auto& r) {
         r.private_key_attributes->add(Tag::CryptographicLength, std::int32_t{256});
         r.public_key_attributes->add(Tag::CryptographicLength, std::int32_t{384});
       },
       InvalidField, InvalidAttributeValue},
      {"one name for both", [](auto& r) { r.common_attributes->add(Tag::Name, Name{"pair"}); }, InvalidField,
       NonUniqueNameAttribute},
      {"a name in use", [](auto& r) { r.public_key_attributes->add(Tag::Name, Name{"taken"}); }, InvalidField,
       NonUniqueNameAttribute},
      {"the server's attribute", [](auto& r) { r.common_attributes->add(Tag::State, State::Active); },
       InvalidField, AttributeReadOnly},
  };
  for (const Version version : {V1_0, V1_4, V2_0, V2_1})
    for (const Case& c : cases) {
      CAPTURE(version);
      CAPTURE(c.what);
      Lab lab;
      lab.create(version, aes(256, "taken"));
      auto request = pair_request(CryptographicAlgorithm::ECDSA, 256);
      c.change(request);
      CHECK(lab.ask(request, version).reason() == by_version(version, c.in_1x, c.in_2x));
      CHECK(lab.answer(LocateRequest{}, version).unique_identifiers.size() == 1);
    }
  EngineSettings settings;
  settings.most_objects = 1;
  Lab full(std::move(settings));
  CHECK(full.ask(pair_request(CryptographicAlgorithm::ECDSA, 256), V2_1).reason() == ServerLimitExceeded);
  Lab lab;
  auto request = pair_request(CryptographicAlgorithm::ECDSA, 256);
  request.public_protection_storage_masks.emplace().protection_storage_masks = {
      ProtectionStorageMask::Hardware};
  CHECK(lab.ask(request, V2_1).reason() == PublicProtectionStorageUnavailable);
}

TEST_CASE("private and public keys are registered in each of their formats") {
  const auto key = AsymmetricKey::generate_curve(KeyKind::ec_p384);
  const auto rsa = AsymmetricKey::generate_rsa(2048);
  REQUIRE(key);
  REQUIRE(rsa);
  struct Case {
    ObjectType type;
    KeyFormatType format;
    OwnedBytes der;
    std::int32_t bits;
  };
  const auto secret = [](const AsymmetricKey& from, KeyEncoding encoding) {
    return owned(from.private_der(encoding)->reveal());
  };
  const Case cases[] = {
      {ObjectType::PrivateKey, KeyFormatType::PKCS_1, secret(*rsa, KeyEncoding::pkcs1), 2048},
      {ObjectType::PrivateKey, KeyFormatType::PKCS_8, secret(*rsa, KeyEncoding::pkcs8), 2048},
      {ObjectType::PublicKey, KeyFormatType::PKCS_1, *rsa->public_der(KeyEncoding::pkcs1), 2048},
      {ObjectType::PublicKey, KeyFormatType::X_509, *rsa->public_der(KeyEncoding::spki), 2048},
      {ObjectType::PrivateKey, KeyFormatType::PKCS_8, secret(*key, KeyEncoding::pkcs8), 384},
      {ObjectType::PrivateKey, KeyFormatType::ECPrivateKey, secret(*key, KeyEncoding::sec1), 384},
      {ObjectType::PublicKey, KeyFormatType::X_509, *key->public_der(KeyEncoding::spki), 384},
  };
  for (const Version version : {V1_0, V1_4, V2_1})
    for (const Case& c : cases) {
      CAPTURE(version);
      CAPTURE(c.format);
      CAPTURE(c.type);
      Lab lab;
      const auto request = key_request(c.type, c.format, c.der);
      const std::string id(lab.answer(request, version).unique_identifier);
      const Got same = get(lab, id, version, c.format);
      CHECK(same.der == c.der);
      const Attributes all = held(lab, id, version);
      CHECK(all.get<std::int32_t>(Tag::CryptographicLength) == c.bits);
      CHECK(all.get<CryptographicAlgorithm>(Tag::CryptographicAlgorithm) ==
            (c.bits == 2048 ? CryptographicAlgorithm::RSA : CryptographicAlgorithm::ECDSA));
      // Not a key, not one of this format, and not what the attributes say.
      OwnedBytes damaged = c.der;
      damaged.resize(damaged.size() - 1);
      CHECK(lab.ask(key_request(c.type, c.format, damaged), version).reason() == InvalidField);
      CHECK(lab.ask(key_request(c.type, KeyFormatType::Raw, c.der), version).reason() ==
            KeyFormatTypeNotSupported);
      auto contradicting = key_request(c.type, c.format, c.der);
      contradicting.attributes.add(Tag::CryptographicLength, std::int32_t{3072});
      CHECK(lab.ask(contradicting, version).reason() == InvalidField);
      contradicting = key_request(c.type, c.format, c.der);
      contradicting.attributes.add(Tag::CryptographicAlgorithm, CryptographicAlgorithm::DSA);
      CHECK(lab.ask(contradicting, version).reason() == InvalidField);
    }
}

}  // namespace keyway::kmip::server::test
