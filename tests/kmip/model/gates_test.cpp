// Fields by version: one of a later version is refused when writing and in strict reading, and reading
// leniently takes it all the same.
#include <doctest/doctest.h>

#include <kmip/model/all_operations.h>
#include <kmip/model/message.h>

using namespace keyway;
using namespace keyway::kmip;
using enum Version;

namespace {

const Bytes some_bytes = bytes_of("some");

// `value` has a field that came with `first`; `before` is the version just before, and `newer` how many such
// fields there are, with those inside it.
template <class T>
void check_gate(Tag message, Tag field, const T& value, Version before, Version first, std::uint32_t newer) {
  CAPTURE(name(message));
  CAPTURE(name(field));
  CAPTURE(name(first));
  SecretBuffer out;
  REQUIRE(encode(out, message, value, first));
  CHECK(decode_message<T>(out.view(), message, Settings{first, Mode::strict, {}}));

  SecretBuffer nothing;
  const auto refused = encode(nothing, message, value, before);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::not_in_version);
  CHECK(refused.error().tag == field);
  CHECK(nothing.empty());

  const auto strict = decode_message<T>(out.view(), message, Settings{before, Mode::strict, {}});
  REQUIRE_FALSE(strict);
  CHECK(strict.error().code == Errc::not_in_version);
  CHECK(strict.error().tag == field);
  Forgiven forgiven;
  CHECK(decode_message<T>(out.view(), message, Settings{before, Mode::lenient, {}}, &forgiven));
  CHECK(forgiven.other_version == newer);
}

template <class T, class Set>
void gate(Tag message, Tag field, Version before, Version first, Set set, std::uint32_t newer = 1) {
  T value{};
  set(value);
  check_gate(message, field, value, before, first, newer);
}

}  // namespace

TEST_CASE("fields of the headers and batch items") {
  const auto request = [](Tag field, Version before, Version first, auto set) {
    gate<RequestHeader>(Tag::RequestHeader, field, before, first, set);
  };
  request(Tag::ClientCorrelationValue, V1_3, V1_4, [](auto& h) { h.client_correlation_value = "a"; });
  request(Tag::ServerCorrelationValue, V1_3, V1_4, [](auto& h) { h.server_correlation_value = "a"; });
  request(Tag::AttestationCapableIndicator, V1_1, V1_2,
          [](auto& h) { h.attestation_capable_indicator = true; });
  request(Tag::AttestationType, V1_1, V1_2,
          [](auto& h) { h.attestation_types = {AttestationType::TPMQuote}; });
  request(Tag::AsynchronousIndicator, V1_4, V2_0,
          [](auto& h) { h.asynchronous_indicator = AsynchronousIndicator::Optional; });
  request(Tag::AsynchronousIndicator, V2_0, V1_4, [](auto& h) { h.asynchronous = true; });

  const auto response = [](Tag field, Version before, Version first, auto set) {
    gate<ResponseHeader>(Tag::ResponseHeader, field, before, first, [&](ResponseHeader& h) {
      h.time_stamp = DateTime{1};
      set(h);
    });
  };
  response(Tag::Nonce, V1_1, V1_2, [](auto& h) { h.nonce = Nonce{some_bytes, some_bytes}; });
  response(Tag::ServerHashedPassword, V1_4, V2_0, [](auto& h) { h.server_hashed_password = some_bytes; });
  response(Tag::AttestationType, V1_1, V1_2,
           [](auto& h) { h.attestation_types = {AttestationType::TPMQuote}; });
  response(Tag::ClientCorrelationValue, V1_3, V1_4, [](auto& h) { h.client_correlation_value = "a"; });
  response(Tag::ServerCorrelationValue, V1_3, V1_4, [](auto& h) { h.server_correlation_value = "a"; });

  gate<RequestBatchItem>(Tag::BatchItem, Tag::Ephemeral, V1_4, V2_0, [](RequestBatchItem& item) {
    item.operation = Operation::Get;
    item.payload.type = Type::Structure;
    item.ephemeral = true;
  });
}

TEST_CASE("fields of Cryptographic Parameters") {
  const auto parameters = [](Tag field, Version before, Version first, auto set) {
    gate<CryptographicParameters>(Tag::CryptographicParameters, field, before, first, set);
  };
  parameters(Tag::DigitalSignatureAlgorithm, V1_1, V1_2,
             [](auto& p) { p.digital_signature_algorithm = DigitalSignatureAlgorithm::ECDSAWithSHA256; });
  parameters(Tag::CryptographicAlgorithm, V1_1, V1_2,
             [](auto& p) { p.cryptographic_algorithm = CryptographicAlgorithm::AES; });
  parameters(Tag::RandomIV, V1_1, V1_2, [](auto& p) { p.random_iv = true; });
  parameters(Tag::IVLength, V1_1, V1_2, [](auto& p) { p.iv_length = 96; });
  parameters(Tag::TagLength, V1_1, V1_2, [](auto& p) { p.tag_length = 16; });
  parameters(Tag::FixedFieldLength, V1_1, V1_2, [](auto& p) { p.fixed_field_length = 32; });
  parameters(Tag::InvocationFieldLength, V1_1, V1_2, [](auto& p) { p.invocation_field_length = 64; });
  parameters(Tag::CounterLength, V1_1, V1_2, [](auto& p) { p.counter_length = 32; });
  parameters(Tag::InitialCounterValue, V1_1, V1_2, [](auto& p) { p.initial_counter_value = 1; });
  parameters(Tag::SaltLength, V1_3, V1_4, [](auto& p) { p.salt_length = 20; });
  parameters(Tag::MaskGenerator, V1_3, V1_4, [](auto& p) { p.mask_generator = MaskGenerator::MGF1; });
  parameters(Tag::MaskGeneratorHashingAlgorithm, V1_3, V1_4,
             [](auto& p) { p.mask_generator_hashing_algorithm = HashingAlgorithm::SHA_256; });
  parameters(Tag::PSource, V1_3, V1_4, [](auto& p) { p.p_source = some_bytes; });
  parameters(Tag::TrailerField, V1_3, V1_4, [](auto& p) { p.trailer_field = 1; });
}

TEST_CASE("fields of Encrypt and Decrypt") {
  const auto encrypt = [](Tag field, Version before, Version first, auto set) {
    const auto set_with_data = [&](auto& r) {
      r.data.emplace(some_bytes);
      set(r);
    };
    gate<EncryptRequest>(Tag::RequestPayload, field, before, first, set_with_data);
    gate<DecryptRequest>(Tag::RequestPayload, field, before, first, set_with_data);
  };
  encrypt(Tag::CorrelationValue, V1_2, V1_3, [](auto& r) { r.correlation_value = some_bytes; });
  encrypt(Tag::InitIndicator, V1_2, V1_3, [](auto& r) { r.init_indicator = true; });
  encrypt(Tag::FinalIndicator, V1_2, V1_3, [](auto& r) { r.final_indicator = true; });
  encrypt(Tag::AuthenticatedEncryptionAdditionalData, V1_3, V1_4,
          [](auto& r) { r.authenticated_encryption_additional_data = some_bytes; });
  gate<DecryptRequest>(Tag::RequestPayload, Tag::AuthenticatedEncryptionTag, V1_3, V1_4,
                       [](auto& r) { r.authenticated_encryption_tag = some_bytes; });
  gate<EncryptResponse>(Tag::ResponsePayload, Tag::AuthenticatedEncryptionTag, V1_3, V1_4,
                        [](auto& r) { r.authenticated_encryption_tag = some_bytes; });
  const auto correlated = [](auto& r) {
    r.data.emplace(some_bytes);
    r.correlation_value = some_bytes;
  };
  gate<EncryptResponse>(Tag::ResponsePayload, Tag::CorrelationValue, V1_2, V1_3, correlated);
  gate<DecryptResponse>(Tag::ResponsePayload, Tag::CorrelationValue, V1_2, V1_3, correlated);
}

TEST_CASE("fields of Get, Locate and Query") {
  gate<GetRequest>(Tag::RequestPayload, Tag::KeyWrapType, V1_3, V1_4,
                   [](auto& r) { r.key_wrap_type = KeyWrapType::AsRegistered; });
  gate<KeyWrappingData>(Tag::KeyWrappingData, Tag::EncodingOption, V1_0, V1_1, [](auto& w) {
    w.wrapping_method = WrappingMethod::Encrypt;
    w.encoding_option = EncodingOption::NoEncoding;
  });
  gate<KeyWrappingSpecification>(Tag::KeyWrappingSpecification, Tag::EncodingOption, V1_0, V1_1, [](auto& w) {
    w.wrapping_method = WrappingMethod::Encrypt;
    w.encoding_option = EncodingOption::NoEncoding;
  });
  gate<LocateRequest>(Tag::RequestPayload, Tag::OffsetItems, V1_2, V1_3, [](auto& r) { r.offset_items = 1; });
  gate<LocateRequest>(Tag::RequestPayload, Tag::ObjectGroupMember, V1_0, V1_1,
                      [](auto& r) { r.object_group_member = ObjectGroupMember::GroupMemberFresh; });
  gate<LocateResponse>(Tag::ResponsePayload, Tag::LocatedItems, V1_2, V1_3,
                       [](auto& r) { r.located_items = 1; });

  const auto query = [](Tag field, Version before, Version first, auto set) {
    gate<QueryResponse>(Tag::ResponsePayload, field, before, first, set);
  };
  query(Tag::ExtensionInformation, V1_0, V1_1,
        [](auto& r) { r.extension_information = {{.extension_name = "a"}}; });
  query(Tag::AttestationType, V1_1, V1_2, [](auto& r) { r.attestation_types = {AttestationType::TPMQuote}; });
  query(Tag::RNGParameters, V1_2, V1_3,
        [](auto& r) { r.rng_parameters = {{.rng_algorithm = RNGAlgorithm::DRBG}}; });
  query(Tag::ProfileInformation, V1_2, V1_3,
        [](auto& r) { r.profile_information = {{.profile_name = ProfileName{1}}}; });
  query(Tag::ValidationInformation, V1_2, V1_3, [](auto& r) {
    r.validation_information = {{.validation_authority_type = ValidationAuthorityType::NISTCMVP,
                                 .validation_version_major = 140,
                                 .validation_type = ValidationType::Hybrid,
                                 .validation_level = 3}};
  });
  query(Tag::CapabilityInformation, V1_2, V1_3, [](auto& r) { r.capability_information = {{}}; });
  query(Tag::ClientRegistrationMethod, V1_2, V1_3,
        [](auto& r) { r.client_registration_methods = {ClientRegistrationMethod::ServerPreGenerated}; });
  gate<QueryResponse>(
      Tag::ResponsePayload, Tag::DefaultsInformation, V1_4, V2_0,
      [](auto& r) { r.defaults_information.emplace().object_defaults.emplace_back(); }, 2);
  query(Tag::ProtectionStorageMasks, V1_4, V2_0, [](auto& r) { r.protection_storage_masks.emplace(); });
  gate<QueryRequest>(Tag::RequestPayload, Tag::ObjectGroups, V2_0, V2_1, [](auto& r) {
    r.functions = {QueryFunction::QueryOperations};
    r.object_groups.emplace();
  });
}

TEST_CASE("what a structure requires is missed when writing and in strict reading") {
  SecretBuffer out;
  const auto missing = [&](const auto& done, Tag field) {
    REQUIRE_FALSE(done);
    CHECK(done.error().code == Errc::missing);
    CHECK(done.error().tag == field);
    CHECK(out.empty());
  };
  missing(encode(out, Tag::ResponseHeader, ResponseHeader{}, V1_4), Tag::TimeStamp);
  missing(encode(out, Tag::RequestMessage, RequestMessage{}, V1_4), Tag::BatchItem);
  missing(encode(out, Tag::KeyValue, KeyValue{}, V1_4), Tag::KeyMaterial);
  missing(encode(out, Tag::RequestPayload, QueryRequest{}, V1_4), Tag::QueryFunction);
  missing(encode(out, Tag::Authentication, Authentication{}, V1_4), Tag::Credential);

  // Servers leave out the Time Stamp: only strict reading demands it.
  Writer writer(out);
  {
    const auto header = writer.structure(Tag::ResponseHeader);
    {
      const auto version = writer.structure(Tag::ProtocolVersion);
      writer.integer(Tag::ProtocolVersionMajor, 1);
      writer.integer(Tag::ProtocolVersionMinor, 4);
    }
    writer.integer(Tag::BatchCount, 1);
  }
  const auto strict =
      decode_message<ResponseHeader>(out.view(), Tag::ResponseHeader, Settings{V1_4, Mode::strict, {}});
  REQUIRE_FALSE(strict);
  CHECK(strict.error().code == Errc::missing);
  CHECK(strict.error().tag == Tag::TimeStamp);
  CHECK(strict.error().offset == out.size());
  const auto lenient =
      decode_message<ResponseHeader>(out.view(), Tag::ResponseHeader, Settings{V1_4, Mode::lenient, {}});
  REQUIRE(lenient);
  CHECK_FALSE(lenient->time_stamp);
}

TEST_CASE("a key block knows its key in either format") {
  KeyBlock block;
  CHECK(block.key_bytes() == nullptr);
  block.key_value.emplace();
  CHECK(block.key_bytes() == nullptr);
  block.key_value->transparent.emplace().key = Secret(Text("transparent"));
  REQUIRE(block.key_bytes() != nullptr);
  CHECK(block.key_bytes()->reveal_text() == "transparent");
  block.key_value->transparent.reset();
  block.key_value->key_material.emplace(Text("raw"));
  CHECK(block.key_bytes()->reveal_text() == "raw");

  ManagedObject object;
  CHECK(object.key_block() == nullptr);
  object.secret_data.emplace();
  CHECK(object.key_block() == &object.secret_data->key_block);
  object.symmetric_key.emplace();
  CHECK(object.key_block() == &object.symmetric_key->key_block);
}
