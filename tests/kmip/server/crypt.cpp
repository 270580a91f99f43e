// Encrypt and Decrypt, checked against core's own cryptography.
#include <tests/kmip/server/support.h>

namespace keyway::kmip::server::test {

using enum ResultReason;

namespace {

constexpr Version crypt_versions[] = {V1_2, V1_3, V1_4, V2_0, V2_1};
const std::string plain = "a data key of some length";
const std::string iv12 = "twelve bytes";
const std::string iv16 = "sixteen bytes iv";

CryptographicParameters gcm() {
  CryptographicParameters parameters;
  parameters.block_cipher_mode = BlockCipherMode::GCM;
  parameters.cryptographic_algorithm = CryptographicAlgorithm::AES;
  parameters.tag_length = 16;
  return parameters;
}
CryptographicParameters cbc() {
  CryptographicParameters parameters;
  parameters.block_cipher_mode = BlockCipherMode::CBC;
  parameters.padding_method = PaddingMethod::PKCS5;
  return parameters;
}

EncryptRequest encrypt_request(const std::string& id, CryptographicParameters parameters, Text iv) {
  EncryptRequest request;
  request.unique_identifier = id;
  request.cryptographic_parameters = parameters;
  request.data = bytes_of(plain);
  if (!iv.empty()) request.iv_counter_nonce = bytes_of(iv);
  return request;
}

// What came back, in owned bytes.
struct Encrypted {
  OwnedBytes data, iv, tag;
};
Encrypted encrypted(Lab& lab, const EncryptRequest& request, Version version) {
  const auto response = lab.answer(request, version);
  return {owned(*response.data), owned(response.iv_counter_nonce.value_or(Bytes())),
          owned(response.authenticated_encryption_tag.value_or(Bytes()))};
}

DecryptRequest decrypt_request(const std::string& id, CryptographicParameters parameters, Text iv,
                               const Encrypted& what) {
  DecryptRequest request;
  request.unique_identifier = id;
  request.cryptographic_parameters = parameters;
  request.data = Bytes(what.data);
  request.iv_counter_nonce = bytes_of(iv);
  if (!what.tag.empty()) request.authenticated_encryption_tag = Bytes(what.tag);
  return request;
}

Secret key_of(Lab& lab, const std::string& id) {
  const auto response = lab.answer(GetRequest{.unique_identifier = Identifier(id)}, V1_0);
  return response.object.key_block()->key_bytes()->duplicate();
}

}  // namespace

TEST_CASE("GCM agrees with core at every version, the tag in its place") {
  for (const Version version : crypt_versions)
    for (const std::int32_t tag_length : {16, 12, 4}) {
      CAPTURE(version);
      CAPTURE(tag_length);
      Lab lab;
      const std::string id = lab.active_key(version);
      CryptographicParameters parameters = gcm();
      parameters.tag_length = tag_length;
      auto request = encrypt_request(id, parameters, iv12);
      if (version >= V1_4) request.authenticated_encryption_additional_data = bytes_of("context");
      const Encrypted got = encrypted(lab, request, version);

      const Bytes context = version >= V1_4 ? bytes_of("context") : Bytes();
      const auto expected = aes_gcm_seal(key_of(lab, id).reveal(), bytes_of(iv12), context, bytes_of(plain),
                                         static_cast<std::size_t>(tag_length));
      REQUIRE(expected);
      OwnedBytes data = expected->ciphertext;
      if (version < V1_4) data.insert(data.end(), expected->tag.begin(), expected->tag.end());
      CHECK(got.data == data);
      CHECK(got.tag == (version < V1_4 ? OwnedBytes() : expected->tag));
      CHECK(got.iv.empty());

      auto back = decrypt_request(id, parameters, iv12, got);
      if (version >= V1_4) back.authenticated_encryption_additional_data = context;
      CHECK(lab.answer(back, version).data->reveal_text() == plain);
    }
}

TEST_CASE("from 1.4 on a tag at the end of Data is accepted too") {
  Lab lab;
  const std::string id = lab.active_key(V1_4);
  Encrypted got = encrypted(lab, encrypt_request(id, gcm(), iv12), V1_4);
  got.data.insert(got.data.end(), got.tag.begin(), got.tag.end());
  got.tag.clear();
  CHECK(lab.answer(decrypt_request(id, gcm(), iv12, got), V1_4).data->reveal_text() == plain);
}

TEST_CASE("CBC agrees with core at every version") {
  for (const Version version : crypt_versions) {
    CAPTURE(version);
    Lab lab;
    const std::string id = lab.active_key(version);
    const Encrypted got = encrypted(lab, encrypt_request(id, cbc(), iv16), version);
    const auto expected = aes_cbc_encrypt(key_of(lab, id).reveal(), bytes_of(iv16), bytes_of(plain));
    REQUIRE(expected);
    CHECK(got.data == *expected);
    CHECK(got.tag.empty());
    CHECK(lab.answer(decrypt_request(id, cbc(), iv16, got), version).data->reveal_text() == plain);
  }
}

TEST_CASE("the server makes an IV when it is asked to, and only then") {
  for (const Version version : crypt_versions) {
    CAPTURE(version);
    Lab lab;
    const std::string id = lab.active_key(version);
    for (CryptographicParameters parameters : {gcm(), cbc()}) {
      auto request = encrypt_request(id, parameters, "");
      CHECK(lab.ask(request, version).reason() ==
            by_version(version, MissingData, MissingInitializationVector));
      request.cryptographic_parameters->random_iv = true;
      const Encrypted got = encrypted(lab, request, version);
      CHECK(got.iv.size() == (parameters.block_cipher_mode == BlockCipherMode::GCM ? 12 : 16));
      const std::string iv(text_of(got.iv));
      CHECK(lab.answer(decrypt_request(id, parameters, iv, got), version).data->reveal_text() == plain);
      request.iv_counter_nonce = bytes_of(iv16);
      CHECK(encrypted(lab, request, version).iv.empty());
    }
    auto longer = encrypt_request(id, gcm(), "");
    longer.cryptographic_parameters->random_iv = true;
    longer.cryptographic_parameters->iv_length = 128;
    CHECK(encrypted(lab, longer, version).iv.size() == 16);
  }
}

TEST_CASE("parameters stored with the key stand in for those left out") {
  Lab lab;
  Attributes attributes = aes();
  attributes.add(Tag::CryptographicParameters, cbc());
  const std::string id = lab.create(V1_2, std::move(attributes));
  lab.answer(ActivateRequest{Identifier(id)}, V1_2);
  auto request = encrypt_request(id, {}, iv16);
  request.cryptographic_parameters.reset();
  const Encrypted got = encrypted(lab, request, V1_2);
  CHECK(lab.answer(decrypt_request(id, cbc(), iv16, got), V1_2).data->reveal_text() == plain);
}

TEST_CASE("each wrong parameter is refused with its reason") {
  struct Case {
    const char* what;
    std::function<void(EncryptRequest&)> change;
    ResultReason in_1x, in_2x;
  };
  const auto parameters = [](EncryptRequest& r) -> CryptographicParameters& {
    return *r.cryptographic_parameters;
  };
  const Case cases[] = {
      {"no parameters", [](auto& r) { r.cryptographic_parameters.reset(); }, InvalidField,
       BadCryptographicParameters},
      {"no mode", [&](auto& r) { parameters(r).block_cipher_mode.reset(); }, InvalidField,
       BadCryptographicParameters},
      {"ECB", [&](auto& r) { parameters(r).block_cipher_mode = BlockCipherMode::ECB; }, InvalidField,
       UnsupportedCryptographicParameters},
      {"another algorithm",
       [&](auto& r) { parameters(r).cryptographic_algorithm = CryptographicAlgorithm::DES3; }, InvalidField,
       BadCryptographicParameters},
      {"padded GCM", [&](auto& r) { parameters(r).padding_method = PaddingMethod::PKCS5; }, InvalidField,
       BadCryptographicParameters},
      {"a short tag", [&](auto& r) { parameters(r).tag_length = 3; }, InvalidField,
       BadCryptographicParameters},
      {"a long tag", [&](auto& r) { parameters(r).tag_length = 17; }, InvalidField,
       BadCryptographicParameters},
      {"a short IV", [](auto& r) { r.iv_counter_nonce = bytes_of("short"); }, InvalidField,
       BadCryptographicParameters},
      {"an IV of an odd length", [&](auto& r) { parameters(r).iv_length = 100; }, InvalidField,
       UnsupportedCryptographicParameters},
      {"CBC without padding",
       [](auto& r) {
         r.cryptographic_parameters = cbc();
         r.cryptographic_parameters->padding_method.reset();
       },
       InvalidField, BadCryptographicParameters},
      {"CBC with padding None",
       [](auto& r) {
         r.cryptographic_parameters = cbc();
         r.cryptographic_parameters->padding_method = PaddingMethod::None;
       },
       InvalidField, UnsupportedCryptographicParameters},
      {"CBC with GCM's IV", [](auto& r) { r.cryptographic_parameters = cbc(); }, InvalidField,
       BadCryptographicParameters},
      {"no data", [](auto& r) { r.data.reset(); }, MissingData, MissingData},
      {"the first of several parts", [](auto& r) { r.init_indicator = true; }, FeatureNotSupported,
       FeatureNotSupported},
      {"a later part", [](auto& r) { r.correlation_value = bytes_of("1"); }, FeatureNotSupported,
       FeatureNotSupported},
      {"additional data for CBC",
       [](auto& r) {
         r = encrypt_request(std::string(*r.unique_identifier->text()), cbc(), iv16);
         r.authenticated_encryption_additional_data = bytes_of("context");
       },
       InvalidField, BadCryptographicParameters},
  };
  for (const Version version : {V1_4, V2_1}) {
    Lab lab;
    const std::string id = lab.active_key(version);
    for (const Case& c : cases) {
      CAPTURE(version);
      CAPTURE(c.what);
      auto request = encrypt_request(id, gcm(), iv12);
      c.change(request);
      request.unique_identifier = id;
      CHECK(lab.ask(request, version).reason() == by_version(version, c.in_1x, c.in_2x));
    }
  }
}

TEST_CASE("the state and the usage mask decide who may do what") {
  for (const Version version : crypt_versions) {
    CAPTURE(version);
    Lab lab;
    const ResultReason state = by_version(version, PermissionDenied, WrongKeyLifecycleState);
    const ResultReason usage = by_version(version, PermissionDenied, IncompatibleCryptographicUsageMask);
    const std::string id = lab.create(version, aes());
    const auto encrypts = [&] { return lab.ask(encrypt_request(id, gcm(), iv12), version).reason(); };
    Encrypted got;
    const auto decrypts = [&] { return lab.ask(decrypt_request(id, gcm(), iv12, got), version).reason(); };
    CHECK(encrypts() == state);
    CHECK(decrypts() == state);
    lab.answer(ActivateRequest{Identifier(id)}, version);
    got = encrypted(lab, encrypt_request(id, gcm(), iv12), version);
    CHECK_FALSE(decrypts());
    lab.revoke(id, RevocationReasonCode::Superseded, version);
    CHECK(encrypts() == state);
    CHECK_FALSE(decrypts());
    lab.revoke(id, RevocationReasonCode::KeyCompromise, version);
    CHECK(encrypts() == state);
    CHECK_FALSE(decrypts());
    lab.answer(DestroyRequest{Identifier(id)}, version);
    CHECK(encrypts() == state);
    CHECK(decrypts() == state);

    const std::string one_way = lab.create(version, aes(256, {}, CryptographicUsageMask::Encrypt));
    const std::string other_way = lab.create(version, aes(256, {}, CryptographicUsageMask::Decrypt));
    for (const std::string* key : {&one_way, &other_way})
      lab.answer(ActivateRequest{Identifier(*key)}, version);
    CHECK(lab.ask(encrypt_request(other_way, gcm(), iv12), version).reason() == usage);
    got = encrypted(lab, encrypt_request(one_way, gcm(), iv12), version);
    CHECK(lab.ask(decrypt_request(one_way, gcm(), iv12, got), version).reason() == usage);
  }
}

TEST_CASE("process start and protect stop dates bound the use of an active key") {
  Lab lab;
  Attributes attributes = aes();
  attributes.add(Tag::ActivationDate, DateTime{1});
  attributes.add(Tag::ProcessStartDate, DateTime{1'700'000'010});
  attributes.add(Tag::ProtectStopDate, DateTime{1'700'000'020});
  const std::string id = lab.create(V2_1, std::move(attributes));
  const auto request = encrypt_request(id, gcm(), iv12);
  CHECK(lab.ask(request, V2_1).reason() == WrongKeyLifecycleState);
  lab.clock.pass(std::chrono::seconds(10));
  const Encrypted got = encrypted(lab, request, V2_1);
  lab.clock.pass(std::chrono::seconds(11));
  CHECK(lab.ask(request, V2_1).reason() == WrongKeyLifecycleState);
  CHECK(lab.answer(decrypt_request(id, gcm(), iv12, got), V2_1).data->reveal_text() == plain);
}

TEST_CASE("secret data does not encrypt") {
  Lab lab;
  RegisterRequest request;
  request.object_type = ObjectType::SecretData;
  request.attributes.add(Tag::CryptographicUsageMask, CryptographicUsageMask::Encrypt);
  request.attributes.add(Tag::ActivationDate, DateTime{1});
  KeyBlock& block = request.object.secret_data.emplace().key_block;
  block.key_value.emplace().key_material = Secret(Text("thirty-two bytes of some password"));
  const std::string id(lab.answer(request, V2_1).unique_identifier);
  CHECK(lab.ask(encrypt_request(id, gcm(), iv12), V2_1).reason() == InvalidObjectType);
  CHECK(lab.ask(encrypt_request(id, gcm(), iv12), V1_4).reason() == PermissionDenied);
}

TEST_CASE("a changed ciphertext, tag, IV or context does not decrypt, and never says which it was") {
  for (const Version version : {V1_2, V1_4, V2_1}) {
    CAPTURE(version);
    Lab lab;
    const std::string id = lab.active_key(version);
    const Encrypted good = encrypted(lab, encrypt_request(id, gcm(), iv12), version);
    const auto refused = [&](DecryptRequest request) {
      const Reply reply = lab.ask(request, version);
      CHECK(reply.reason() == CryptographicFailure);
      return reply.text();
    };
    Encrypted bad = good;
    bad.data.front() ^= std::byte{1};
    const std::string text = refused(decrypt_request(id, gcm(), iv12, bad));
    bad = good;
    (version < V1_4 ? bad.data : bad.tag).back() ^= std::byte{1};
    CHECK(refused(decrypt_request(id, gcm(), iv12, bad)) == text);
    CHECK(refused(decrypt_request(id, gcm(), "other  bytes", good)) == text);
    if (version >= V1_4) {
      auto request = decrypt_request(id, gcm(), iv12, good);
      request.authenticated_encryption_additional_data = bytes_of("another context");
      CHECK(refused(request) == text);
      request = decrypt_request(id, gcm(), iv12, good);
      request.authenticated_encryption_tag = Bytes(good.tag).first(4);
      CHECK(lab.ask(request, version).reason() ==
            by_version(version, InvalidField, BadCryptographicParameters));
    }
    bad.data.resize(3);
    bad.tag.clear();
    CHECK(lab.ask(decrypt_request(id, gcm(), iv12, bad), version).reason() == CryptographicFailure);

    Encrypted cbc_data = encrypted(lab, encrypt_request(id, cbc(), iv16), version);
    cbc_data.data.pop_back();
    CHECK(refused(decrypt_request(id, cbc(), iv16, cbc_data)) == text);
    auto no_iv = decrypt_request(id, cbc(), iv16, cbc_data);
    no_iv.iv_counter_nonce.reset();
    CHECK(lab.ask(no_iv, version).reason() == by_version(version, MissingData, MissingInitializationVector));
  }
}

TEST_CASE("before 1.2 there is neither Encrypt nor Decrypt") {
  Lab lab;
  const std::string id = lab.active_key(V1_1);
  for (const Version version : {V1_0, V1_1}) {
    // The request can be written at 1.2 only.
    Message message(V1_2);
    message.add(encrypt_request(id, cbc(), iv16));
    message.header.protocol_version = version;
    CHECK(read(lab.engine().handle(message.bytes().view(), "test"), version).reason() ==
          OperationNotSupported);
  }
}

}  // namespace keyway::kmip::server::test
