// Sign and Signature Verify: a vector of the standard's test cases, each scheme there and back, and refusals.
#include <core/digest.h>
#include <core/hex.h>
#include <tests/kmip/server/support.h>

namespace keyway::kmip::server::test {

using enum ResultReason;

namespace {

constexpr Version crypt_versions[] = {V1_2, V1_3, V1_4, V2_0, V2_1};
const std::string text = "what is to be signed";

// CS-AC-M-2 of the OASIS test cases: a public key in PKCS#1, and a signature with PSS and SHA-256.
const char* const oasis_key =
    "3082010a0282010100ab7f161c0042496ccd6c6d4dadb919973435357776003acf54b7af1e440afb80b64a8755f8002c"
    "feba6b184540a2d66086d74648346d75b8d71812b205387c0f6583bc4d7dc7ec114f3b176b7957c422e7d03fc6267fa2"
    "a6f89b9bee9e60a1d7c2d833e5a5f4bb0b1434f4e795a41100f8aa214900df8b65089f98135b1c67b701675abdbc7d57"
    "21aac9d14a7f081fcec80b64e8a0ecc8295353c795328abf70e1b42e7bb8b7f4e8ac8c810cdb66e3d21126eba8da7d0c"
    "a34142cb76f91f013da809e9c1b7ae64c54130fbc21d80e9c2cb06c5c8d7cce8946a9ac99b1c2815c3612a29a82d73a1"
    "f99374fe30e54951662a6eda29c6fc411335d5dc7426b0f6050203010001";
const char* const oasis_signature =
    "2925ebf8c6c9d0585c36a44491dd28f8ffd1098d2275a505a0eba7af452e9496472fd5c4a515d1c0db16c7c59ef76863"
    "b571cbf498fb8178ffeb75667e6e51b9b9bbf09d55bba54b42acb947aa5a81dc62751727d7cad4616c0c0bf1dd666f82"
    "66f24262c5fa9cbbdc424ef5f5e345e633d111e66eb4afc4001bb02e158b2d5d4573c614655f21a688bee0e9dbde6a58"
    "324c08f42ae69697e0c51803f9de6b3df242d2915d9b1a8110ad28143ab7855ef92ede48971b484172de3b0b8957f493"
    "a74b3372ee2200f2233607735f90d0b180968ab20d74841fd3dba4fb1f225ea5c6c87f99c2a238db72a536e68be202a0"
    "92cd032337d451477e568f9a48b638cb";

using Parameters = CryptographicParameters;

Parameters padded(PaddingMethod padding, HashingAlgorithm hash) {
  Parameters parameters;
  parameters.padding_method = padding;
  parameters.hashing_algorithm = hash;
  parameters.cryptographic_algorithm = CryptographicAlgorithm::RSA;
  return parameters;
}
Parameters named(DigitalSignatureAlgorithm algorithm) {
  Parameters parameters;
  parameters.digital_signature_algorithm = algorithm;
  return parameters;
}

struct Pair {
  std::string private_key, public_key;
};
Pair make(Lab& lab, CryptographicAlgorithm algorithm, std::int32_t bits, Version version) {
  CreateKeyPairRequest request;
  request.common_attributes.emplace().add(Tag::CryptographicAlgorithm, algorithm);
  request.common_attributes->add(Tag::CryptographicLength, bits);
  request.common_attributes->add(Tag::ActivationDate, DateTime{1});
  request.private_key_attributes.emplace().add(Tag::CryptographicUsageMask, CryptographicUsageMask::Sign);
  request.public_key_attributes.emplace().add(Tag::CryptographicUsageMask, CryptographicUsageMask::Verify);
  const auto response = lab.answer(request, version);
  return {std::string(response.private_key_unique_identifier),
          std::string(response.public_key_unique_identifier)};
}

SignRequest sign_request(const std::string& id, std::optional<Parameters> parameters) {
  SignRequest request;
  request.unique_identifier = id;
  request.cryptographic_parameters = std::move(parameters);
  request.data = bytes_of(text);
  return request;
}
SignatureVerifyRequest verify_request(const std::string& id, std::optional<Parameters> parameters,
                                      Bytes signature) {
  SignatureVerifyRequest request;
  request.unique_identifier = id;
  request.cryptographic_parameters = std::move(parameters);
  request.data = bytes_of(text);
  request.signature_data = signature;
  return request;
}

// check_there_and_back signs, verifies, and finds a changed text and a changed signature out.
void check_there_and_back(Lab& lab, const Pair& pair, const Parameters& parameters, Version version) {
  const OwnedBytes signature =
      owned(*lab.answer(sign_request(pair.private_key, parameters), version).signature_data);
  auto verify = verify_request(pair.public_key, parameters, signature);
  CHECK(lab.answer(verify, version).validity_indicator == ValidityIndicator::Valid);
  verify.data = bytes_of("another text");
  CHECK(lab.answer(verify, version).validity_indicator == ValidityIndicator::Invalid);
  verify.data = bytes_of(text);
  OwnedBytes changed = signature;
  changed.back() ^= std::byte{1};
  verify.signature_data = Bytes(changed);
  CHECK(lab.answer(verify, version).validity_indicator == ValidityIndicator::Invalid);
}

}  // namespace

TEST_CASE("the signature of the standard's test case is valid, and only that") {
  for (const Version version : crypt_versions) {
    CAPTURE(version);
    Lab lab;
    RegisterRequest request;
    request.object_type = ObjectType::PublicKey;
    request.attributes.add(Tag::CryptographicUsageMask, CryptographicUsageMask::Verify);
    request.attributes.add(Tag::ActivationDate, DateTime{1});
    request.attributes.add(Tag::CryptographicParameters,
                           padded(PaddingMethod::PSS, HashingAlgorithm::SHA_256));
    KeyBlock& block = request.object.public_key.emplace().key_block;
    block.key_format_type = KeyFormatType::PKCS_1;
    block.key_value.emplace().key_material = *from_hex(oasis_key);
    block.cryptographic_algorithm = CryptographicAlgorithm::RSA;
    block.cryptographic_length = 2048;
    const std::string id(lab.answer(request, version).unique_identifier);

    const auto data = from_hex("01020304050607080910111213141516");
    const auto signature = from_hex(oasis_signature);
    auto verify = verify_request(id, {}, signature->reveal());
    verify.data = data->reveal();
    CHECK(lab.answer(verify, version).validity_indicator == ValidityIndicator::Valid);
    verify.cryptographic_parameters = padded(PaddingMethod::PSS, HashingAlgorithm::SHA_1);
    CHECK(lab.answer(verify, version).validity_indicator == ValidityIndicator::Invalid);
    verify.cryptographic_parameters.reset();
    verify.data = bytes_of(text);
    CHECK(lab.answer(verify, version).validity_indicator == ValidityIndicator::Invalid);
  }
}

TEST_CASE("each RSA scheme works there and back") {
  Lab lab;
  const Pair pair = make(lab, CryptographicAlgorithm::RSA, 2048, V1_4);
  auto pss = named(DigitalSignatureAlgorithm::RSASSA_PSS);
  pss.hashing_algorithm = HashingAlgorithm::SHA_512;
  auto salted = padded(PaddingMethod::PSS, HashingAlgorithm::SHA_256);
  salted.salt_length = 222;
  salted.mask_generator_hashing_algorithm = HashingAlgorithm::SHA_384;
  for (const Version version : crypt_versions) {
    CAPTURE(version);
    check_there_and_back(lab, pair, padded(PaddingMethod::PSS, HashingAlgorithm::SHA_256), version);
    check_there_and_back(lab, pair, padded(PaddingMethod::PKCS1V1_5, HashingAlgorithm::SHA_384), version);
    check_there_and_back(lab, pair, named(DigitalSignatureAlgorithm::SHA_512WithRSAEncryption), version);
    check_there_and_back(lab, pair, pss, version);
    if (version >= V1_4) check_there_and_back(lab, pair, salted, version);
  }
}

TEST_CASE("ECDSA works there and back on both curves") {
  for (const Version version : crypt_versions)
    for (const std::int32_t bits : {256, 384}) {
      CAPTURE(version);
      CAPTURE(bits);
      Lab lab;
      const Pair pair = make(lab, CryptographicAlgorithm::ECDSA, bits, version);
      check_there_and_back(lab, pair, named(DigitalSignatureAlgorithm::ECDSAWithSHA384), version);
      Parameters parts;
      parts.hashing_algorithm = HashingAlgorithm::SHA_256;
      check_there_and_back(lab, pair, parts, version);
    }
}

TEST_CASE("a hash can be signed instead of the data") {
  for (const Version version : {V1_4, V2_1}) {
    CAPTURE(version);
    Lab lab;
    const Pair pair = make(lab, CryptographicAlgorithm::ECDSA, 256, version);
    const auto parameters = named(DigitalSignatureAlgorithm::ECDSAWithSHA256);
    const auto hashed = digest(Hash::sha256, bytes_of(text));
    auto request = sign_request(pair.private_key, parameters);
    request.digested_data = hashed->reveal();
    CHECK(lab.ask(request, version).reason() == InvalidField);
    request.data.reset();
    const OwnedBytes signature = owned(*lab.answer(request, version).signature_data);
    auto verify = verify_request(pair.public_key, parameters, signature);
    CHECK(lab.answer(verify, version).validity_indicator == ValidityIndicator::Valid);
    verify.data.reset();
    verify.digested_data = hashed->reveal();
    CHECK(lab.answer(verify, version).validity_indicator == ValidityIndicator::Valid);
    request.digested_data = hashed->reveal().first(20);
    CHECK(lab.ask(request, version).reason() == InvalidField);
  }
}

TEST_CASE("each wrong parameter is refused with its reason") {
  Lab lab;
  const Pair rsa = make(lab, CryptographicAlgorithm::RSA, 2048, V1_4);
  const Pair curve = make(lab, CryptographicAlgorithm::ECDSA, 256, V1_4);
  Parameters nothing, no_hash = named(DigitalSignatureAlgorithm::RSASSA_PSS);
  Parameters two_hashes = named(DigitalSignatureAlgorithm::SHA_256WithRSAEncryption);
  two_hashes.hashing_algorithm = HashingAlgorithm::SHA_512;
  Parameters unpadded = padded(PaddingMethod::None, HashingAlgorithm::SHA_256);
  Parameters long_salt = padded(PaddingMethod::PSS, HashingAlgorithm::SHA_256);
  long_salt.salt_length = -1;
  const ResultReason bad = BadCryptographicParameters, unsupported = UnsupportedCryptographicParameters;
  const struct {
    const char* what;
    const std::string& id;
    Parameters parameters;
    ResultReason in_2x;
    Version since = V1_2;
  } cases[] = {
      {"nothing", rsa.private_key, nothing, bad},
      {"PSS without a hash", rsa.private_key, no_hash, bad},
      {"two hashes", rsa.private_key, two_hashes, bad},
      {"no padding", rsa.private_key, unpadded, bad},
      {"a negative salt", rsa.private_key, long_salt, bad, V1_4},
      {"another key's scheme", rsa.private_key, named(DigitalSignatureAlgorithm::ECDSAWithSHA256), bad},
      {"another key's algorithm", curve.private_key, padded(PaddingMethod::PSS, HashingAlgorithm::SHA_256),
       bad},
      {"MD5", rsa.private_key, named(DigitalSignatureAlgorithm::MD5WithRSAEncryption), unsupported},
      {"SHA-1", rsa.private_key, named(DigitalSignatureAlgorithm::SHA_1WithRSAEncryption), unsupported},
      {"SHA-1 on a curve", curve.private_key, named(DigitalSignatureAlgorithm::ECDSAWithSHA_1), unsupported},
      {"a forgotten hash", rsa.private_key, padded(PaddingMethod::PSS, HashingAlgorithm::Tiger), unsupported},
  };
  for (const Version version : crypt_versions)
    for (const auto& c : cases) {
      if (version < c.since) continue;
      CAPTURE(version);
      CAPTURE(c.what);
      const Reply reply = lab.ask(sign_request(c.id, c.parameters), version);
      INFO(reply.text());
      CHECK(reply.reason() == by_version(version, InvalidField, c.in_2x));
    }
}

TEST_CASE("keys sign and verify as their type, mask, state and dates allow") {
  for (const Version version : crypt_versions) {
    CAPTURE(version);
    Lab lab;
    const Pair pair = make(lab, CryptographicAlgorithm::ECDSA, 256, version);
    const auto parameters = named(DigitalSignatureAlgorithm::ECDSAWithSHA256);
    const OwnedBytes signature =
        owned(*lab.answer(sign_request(pair.private_key, parameters), version).signature_data);
    const ResultReason wrong_type = by_version(version, PermissionDenied, InvalidObjectType);
    CHECK(lab.ask(sign_request(pair.public_key, parameters), version).reason() == wrong_type);
    CHECK(lab.ask(verify_request(pair.private_key, parameters, signature), version).reason() == wrong_type);
    CHECK(lab.ask(sign_request(lab.active_key(version), parameters), version).reason() == wrong_type);

    const ResultReason wrong_state = by_version(version, PermissionDenied, WrongKeyLifecycleState);
    lab.revoke(pair.private_key, RevocationReasonCode::CessationOfOperation, version);
    lab.revoke(pair.public_key, RevocationReasonCode::CessationOfOperation, version);
    CHECK(lab.ask(sign_request(pair.private_key, parameters), version).reason() == wrong_state);
    CHECK(lab.answer(verify_request(pair.public_key, parameters, signature), version).validity_indicator ==
          ValidityIndicator::Valid);
    auto missing = verify_request(pair.public_key, parameters, signature);
    missing.signature_data.reset();
    if (version >= V1_3) CHECK(lab.ask(missing, version).reason() == MissingData);
    lab.answer(DestroyRequest{Identifier(pair.public_key)}, version);
    CHECK(lab.ask(verify_request(pair.public_key, parameters, signature), version).reason() == wrong_state);

    if (version < V1_3) continue;
    const Pair another = make(lab, CryptographicAlgorithm::ECDSA, 256, version);
    auto in_parts = sign_request(another.private_key, parameters);
    in_parts.init_indicator = true;
    CHECK(lab.ask(in_parts, version).reason() == FeatureNotSupported);
  }
}

}  // namespace keyway::kmip::server::test
