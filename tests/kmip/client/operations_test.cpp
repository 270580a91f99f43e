// The typed functions of every operation, and asynchronous answers.
#include <algorithm>

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <kmip/client/client.h>
#include <kmip/client/cryptography.h>
#include <kmip/client/object_attributes.h>
#include <kmip/client/objects.h>
#include <kmip/client/server_operations.h>
#include <kmip/server/engine.h>
#include <tests/kmip/client/support.h>

using namespace keyway;
using namespace keyway::kmip;
using namespace keyway::kmip::test;

namespace {

Step by(server::Engine& engine) {
  return {Step::Act::answer,
          [&engine](Bytes request) { return owned(engine.handle(request, "test").view()); }, 0};
}

ClientSettings at(Version version, const ScriptedPeer& peer) {
  ClientSettings settings = settings_for(peer);
  settings.version = version;
  return settings;
}

// A server that answers whatever is asked.
struct Server {
  server::Engine engine{{}};
  ScriptedPeer peer{server_tls(), {Connection{std::vector<Step>(64, by(engine))}}};
};

CreateRequest usable_for(CryptographicUsageMask usage) {
  CreateRequest request;
  request.attributes.add(Tag::CryptographicAlgorithm, CryptographicAlgorithm::HMAC_SHA256);
  request.attributes.add(Tag::CryptographicLength, std::int32_t{256});
  request.attributes.add(Tag::CryptographicUsageMask, usage);
  return request;
}

const OwnedBytes correlation{std::byte{0xc0}, std::byte{0xff}, std::byte{0xee}};

template <class T>
const T& good(const Result<T>& result) {
  REQUIRE_MESSAGE(result, text_of_error(result));
  return *result;
}

}  // namespace

TEST_CASE("objects: made, checked, replaced and put away") {
  Server server;
  BlockingClient client(at(Version::V1_4, server.peer));
  const auto made = create(client, aes_key());
  const std::string id(good(made)->unique_identifier);
  CHECK(good(activate(client, {.unique_identifier = Identifier(id)}))->unique_identifier == id);
  const auto may = check(client, {.unique_identifier = Identifier(id),
                                  .cryptographic_usage_mask = CryptographicUsageMask::Encrypt});
  CHECK_FALSE(good(may)->cryptographic_usage_mask);

  // The new key is another object, and that is as it should be.
  const auto renewed = rekey(client, {.unique_identifier = Identifier(id)});
  const std::string next(good(renewed)->unique_identifier);
  CHECK(next != id);
  CHECK(good(get(client, get_of(next)))->object.key_block()->key_bytes()->size() == 32);

  CHECK(good(archive(client, {.unique_identifier = Identifier(next)}))->unique_identifier == next);
  CHECK_FALSE(get(client, get_of(next)));
  CHECK(good(recover(client, {.unique_identifier = Identifier(next)}))->unique_identifier == next);
  CHECK(get(client, get_of(next)));
  RevokeRequest over;
  over.unique_identifier = Identifier(next);
  over.revocation_reason.code = RevocationReasonCode::CessationOfOperation;
  CHECK(good(revoke(client, std::move(over)))->unique_identifier == next);
  CHECK(good(destroy(client, {.unique_identifier = Identifier(next)}))->unique_identifier == next);
  CHECK(server.peer.seen() == Seen{"Create Activate Check ReKey Get Archive Get Recover Get Revoke Destroy"});
}

TEST_CASE("attributes: added, set, listed and taken away, at 2.1") {
  Server server;
  BlockingClient client(at(Version::V2_1, server.peer));
  const std::string id(good(create(client, aes_key()))->unique_identifier);
  AddAttributeRequest added{.unique_identifier = Identifier(id), .attribute = {}};
  added.attribute.add_custom("x", "note", Text("first"));
  CHECK(good(add_attribute(client, std::move(added)))->unique_identifier == id);
  SetAttributeRequest set{.unique_identifier = Identifier(id), .attribute = {}};
  set.attribute.add(Tag::ContactInformation, Text("ops"));
  CHECK(good(set_attribute(client, std::move(set)))->unique_identifier == id);

  GetAttributesRequest wanted{.unique_identifier = Identifier(id), .names = {}};
  wanted.names.ids = {Tag::ContactInformation};
  const auto found = get_attributes(client, wanted);
  CHECK(good(found)->attributes.get<Text>(Tag::ContactInformation) == "ops");
  DeleteAttributeRequest gone;
  gone.unique_identifier = Identifier(id);
  gone.attribute.ids = {Tag::ContactInformation};
  CHECK(delete_attribute(client, std::move(gone)));
  const auto left = get_attribute_list(client, attribute_list_of(id));
  const auto& names = good(left)->names.ids;
  CHECK(std::ranges::find(names, AttributeId(Tag::ContactInformation)) == names.end());
  CHECK(std::ranges::find(names, AttributeId("x", "note")) != names.end());
}

TEST_CASE("cryptography: codes, hashes and random bytes") {
  Server server;
  BlockingClient client(at(Version::V1_4, server.peer));
  const std::string id(good(create(client, usable_for(CryptographicUsageMask::MACGenerate |
                                                      CryptographicUsageMask::MACVerify)))
                           ->unique_identifier);
  CHECK(activate(client, {.unique_identifier = Identifier(id)}));
  const OwnedBytes data(20, std::byte{7});
  CryptographicParameters hmac;
  hmac.cryptographic_algorithm = CryptographicAlgorithm::HMAC_SHA256;
  const auto code =
      mac(client, {.unique_identifier = Identifier(id), .cryptographic_parameters = hmac, .data = data});
  REQUIRE(good(code)->mac_data);
  CHECK((*code)->mac_data->size() == 32);
  OwnedBytes given((*code)->mac_data->begin(), (*code)->mac_data->end());
  const auto verified = [&] {
    const auto reply = mac_verify(client, {.unique_identifier = Identifier(id),
                                           .cryptographic_parameters = hmac,
                                           .data = data,
                                           .mac_data = given});
    return good(reply)->validity_indicator;
  };
  CHECK(verified() == ValidityIndicator::Valid);
  given.front() ^= std::byte{1};
  CHECK(verified() == ValidityIndicator::Invalid);  // an answer, not an error

  HashRequest hashed;
  hashed.cryptographic_parameters.hashing_algorithm = HashingAlgorithm::SHA_256;
  hashed.data = data;
  const auto digest = kmip::hash(client, std::move(hashed));
  CHECK(good(digest)->data->size() == 32);
  CHECK(good(rng_retrieve(client, {.data_length = 24}))->data.size() == 24);
}

TEST_CASE("operations about the server") {
  Server server;
  BlockingClient client(at(Version::V2_1, server.peer));
  CHECK(good(discover_versions(client, {}))->protocol_versions.size() == 7);
  QueryRequest question;
  question.functions = {QueryFunction::QueryOperations};
  CHECK_FALSE(good(query(client, std::move(question)))->operations.empty());
  CHECK(ping(client, {}));
}

TEST_CASE("the same functions take a completion token with the asynchronous client") {
  Server server;
  asio::io_context io;
  Client client(io.get_executor(), at(Version::V1_4, server.peer));
  std::string id;
  std::optional<Result<Reply<ReKeyResponse>>> renewed;
  create(client, aes_key(), [&](Result<Reply<CreateResponse>> made) {
    id = good(made)->unique_identifier;
    rekey(client, {.unique_identifier = Identifier(id)},
          [&](Result<Reply<ReKeyResponse>> reply) { renewed = std::move(reply); });
  });
  io.run();
  REQUIRE(renewed);
  CHECK(good(*renewed)->unique_identifier != id);
  CHECK(server.peer.seen() == Seen{"Create ReKey"});
}

TEST_CASE("only operations that make an object may answer for another one") {
  const auto other_key = response({success(Operation::ReKey, payload_of(ReKeyResponse{"b", {}}))});
  const auto archived = response({success(Operation::Archive, payload_of(ArchiveResponse{"b"}))});
  CheckResponse for_another;
  for_another.unique_identifier = "b";
  const auto checked = response({success(Operation::Check, payload_of(for_another))});
  const ScriptedPeer peer(
      server_tls(), {Connection{{answer(other_key), answer(got("b")), answer(archived), answer(checked)}}});
  BlockingClient client(settings_for(peer));
  CHECK(good(rekey(client, {.unique_identifier = Identifier("a")}))->unique_identifier == "b");
  const auto object = get(client, get_of("a"));
  REQUIRE_FALSE(object);
  CHECK(object.error().kind == ErrorKind::corrupt);
  CHECK(contains(object.error().what, "answered for object 'b' where 'a' was asked"));
  const auto away = archive(client, {.unique_identifier = Identifier("a")});
  REQUIRE_FALSE(away);
  CHECK(away.error().kind == ErrorKind::corrupt);
  const auto allowed = check(client, {.unique_identifier = Identifier("a")});
  REQUIRE_FALSE(allowed);
  CHECK(allowed.error().kind == ErrorKind::corrupt);
}

TEST_CASE("poll gives nothing, the typed answer, or what the server refused") {
  const auto done = response({success(Operation::Poll, payload_of(ReKeyResponse{"new", {}}))});
  // Servers differ in which operation they say they answer.
  const auto named = response({success(Operation::ReKey, payload_of(ReKeyResponse{"new", {}}))});
  const auto refused = response({refusal(Operation::Poll, ResultReason::PermissionDenied, "not yours")});
  const auto damaged = response({success(Operation::Poll, payload_of(PingResponse{}))});
  const ScriptedPeer peer(
      server_tls(), {Connection{{answer(response({pending(Operation::Poll, correlation)})), answer(done),
                                 answer(named), answer(refused), answer(damaged)}}});
  BlockingClient client(settings_for(peer));
  const auto nothing = poll<ReKeyRequest>(client, correlation);
  CHECK_FALSE(good(nothing));
  for (int i = 0; i < 2; ++i) {
    const auto finished = poll<ReKeyRequest>(client, correlation);
    REQUIRE(good(finished));
    CHECK((**finished)->unique_identifier == "new");
  }
  const auto no = poll<ReKeyRequest>(client, correlation);
  REQUIRE_FALSE(no);
  CHECK(no.error().kind == ErrorKind::refused);
  CHECK(contains(no.error().what, "not yours"));
  const auto wrong = poll<ReKeyRequest>(client, correlation);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().kind == ErrorKind::corrupt);
  CHECK(peer.seen() == Seen{"Poll Poll Poll Poll Poll"});
}

TEST_CASE("cancel says what became of the request") {
  const CancelResponse late{correlation, CancellationResult::Completed};
  const ScriptedPeer peer(server_tls(),
                          {Connection{{answer(response({success(Operation::Cancel, payload_of(late))}))}}});
  BlockingClient client(settings_for(peer));
  const auto reply = cancel(client, {.asynchronous_correlation_value = correlation});
  CHECK(good(reply)->cancellation_result == CancellationResult::Completed);
}

TEST_CASE("an asynchronous answer to an ordinary call is an error that says how to go on") {
  const ScriptedPeer peer(server_tls(),
                          {Connection{{answer(response({pending(Operation::ReKey, correlation)}))}}});
  BlockingClient client(settings_for(peer));
  const auto reply = rekey(client, {.unique_identifier = Identifier("a")});
  REQUIRE_FALSE(reply);
  CHECK(reply.error().kind == ErrorKind::unsupported);
  CHECK(is_pending(reply.error()));
  CHECK(contains(reply.error().advice, "c0ffee"));
  CHECK(peer.seen() == Seen{"ReKey"});
}

TEST_CASE("what the version does not have is refused before anything is sent") {
  const ScriptedPeer peer(server_tls(), {Connection{{answer(got("a"))}}});
  BlockingClient client(at(Version::V1_0, peer));
  const auto check_refused = [](const auto& reply, Text operation) {
    REQUIRE_FALSE(reply);
    CHECK(reply.error().kind == ErrorKind::unsupported);
    CHECK(contains(reply.error().what, operation));
    CHECK(contains(reply.error().what, "1.0"));
  };
  check_refused(ping(client, {}), "Ping");
  check_refused(sign(client, {.unique_identifier = Identifier("a")}), "Sign");
  check_refused(export_object(client, {.unique_identifier = Identifier("a")}), "Export");
  check_refused(rekey_key_pair(client, {}), "Key Pair");
  SetAttributeRequest set;
  set.attribute.add(Tag::ContactInformation, Text("ops"));
  check_refused(set_attribute(client, std::move(set)), "Set Attribute");
  CHECK(get(client, get_of("a")));
  CHECK(peer.seen() == Seen{"Get"});
}
