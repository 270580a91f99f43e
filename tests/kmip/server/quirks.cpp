// Each quirk does what it says, and nothing of it is there without it.
#include <tests/kmip/server/support.h>

namespace keyway::kmip::server::test {

using enum ResultReason;

namespace {

EncryptRequest gcm_request(const std::string& id) {
  EncryptRequest request;
  request.unique_identifier = id;
  request.cryptographic_parameters.emplace().block_cipher_mode = BlockCipherMode::GCM;
  request.data = bytes_of("plain");
  request.iv_counter_nonce = bytes_of("twelve bytes");
  return request;
}

const QueryRequest operations{{QueryFunction::QueryOperations}, {}};

}  // namespace

TEST_CASE("quirk no_discover_versions") {
  Lab lab(Quirks{.no_discover_versions = true});
  CHECK(lab.ask(DiscoverVersionsRequest{}, V1_4).reason() == OperationNotSupported);
}

TEST_CASE("quirk discover_answers_nothing") {
  Lab lab(Quirks{.discover_answers_nothing = true});
  CHECK(lab.answer(DiscoverVersionsRequest{}, V1_4).protocol_versions.empty());
}

TEST_CASE("quirks omit_operation_in_response and omit_batch_id") {
  Lab lab(Quirks{.omit_operation_in_response = true, .omit_batch_id = true});
  Message message(V1_4);
  const Reply reply = lab.send(message.add(operations, "1").add(operations, "2"));
  REQUIRE(reply.message.items.size() == 2);
  for (const auto& item : reply.message.items) {
    CHECK_FALSE(item.operation);
    CHECK_FALSE(item.unique_batch_item_id);
  }
}

TEST_CASE("quirk max_batch_items") {
  Lab lab(Quirks{.max_batch_items = 1});
  CHECK(lab.ask(operations, V1_4).succeeded());
  Message message(V2_1);
  const Reply reply = lab.send(message.add(operations, "1").add(operations, "2"));
  CHECK(reply.message.items.size() == 1);
  CHECK(reply.reason() == ServerLimitExceeded);
}

TEST_CASE("quirk no_encrypt") {
  Lab lab(Quirks{.no_encrypt = true});
  const std::string id = lab.active_key(V1_4);
  CHECK(lab.ask(gcm_request(id), V1_4).reason() == OperationNotSupported);
  for (const Operation operation : lab.answer(operations, V1_4).operations)
    CHECK(operation != Operation::Encrypt);
}

TEST_CASE("quirk no_gcm") {
  Lab lab(Quirks{.no_gcm = true});
  const std::string id = lab.active_key(V1_4);
  CHECK(lab.ask(gcm_request(id), V1_4).reason() == InvalidField);
  CHECK(lab.ask(gcm_request(id), V2_1).reason() == UnsupportedCryptographicParameters);
  EncryptRequest cbc = gcm_request(id);
  cbc.cryptographic_parameters->block_cipher_mode = BlockCipherMode::CBC;
  cbc.cryptographic_parameters->padding_method = PaddingMethod::PKCS5;
  cbc.iv_counter_nonce = bytes_of("sixteen bytes iv");
  CHECK(lab.ask(cbc, V1_4).succeeded());
}

TEST_CASE("quirk drop_gcm_tag") {
  Lab lab(Quirks{.drop_gcm_tag = true});
  const std::string id = lab.active_key(V1_4);
  CHECK(lab.answer(gcm_request(id), V1_2).data->size() == 5);
  const auto with_field = lab.answer(gcm_request(id), V1_4);
  CHECK(with_field.data->size() == 5);
  CHECK(with_field.authenticated_encryption_tag.has_value());
}

TEST_CASE("quirk answer_other_identifier") {
  Lab lab(Quirks{.answer_other_identifier = true});
  CreateRequest create;
  create.attributes = aes(256, "k");
  lab.answer(create, V1_4);
  Message message(V1_4);
  message.header.batch_order_option = true;
  LocateRequest locate;
  const Reply reply = lab.send(message.add(locate, "1").add(GetRequest{}, "2"));
  CHECK(reply.payload<GetResponse>(V1_4, 1).unique_identifier == "00000000-0000-4000-8000-000000000000");
}

TEST_CASE("quirk answer_other_operation") {
  Lab lab(Quirks{.answer_other_operation = true});
  CHECK(lab.ask(operations, V1_4).item().operation == Operation::Locate);
  CHECK(lab.ask(LocateRequest{}, V1_4).item().operation == Operation::Query);
}

TEST_CASE("quirk too_many_items") {
  Lab lab(Quirks{.too_many_items = true});
  Message message(V1_4);
  CHECK(lab.send(message.add(operations)).message.items.size() == 2);
}

TEST_CASE("quirks of Locate") {
  Lab lab(Quirks{.locate_ignores_filter = true, .locate_omits_located_items = true});
  lab.create(V1_4, aes(256, "one"));
  lab.create(V1_4, aes(256, "two"));
  LocateRequest request;
  request.attributes.add(Tag::Name, Name{"three"});
  const auto response = lab.answer(request, V1_4);
  CHECK(response.unique_identifiers.size() == 2);
  CHECK_FALSE(response.located_items);
}

TEST_CASE("quirk extra_unknown_field") {
  Lab lab(Quirks{.extra_unknown_field = true});
  for (const Version version : every_version) {
    CAPTURE(version);
    const Reply reply = lab.ask(operations, version);
    REQUIRE(reply.item().payload);
    CHECK_FALSE(decode_item<QueryResponse>(*reply.item().payload, {version, Mode::strict, {}}));
    Forgiven forgiven;
    CHECK(decode_item<QueryResponse>(*reply.item().payload, {version, Mode::lenient, {}}, &forgiven));
    CHECK(forgiven.unknown == 1);
  }
}

}  // namespace keyway::kmip::server::test
