// No bytes whatever make the server do anything but answer with a response message.
#include <tests/kmip/server/support.h>

namespace keyway::kmip::server::test {

namespace {

// check_well_formed wants a response message that decodes strictly at the version in its header.
void check_well_formed(const SecretBuffer& bytes) {
  for (const Version version : every_version) {
    const auto decoded = decode_message<ResponseMessage>(bytes.view(), Tag::ResponseMessage,
                                                         Settings{version, Mode::strict, {}});
    if (!decoded || decoded->header.protocol_version.number() != number_of(version)) continue;
    const auto count = static_cast<std::size_t>(decoded->header.batch_count);
    if (count != decoded->items.size()) continue;
    for (const ResponseBatchItem& item : decoded->items)
      if ((item.result_status == ResultStatus::Success) == item.result_reason.has_value()) FAIL("reason");
    return;
  }
  FAIL("not a response message");
}

SecretBuffer encrypt_message(Lab& lab, Version version) {
  const std::string id = lab.active_key(version);
  EncryptRequest request;
  request.unique_identifier = id;
  auto& parameters = request.cryptographic_parameters.emplace();
  parameters.block_cipher_mode = BlockCipherMode::GCM;
  parameters.tag_length = 16;
  request.data = bytes_of("a data key");
  request.iv_counter_nonce = bytes_of("twelve bytes");
  Message message(version);
  message.header.maximum_response_size = 65'536;
  message.add(request, "id");
  return message.bytes();
}

// An ordered batch with attributes of every kind of encoding, a key, and references to what came before.
SecretBuffer register_batch(Version version) {
  RegisterRequest request;
  request.attributes = aes(256, "name");
  request.attributes.add_custom("x", "room", Text("cellar"));
  KeyBlock& block = request.object.symmetric_key.emplace().key_block;
  block.key_value.emplace().key_material = Secret(Text("0123456789abcdef0123456789abcdef"));
  GetAttributesRequest attributes;
  attributes.names.ids = {AttributeId(Tag::Name), AttributeId("x", "room")};
  Message message(version);
  message.header.batch_order_option = true;
  message.add(request, "1").add(attributes, "2").add(GetRequest{}, "3");
  return message.bytes();
}

// Changes of one object in a row, and what computes with it and makes others of it.
SecretBuffer change_batch(Lab& lab, Version version) {
  constexpr auto usage = CryptographicUsageMask::DeriveKey | CryptographicUsageMask::MACGenerate;
  const std::string id = lab.create(version, aes(256, {}, usage));
  lab.answer(ActivateRequest{Identifier(id)}, version);
  Attributes group;
  group.add(Tag::ObjectGroup, Text("a"));
  DeriveKeyRequest derive;
  derive.object_type = ObjectType::SymmetricKey;
  derive.unique_identifiers.emplace_back(id);
  derive.derivation_method = DerivationMethod::HMAC;
  derive.derivation_parameters.cryptographic_parameters.emplace().hashing_algorithm =
      HashingAlgorithm::SHA_256;
  derive.derivation_parameters.derivation_data = {bytes_of("data")};
  derive.attributes = aes();
  Message message(version);
  message.header.batch_error_continuation_option = BatchErrorContinuationOption::Continue;
  message.add(AddAttributeRequest{Identifier(id), std::move(group)}, "1");
  message.add(DeleteAttributeRequest{Identifier(id), {}, {{AttributeId(Tag::ObjectGroup)}}, {}}, "2");
  message.add(derive, "3").add(ReKeyRequest{.unique_identifier = Identifier(id)}, "4");
  if (version >= V1_2) {
    MacRequest mac;
    mac.unique_identifier = Identifier(id);
    mac.cryptographic_parameters.emplace().cryptographic_algorithm = CryptographicAlgorithm::HMAC_SHA256;
    mac.data = bytes_of("data");
    message.add(mac, "5");
  }
  return message.bytes();
}

// check_every_bit sends `message` with each of its bits changed in turn.
void check_every_bit(Lab& lab, SecretBuffer message) {
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
    CAPTURE(bit);
    const auto mask = static_cast<std::byte>(1u << (bit % 8));
    message.room()[bit / 8] ^= mask;
    check_well_formed(lab.engine().handle(message.view(), "test"));
    message.room()[bit / 8] ^= mask;
  }
}

}  // namespace

TEST_CASE("every truncation of an Encrypt request is answered") {
  for (const Version version : {V1_2, V1_4, V2_1}) {
    CAPTURE(version);
    Lab lab;
    const SecretBuffer whole = encrypt_message(lab, version);
    CHECK(read(lab.engine().handle(whole.view(), "test"), version).succeeded());
    for (std::size_t n = 0; n < whole.size(); ++n) {
      CAPTURE(n);
      check_well_formed(lab.engine().handle(whole.view().first(n), "test"));
    }
  }
}

TEST_CASE("every changed bit of an Encrypt request is answered") {
  for (const Version version : {V1_2, V1_4, V2_1}) {
    CAPTURE(version);
    Lab lab;
    check_every_bit(lab, encrypt_message(lab, version));
  }
}

TEST_CASE("every changed bit of a batch of changes is answered") {
  for (const Version version : {V1_0, V1_4, V2_1}) {
    CAPTURE(version);
    Lab lab;
    SecretBuffer whole = change_batch(lab, version);
    const Reply reply = read(lab.engine().handle(whole.view(), "test"), version);
    for (std::size_t i = 0; i < reply.message.items.size(); ++i) CHECK(reply.succeeded(i));
    check_every_bit(lab, std::move(whole));
  }
}

TEST_CASE("every changed bit of a Register batch is answered") {
  for (const Version version : {V1_0, V1_4, V2_1}) {
    CAPTURE(version);
    Lab lab;
    SecretBuffer whole = register_batch(version);
    CHECK(read(lab.engine().handle(whole.view(), "test"), version).message.items.size() == 3);
    check_every_bit(lab, std::move(whole));
  }
}

}  // namespace keyway::kmip::server::test
