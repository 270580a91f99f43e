// One good conversation, run again with each of its steps going wrong in each way.
#include <doctest/doctest.h>

#include <kmip/server/engine.h>
#include <tests/kmip/client/support.h>
#include <tests/kmip/hex.h>

using namespace keyway;
using namespace keyway::kmip;
using namespace keyway::kmip::test;

namespace {

constexpr std::size_t steps = 5;  // Discover Versions, Create, Activate, Encrypt, Decrypt

// Talks with an engine through a peer that follows `script`. The result is the first error, or nothing.
Result<void> converse(const ScriptedPeer& peer) {
  ClientSettings settings = settings_for(peer);
  settings.version.reset();
  settings.request_timeout = short_timeout * 3;
  BlockingClient client(settings);
  const auto key = client.call(aes_key());
  if (!key) return std::unexpected(key.error());
  const std::string id((*key)->unique_identifier);
  const auto active = client.call(ActivateRequest{.unique_identifier = Identifier(id)});
  if (!active) return std::unexpected(active.error());

  const OwnedBytes plain(32, std::byte{0x42}), iv(12, std::byte{0x01});
  CryptographicParameters gcm;
  gcm.block_cipher_mode = BlockCipherMode::GCM;
  gcm.padding_method = PaddingMethod::None;
  gcm.cryptographic_algorithm = CryptographicAlgorithm::AES;
  gcm.tag_length = 16;
  EncryptRequest encrypt;
  encrypt.unique_identifier = Identifier(id);
  encrypt.cryptographic_parameters = gcm;
  encrypt.data = plain;
  encrypt.iv_counter_nonce = iv;
  const auto sealed = client.call(encrypt);
  if (!sealed) return std::unexpected(sealed.error());
  DecryptRequest decrypt;
  decrypt.unique_identifier = Identifier(id);
  decrypt.cryptographic_parameters = gcm;
  decrypt.data = (*sealed)->data;
  decrypt.iv_counter_nonce = iv;
  decrypt.authenticated_encryption_tag = (*sealed)->authenticated_encryption_tag;
  const auto opened = client.call(decrypt);
  if (!opened) return std::unexpected(opened.error());
  if (*(*opened)->data != Secret(plain)) return fail(ErrorKind::internal, "another plain text came back");
  return {};
}

Step by(server::Engine& engine, Step::Act act = Step::Act::answer, std::size_t size = 0) {
  return {act, [&engine](Bytes request) { return owned(engine.handle(request, "test").view()); }, size};
}

}  // namespace

TEST_CASE("the conversation is good when nothing goes wrong") {
  server::Engine engine({});
  const ScriptedPeer peer(server_tls(), {Connection{std::vector<Step>(steps, by(engine))}});
  const auto result = converse(peer);
  CHECK_MESSAGE(result, text_of_error(result));
  CHECK(peer.seen() == Seen{"DiscoverVersions Create Activate Encrypt Decrypt"});
}

TEST_CASE("each step of the conversation may fail, and the call says so") {
  struct Fault {
    std::string name;
    std::function<Step(server::Engine&)> step;
    ErrorKind kind;
    Text says;
  };
  const Fault faults[] = {
      {"close", [](auto&) { return close_connection(); }, ErrorKind::unreachable, "without an answer"},
      {"stall", [](auto&) { return stall(); }, ErrorKind::unreachable, "the deadline passed"},
      {"garbage", [](auto&) { return answer(OwnedBytes(100, std::byte{0xee})); }, ErrorKind::corrupt,
       "does not speak KMIP"},
      {"cut in the header", [](auto& e) { return by(e, Step::Act::cut, 5); }, ErrorKind::unreachable,
       "in the middle of its answer, after 5 bytes"},
      {"cut in the body", [](auto& e) { return by(e, Step::Act::cut, 60); }, ErrorKind::unreachable,
       "in the middle of its answer, after 60 of"},
      {"damaged",
       [](auto& e) {
         return Step{Step::Act::answer, [&e](Bytes request) {
                       OwnedBytes message = owned(e.handle(request, "test").view());
                       message[3 + 8] = std::byte{0x02};  // Response Header as an Integer
                       return message;
                     }};
       },
       ErrorKind::corrupt, "is not valid KMIP"},
      {"huge", [](auto&) { return answer(keyway::test::from_hex("42007B 01 FFFFFFF8")); }, ErrorKind::corrupt,
       "announces a message of 4294967296 bytes"},
  };
  for (const Fault& fault : faults) {
    CAPTURE(fault.name);
    for (std::size_t failing = 0; failing < steps; ++failing) {
      CAPTURE(failing);
      server::Engine engine({});
      std::vector<Step> script(failing, by(engine));
      script.push_back(fault.step(engine));
      // A read-only step may be tried again; the second connection fails at once, in the same way.
      std::vector<Step> again{fault.step(engine)};
      const ScriptedPeer peer(server_tls(), {Connection{script}, Connection{again}});
      const auto result = converse(peer);
      REQUIRE_FALSE(result);
      INFO(describe(result.error()));
      CHECK(result.error().kind == fault.kind);
      CHECK(contains(result.error().what, fault.says));
    }
  }
}
