// When a request may be sent again, and when it must not.
#include <doctest/doctest.h>

#include <tests/kmip/client/support.h>

using namespace keyway;
using namespace keyway::kmip;
using namespace keyway::kmip::test;

TEST_CASE("calls share one connection") {
  const ScriptedPeer peer(server_tls(),
                          {Connection{{answer(got("a")), answer(got("b")), answer(created("c"))}}});
  BlockingClient client(settings_for(peer));
  CHECK(client.call(get_of("a")));
  CHECK(client.call(get_of("b")));
  CHECK(client.call(aes_key()));
  CHECK(peer.seen() == Seen{"Get Get Create"});
}

TEST_CASE("a Get on a connection that the server closed while idle is sent once more") {
  const ScriptedPeer peer(server_tls(), {Connection{{idle_out(got("a"))}}, Connection{{answer(got("b"))}}});
  BlockingClient client(settings_for(peer));
  REQUIRE(client.call(get_of("a")));
  peer.wait_for_end(0);
  const auto reply = client.call(get_of("b"));
  REQUIRE_MESSAGE(reply, text_of_error(reply));
  CHECK((*reply)->unique_identifier == "b");
  CHECK(peer.seen() == Seen{"Get", "Get"});
}

TEST_CASE("a Get that arrived before the server closed is sent once more, not twice") {
  const ScriptedPeer peer(server_tls(), {Connection{{answer(got("a")), close_connection()}},
                                         Connection{{close_connection()}}, Connection{{answer(got("b"))}}});
  BlockingClient client(settings_for(peer));
  REQUIRE(client.call(get_of("a")));
  const auto reply = client.call(get_of("b"));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().kind == ErrorKind::unreachable);
  CHECK(contains(reply.error().what, "closed the connection without an answer"));
  CHECK(peer.seen() == Seen{"Get Get", "Get"});
}

TEST_CASE("a Get on a fresh connection is not sent again") {
  const ScriptedPeer peer(server_tls(), {Connection{{close_connection()}}, Connection{{answer(got("a"))}}});
  BlockingClient client(settings_for(peer));
  CHECK_FALSE(client.call(get_of("a")));
  CHECK(peer.seen() == Seen{"Get"});
}

TEST_CASE("a Get is not sent again once its answer has begun") {
  const ScriptedPeer peer(server_tls(),
                          {Connection{{answer(got("a")), cut(got("b"), 9)}}, Connection{{answer(got("b"))}}});
  BlockingClient client(settings_for(peer));
  REQUIRE(client.call(get_of("a")));
  CHECK(contains(text_of_error(client.call(get_of("b"))), "in the middle of its answer"));
  CHECK(peer.seen() == Seen{"Get Get"});
}

TEST_CASE("a Create is never sent again") {
  SUBCASE("when the server closed the idle connection") {
    const ScriptedPeer peer(server_tls(),
                            {Connection{{idle_out(got("a"))}}, Connection{{answer(created("c"))}}});
    BlockingClient client(settings_for(peer));
    REQUIRE(client.call(get_of("a")));
    peer.wait_for_end(0);
    const auto reply = client.call(aes_key());
    REQUIRE_FALSE(reply);
    CHECK(reply.error().kind == ErrorKind::unreachable);
    CHECK(contains(reply.error().advice, "may have been carried out"));
    CHECK(peer.seen() == Seen{"Get"});
  }
  SUBCASE("when the server closed after it was read") {
    const ScriptedPeer peer(server_tls(), {Connection{{answer(got("a")), close_connection()}},
                                           Connection{{answer(created("c"))}}});
    BlockingClient client(settings_for(peer));
    REQUIRE(client.call(get_of("a")));
    const auto reply = client.call(aes_key());
    REQUIRE_FALSE(reply);
    CHECK(contains(reply.error().advice, "may have been carried out"));
    CHECK(peer.seen() == Seen{"Get Create"});
  }
  SUBCASE("when the answer does not come in time") {
    const ScriptedPeer peer(server_tls(), {Connection{{stall()}}, Connection{{answer(created("c"))}}});
    ClientSettings settings = settings_for(peer);
    settings.request_timeout = short_timeout;
    BlockingClient client(settings);
    const auto reply = client.call(aes_key());
    REQUIRE_FALSE(reply);
    CHECK(contains(reply.error().advice, "may have been carried out"));
    CHECK(peer.seen() == Seen{"Create"});
  }
  SUBCASE("and a request that was never sent raises no such doubt") {
    const ScriptedPeer peer(server_tls(), {});
    BlockingClient client(settings_for(peer));
    const auto reply = client.call(aes_key());
    REQUIRE_FALSE(reply);
    CHECK_FALSE(contains(reply.error().advice, "carried out"));
  }
}

TEST_CASE("after a timeout the next call has a connection of its own, and its own answer") {
  const ScriptedPeer peer(server_tls(), {Connection{{answer(got("a")), late(got("b"))}},
                                         Connection{{answer(got("b")), answer(got("c"))}}});
  ClientSettings settings = settings_for(peer);
  settings.request_timeout = short_timeout;
  BlockingClient client(settings);
  REQUIRE(client.call(get_of("a")));
  const auto timed_out = client.call(get_of("b"));
  REQUIRE_FALSE(timed_out);
  CHECK(contains(timed_out.error().what, "the deadline passed"));
  peer.wait_for_end(0);  // the late answer is under way, or lost
  for (const Text id : {"b", "c"}) {
    const auto reply = client.call(get_of(id));
    REQUIRE_MESSAGE(reply, text_of_error(reply));
    CHECK((*reply)->unique_identifier == id);
  }
  CHECK(peer.seen() == Seen{"Get Get", "Get Get"});
}

TEST_CASE("a damaged answer costs its connection, not the client") {
  const ScriptedPeer peer(
      server_tls(), {Connection{{answer(created("x")), answer(got("a"))}}, Connection{{answer(got("a"))}}});
  BlockingClient client(settings_for(peer));
  const auto damaged = client.call(get_of("a"));
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error().kind == ErrorKind::corrupt);
  CHECK(client.call(get_of("a")));
  CHECK(peer.seen() == Seen{"Get", "Get"});
}

TEST_CASE("a connection beyond the idle limit is replaced before it is used") {
  const ScriptedPeer peer(server_tls(), {Connection{{answer(got("a"))}}, Connection{{answer(created("b"))}}});
  ClientSettings settings = settings_for(peer);
  settings.idle_limit = std::chrono::milliseconds(-1);  // every connection is beyond it
  BlockingClient client(settings);
  CHECK(client.call(get_of("a")));
  CHECK(client.call(aes_key()));
  CHECK(peer.seen() == Seen{"Get", "Create"});
}

TEST_CASE("each connection negotiates its version") {
  const ScriptedPeer peer(server_tls(),
                          {Connection{{answer(discovered({{1, 4}, {1, 2}})), idle_out(got("a"))}},
                           Connection{{answer(discovered({{1, 2}})), answer(got("b"))}}});
  ClientSettings settings = settings_for(peer);
  settings.version.reset();
  BlockingClient client(settings);
  const auto first = client.connect();
  REQUIRE_MESSAGE(first, text_of_error(first));
  CHECK(first->version == Version::V1_4);
  CHECK(first->peer == net::to_string(peer.endpoint()));
  CHECK(contains(first->tls_protocol, "TLSv1.3"));
  CHECK(contains(first->peer_subject, "test server"));
  REQUIRE(client.call(get_of("a")));
  peer.wait_for_end(0);
  REQUIRE(client.call(get_of("b")));
  CHECK(client.connect()->version == Version::V1_2);
  CHECK(peer.seen() == Seen{"DiscoverVersions Get", "DiscoverVersions Get"});
}

TEST_CASE("a server that refuses headers is asked again on the same connection") {
  const auto no = response({refusal(std::nullopt, ResultReason::InvalidMessage)}, Version::V1_0);
  const ScriptedPeer peer(
      server_tls(), {Connection{{answer(no), answer(no), answer(discovered({{1, 2}})), answer(got("a"))}}});
  ClientSettings settings = settings_for(peer);
  settings.version.reset();
  BlockingClient client(settings);
  CHECK(client.call(get_of("a")));
  CHECK(client.connect()->version == Version::V1_2);
  CHECK(peer.seen() == Seen{"DiscoverVersions DiscoverVersions DiscoverVersions Get"});
}
