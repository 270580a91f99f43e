// Messages of the caller's own.
#include <doctest/doctest.h>

#include <kmip/server/engine.h>
#include <tests/kmip/client/support.h>
#include <tests/kmip/hex.h>

using namespace keyway;
using namespace keyway::kmip;
using namespace keyway::kmip::test;

namespace {

// Query, at 1.1: not the version that the client would choose.
const OwnedBytes query = keyway::test::from_hex({
    "420078 01 00000070",
    "420077 01 00000038 420069 01 00000020",
    "42006A 02 00000004 00000001 00000000",
    "42006B 02 00000004 00000001 00000000",
    "42000D 02 00000004 00000001 00000000",
    "42000F 01 00000028",
    "42005C 05 00000004 00000018 00000000",
    "420079 01 00000010",
    "420074 05 00000004 00000001 00000000",
});

SecretBuffer copy_of(Bytes message) {
  SecretBuffer copy;
  copy.append(message);
  return copy;
}

ClientSettings negotiating(const ScriptedPeer& peer) {
  ClientSettings settings = settings_for(peer);
  settings.version.reset();
  return settings;
}

}  // namespace

TEST_CASE("a message is sent as it is, and its answer comes as it is") {
  OwnedBytes arrived;
  const OwnedBytes reply = activated("k");
  const Step echo{Step::Act::answer,
                  [&](Bytes request) {
                    arrived = owned(request);
                    return reply;
                  },
                  0};
  const ScriptedPeer peer(server_tls(), {Connection{{echo}}});
  BlockingClient client(negotiating(peer));
  const auto answer = client.exchange(copy_of(query));
  REQUIRE_MESSAGE(answer, text_of_error(answer));
  CHECK(keyway::test::to_hex(answer->view()) == keyway::test::to_hex(reply));
  CHECK(keyway::test::to_hex(arrived) == keyway::test::to_hex(query));
  CHECK(peer.seen() == Seen{"Query"});
}

TEST_CASE("the version is negotiated on the same connection when a call needs it") {
  server::Engine engine({});
  const Step by_engine{Step::Act::answer,
                       [&](Bytes request) { return owned(engine.handle(request, "test").view()); }, 0};
  const ScriptedPeer peer(server_tls(), {Connection{std::vector<Step>(4, by_engine)}});
  BlockingClient client(negotiating(peer));
  REQUIRE(client.exchange(copy_of(query)));
  REQUIRE(client.call(aes_key()));
  REQUIRE(client.exchange(copy_of(query)));
  CHECK(peer.seen() == Seen{"Query DiscoverVersions Create Query"});
}

TEST_CASE("a message without an answer is not sent again") {
  const ScriptedPeer peer(server_tls(),
                          {Connection{{idle_out(activated("k"))}}, Connection{{close_connection()}}});
  BlockingClient client(negotiating(peer));
  REQUIRE(client.exchange(copy_of(query)));
  peer.wait_for_end(0);
  const auto answer = client.exchange(copy_of(query));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::unreachable);
  CHECK(describe(answer.error()).find("look before you repeat it") != std::string::npos);
  CHECK(peer.seen().size() == 1);
}
