// Hash, MAC and MAC Verify, checked against core's own hashes and a vector of the standard's test cases.
#include <core/digest.h>
#include <core/hex.h>
#include <tests/kmip/server/support.h>

namespace keyway::kmip::server::test {

using enum ResultReason;

namespace {

constexpr Version crypt_versions[] = {V1_2, V1_3, V1_4, V2_0, V2_1};
constexpr auto both_ways = CryptographicUsageMask::MACGenerate | CryptographicUsageMask::MACVerify;
const std::string text = "what is to be kept as it is";

HashRequest hash_request(HashingAlgorithm algorithm) {
  HashRequest request;
  request.cryptographic_parameters.hashing_algorithm = algorithm;
  request.data = bytes_of(text);
  return request;
}
MacRequest mac_request(const std::string& id) {
  MacRequest request;
  request.unique_identifier = id;
  request.data = bytes_of(text);
  return request;
}
MacVerifyRequest verify_request(const std::string& id, Bytes mac) {
  MacVerifyRequest request;
  request.unique_identifier = id;
  request.data = bytes_of(text);
  request.mac_data = mac;
  return request;
}
CryptographicParameters by(CryptographicAlgorithm algorithm) {
  CryptographicParameters parameters;
  parameters.cryptographic_algorithm = algorithm;
  return parameters;
}

// register_key keeps an AES key of the standard's test cases, active, with parameters if there are any.
std::string register_key(Lab& lab, Version version, CryptographicUsageMask usage,
                         std::optional<CryptographicParameters> parameters = {}) {
  RegisterRequest request;
  request.attributes.add(Tag::CryptographicUsageMask, usage);
  request.attributes.add(Tag::ActivationDate, DateTime{1});
  if (parameters) request.attributes.add(Tag::CryptographicParameters, *parameters);
  KeyBlock& block = request.object.symmetric_key.emplace().key_block;
  block.key_value.emplace().key_material = *from_hex("0123456789abcdef0123456789abcdef");
  block.cryptographic_algorithm = CryptographicAlgorithm::AES;
  block.cryptographic_length = 128;
  return std::string(lab.answer(request, version).unique_identifier);
}
// hmac_key is a key made for HMAC-SHA-384, active.
std::string hmac_key(Lab& lab, Version version) {
  Attributes attributes;
  attributes.add(Tag::CryptographicAlgorithm, CryptographicAlgorithm::HMAC_SHA384);
  attributes.add(Tag::CryptographicLength, std::int32_t{384});
  attributes.add(Tag::CryptographicUsageMask, both_ways);
  attributes.add(Tag::ActivationDate, DateTime{1});
  return lab.create(version, std::move(attributes));
}

}  // namespace

TEST_CASE("Hash gives what core gives") {
  const std::pair<HashingAlgorithm, Hash> hashes[] = {{HashingAlgorithm::SHA_1, Hash::sha1},
                                                      {HashingAlgorithm::SHA_256, Hash::sha256},
                                                      {HashingAlgorithm::SHA_512_256, Hash::sha512_256},
                                                      {HashingAlgorithm::SHA3_512, Hash::sha3_512}};
  Lab lab;
  for (const Version version : crypt_versions)
    for (const auto& [algorithm, hash] : hashes) {
      if (algorithm == HashingAlgorithm::SHA3_512 && version < V1_4) continue;
      CAPTURE(version);
      CAPTURE(algorithm);
      const auto expected = digest(hash, bytes_of(text));
      CHECK(text_of(*lab.answer(hash_request(algorithm), version).data) == expected->reveal_text());
    }
}

TEST_CASE("Hash refuses what it cannot compute") {
  Lab lab;
  for (const Version version : crypt_versions) {
    CAPTURE(version);
    CHECK(lab.ask(hash_request(HashingAlgorithm::MD5), version).reason() == InvalidField);
    auto nameless = hash_request({});
    nameless.cryptographic_parameters.hashing_algorithm.reset();
    CHECK(lab.ask(nameless, version).reason() == InvalidField);
    if (version < V1_3) continue;
    auto in_parts = hash_request(HashingAlgorithm::SHA_256);
    in_parts.init_indicator = true;
    CHECK(lab.ask(in_parts, version).reason() == FeatureNotSupported);
    in_parts.final_indicator = true;  // the first and the last part at once are the whole
    CHECK(lab.ask(in_parts, version).succeeded());
    in_parts.correlation_value = bytes_of("unknown");
    CHECK(lab.ask(in_parts, version).reason() == FeatureNotSupported);
    HashRequest empty = hash_request(HashingAlgorithm::SHA_256);
    empty.data.reset();
    CHECK(lab.ask(empty, version).reason() == MissingData);
    if (version < V2_0) continue;
    empty.earlier_data.position = 0;
    CHECK(lab.ask(empty, version).reason() == FeatureNotSupported);
  }
}

// CS-AC-M-4 and CS-AC-M-6 of the OASIS test cases.
TEST_CASE("an HMAC is the one of the standard's test case, and is found valid") {
  for (const Version version : crypt_versions) {
    CAPTURE(version);
    Lab lab;
    const std::string id = register_key(lab, version, both_ways, by(CryptographicAlgorithm::HMAC_SHA256));
    const auto data = from_hex("01020304050607080910111213141516");
    auto request = mac_request(id);
    request.data = data->reveal();
    const OwnedBytes mac = owned(*lab.answer(request, version).mac_data);
    CHECK(to_hex(mac) == "c911e78196d64c30f631bb079ea37b97a95936d4da764d6a171df030c895ecf9");

    auto verify = verify_request(id, mac);
    verify.data = data->reveal();
    CHECK(lab.answer(verify, version).validity_indicator == ValidityIndicator::Valid);
    for (const std::size_t size : {std::size_t{0}, std::size_t{16}, mac.size() - 1}) {
      verify.mac_data = Bytes(mac).first(size);
      CHECK(lab.answer(verify, version).validity_indicator == ValidityIndicator::Invalid);
    }
    OwnedBytes other = mac;
    other.front() ^= std::byte{1};
    verify.mac_data = Bytes(other);
    CHECK(lab.answer(verify, version).validity_indicator == ValidityIndicator::Invalid);
  }
}

TEST_CASE("a key made for one HMAC computes that one only") {
  for (const Version version : crypt_versions) {
    CAPTURE(version);
    Lab lab;
    const std::string id = hmac_key(lab, version);
    auto request = mac_request(id);
    CHECK(lab.answer(request, version).mac_data->size() == 48);
    request.cryptographic_parameters = by(CryptographicAlgorithm::HMAC_SHA384);
    CHECK(lab.answer(request, version).mac_data->size() == 48);
    request.cryptographic_parameters = by(CryptographicAlgorithm::HMAC_SHA512);
    CHECK(lab.ask(request, version).reason() ==
          by_version(version, InvalidField, BadCryptographicParameters));
  }
}

TEST_CASE("MAC and MAC Verify refuse each wrong thing with its reason") {
  for (const Version version : crypt_versions) {
    CAPTURE(version);
    Lab lab;
    const std::string id = register_key(lab, version, both_ways);
    const ResultReason bad = by_version(version, InvalidField, BadCryptographicParameters);
    CHECK(lab.ask(mac_request(id), version).reason() == bad);
    auto request = mac_request(id);
    request.cryptographic_parameters = by(CryptographicAlgorithm::AES);
    CHECK(lab.ask(request, version).reason() ==
          by_version(version, InvalidField, UnsupportedCryptographicParameters));

    auto verify = verify_request(id, {});
    verify.cryptographic_parameters = by(CryptographicAlgorithm::HMAC_SHA256);
    verify.mac_data.reset();
    if (version >= V1_3) CHECK(lab.ask(verify, version).reason() == MissingData);

    const std::string useless = lab.active_key(version);
    request = mac_request(useless);
    request.cryptographic_parameters = by(CryptographicAlgorithm::HMAC_SHA256);
    CHECK(lab.ask(request, version).reason() ==
          by_version(version, PermissionDenied, IncompatibleCryptographicUsageMask));
    CHECK(lab.ask(mac_request("nothing"), version).reason() ==
          by_version(version, ItemNotFound, ObjectNotFound));
  }
}

TEST_CASE("a deactivated key verifies and makes no more MACs") {
  for (const Version version : crypt_versions) {
    CAPTURE(version);
    Lab lab;
    const std::string id = hmac_key(lab, version);
    const OwnedBytes mac = owned(*lab.answer(mac_request(id), version).mac_data);
    lab.revoke(id, RevocationReasonCode::CessationOfOperation, version);
    CHECK(lab.ask(mac_request(id), version).reason() ==
          by_version(version, PermissionDenied, WrongKeyLifecycleState));
    CHECK(lab.answer(verify_request(id, mac), version).validity_indicator == ValidityIndicator::Valid);
    lab.answer(DestroyRequest{Identifier(id)}, version);
    CHECK(lab.ask(verify_request(id, mac), version).reason() ==
          by_version(version, PermissionDenied, WrongKeyLifecycleState));
  }
}

}  // namespace keyway::kmip::server::test
