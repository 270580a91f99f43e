// Several addresses of one service: who is asked, in which order, and what is never asked twice.
#include <optional>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/post.hpp>
#include <doctest/doctest.h>

#include <tests/core/net/fixture.h>
#include <tests/kmip/client/kms.h>

using namespace keyway;
using namespace keyway::kmip;
using namespace keyway::kmip::test;

namespace {

constexpr std::chrono::milliseconds ample{60'000};  // more than any of these tests takes

// Settings with these addresses, in which nothing but a test's own timeouts can pass.
ClientSettings settings_for_all(std::vector<net::Endpoint> endpoints) {
  ClientSettings settings = settings_for(endpoints.front());
  settings.others.assign(endpoints.begin() + 1, endpoints.end());
  settings.connect_timeout = settings.request_timeout = settings.idle_limit = ample;
  return settings;
}

// Where nobody listens.
net::Endpoint nowhere() { return ScriptedPeer(server_tls(), {}).endpoint(); }

Connection silent() { return {.steps = {}, .start = Connection::Start::silence, .greeting = {}}; }

std::shared_ptr<const net::TlsContext> untrusted_tls() {
  static const net::test::Pki other;
  static const auto context = net::test::server_context(other.server);
  return context;
}

std::string peer_of(BlockingClient& client) {
  const auto facts = client.connect();
  REQUIRE_MESSAGE(facts, text_of_error(facts));
  return facts->peer;
}

}  // namespace

TEST_CASE("the next address is tried when the first is down, and kept") {
  const ScriptedPeer peer(server_tls(), {Connection{{answer(got("a")), answer(created("b"))}}});
  const ScriptedPeer third(server_tls(), {});
  BlockingClient client(settings_for_all({nowhere(), peer.endpoint(), third.endpoint()}));
  CHECK(client.call(get_of("a")));
  CHECK(client.call(aes_key()));
  CHECK(peer_of(client) == net::to_string(peer.endpoint()));
  CHECK(peer.seen() == Seen{"Get Create"});
  CHECK(third.seen().empty());
}

TEST_CASE("the address of a server that only closes idle connections is kept") {
  const ScriptedPeer peer(server_tls(), {Connection{{idle_out(got("a"))}}, Connection{{answer(got("b"))}}});
  const ScriptedPeer other(server_tls(), {Connection{{answer(got("b"))}}});
  BlockingClient client(settings_for_all({peer.endpoint(), other.endpoint()}));
  REQUIRE(client.call(get_of("a")));
  peer.wait_for_end(0);
  CHECK(client.call(get_of("b")));
  CHECK(peer.seen() == Seen{"Get", "Get"});
  CHECK(other.seen().empty());
}

TEST_CASE("a server that dies between two calls is replaced, and its successor kept") {
  auto first = std::make_unique<ScriptedPeer>(server_tls(), std::vector{Connection{{idle_out(got("a"))}}});
  const ScriptedPeer second(server_tls(), {Connection{{answer(got("b"))}}});
  BlockingClient client(settings_for_all({first->endpoint(), second.endpoint()}));
  CHECK(peer_of(client) == net::to_string(first->endpoint()));
  REQUIRE(client.call(get_of("a")));
  first->wait_for_end(0);
  first.reset();
  const auto reply = client.call(get_of("b"));
  REQUIRE_MESSAGE(reply, text_of_error(reply));
  CHECK((*reply)->unique_identifier == "b");
  CHECK(peer_of(client) == net::to_string(second.endpoint()));
  CHECK(second.seen() == Seen{"Get"});
}

TEST_CASE("a Get that a server closed on goes to the next, once to each") {
  const Connection closing{{close_connection()}};
  const ScriptedPeer a(server_tls(), {closing, closing}), b(server_tls(), {closing, closing});
  SUBCASE("and is answered there") {
    const ScriptedPeer c(server_tls(), {Connection{{answer(got("a"))}}});
    BlockingClient client(settings_for_all({a.endpoint(), b.endpoint(), c.endpoint()}));
    const auto reply = client.call(get_of("a"));
    CHECK_MESSAGE(reply, text_of_error(reply));
    CHECK(c.seen() == Seen{"Get"});
  }
  SUBCASE("or nowhere") {
    const net::Endpoint c = nowhere();
    BlockingClient client(settings_for_all({c, a.endpoint(), b.endpoint()}));
    const auto reply = client.call(get_of("a"));
    REQUIRE_FALSE(reply);
    CHECK(reply.error().kind == ErrorKind::unreachable);
    INFO(reply.error().what);
    // Who was spoken to tells more than who was not.
    const std::size_t at_a =
        reply.error().what.find(net::to_string(a.endpoint()) + " closed the connection without an answer");
    const std::size_t at_c = reply.error().what.find(net::to_string(c) + ": Connection refused");
    CHECK(contains(reply.error().what, net::to_string(b.endpoint()) + " closed the connection without"));
    REQUIRE(at_c != std::string::npos);
    CHECK(at_a < at_c);
  }
  CHECK(a.seen() == Seen{"Get"});
  CHECK(b.seen() == Seen{"Get"});
}

TEST_CASE("what is not safe to repeat stays with the address that may have got it") {
  const ScriptedPeer other(server_tls(), {Connection{{answer(created("d"))}}});
  SUBCASE("a Create that was lost") {
    const ScriptedPeer peer(server_tls(), {Connection{{close_connection()}}});
    BlockingClient client(settings_for_all({peer.endpoint(), other.endpoint()}));
    const auto reply = client.call(aes_key());
    REQUIRE_FALSE(reply);
    CHECK(reply.error().kind == ErrorKind::unreachable);
    CHECK(contains(reply.error().what, net::to_string(peer.endpoint())));
    CHECK(contains(reply.error().advice, "may have been carried out"));
    CHECK(peer.seen() == Seen{"Create"});
    CHECK(other.seen().empty());
    CHECK(client.call(aes_key()));  // the caller's own, new decision
    CHECK(other.seen() == Seen{"Create"});
  }
  SUBCASE("a Create on a connection that was closed while idle") {
    const ScriptedPeer peer(server_tls(), {Connection{{idle_out(got("a"))}}});
    BlockingClient client(settings_for_all({peer.endpoint(), other.endpoint()}));
    REQUIRE(client.call(get_of("a")));
    peer.wait_for_end(0);
    const auto reply = client.call(aes_key());
    REQUIRE_FALSE(reply);
    CHECK(contains(reply.error().advice, "may have been carried out"));
    CHECK(other.seen().empty());
  }
  SUBCASE("a message of the caller's own") {
    const ScriptedPeer peer(server_tls(), {Connection{{close_connection()}}});
    BlockingClient client(settings_for_all({peer.endpoint(), other.endpoint()}));
    SecretBuffer message;
    const GetRequest request = get_of("a");
    const Question questions[] = {question(request)};
    REQUIRE(write_request(message, questions, {Version::V1_4, nullptr, {}}));
    const auto reply = client.exchange(std::move(message));
    REQUIRE_FALSE(reply);
    CHECK(contains(reply.error().advice, "may have been carried out"));
    CHECK(peer.seen() == Seen{"Get"});
    CHECK(other.seen().empty());
  }
  SUBCASE("a Get whose answer had begun") {
    const ScriptedPeer peer(server_tls(), {Connection{{cut(got("a"), 9)}}});
    BlockingClient client(settings_for_all({peer.endpoint(), other.endpoint()}));
    CHECK(contains(text_of_error(client.call(get_of("a"))), "in the middle of its answer"));
    CHECK(other.seen().empty());
    CHECK(client.call(aes_key()));
  }
}

TEST_CASE("a message of the caller's own finds the server that is up") {
  const ScriptedPeer peer(server_tls(), {Connection{{answer(got("a"))}}});
  BlockingClient client(settings_for_all({nowhere(), peer.endpoint()}));
  SecretBuffer message;
  const GetRequest request = get_of("a");
  const Question questions[] = {question(request)};
  REQUIRE(write_request(message, questions, {Version::V1_4, nullptr, {}}));
  CHECK(client.exchange(std::move(message)));
  CHECK(peer.seen() == Seen{"Get"});
}

TEST_CASE("a black hole does not eat the time of the others") {
  const ScriptedPeer peer(server_tls(), {Connection{{answer(got("a"))}}});
  SUBCASE("by the connect timeout") {
    const ScriptedPeer hole(server_tls(), {silent()});
    ClientSettings settings = settings_for_all({hole.endpoint(), peer.endpoint()});
    settings.connect_timeout = short_timeout;
    BlockingClient client(settings);
    CHECK(client.call(get_of("a")));
    CHECK(peer_of(client) == net::to_string(peer.endpoint()));
  }
  SUBCASE("by its share of the deadline") {
    const net::test::Net hole;  // listens and never accepts
    ClientSettings settings = settings_for_all({hole.endpoint(), peer.endpoint()});
    settings.request_timeout = std::chrono::seconds(4);
    BlockingClient client(settings);
    const auto reply = client.call(get_of("a"));
    CHECK_MESSAGE(reply, text_of_error(reply));
  }
  SUBCASE("when it only says nothing after the handshake") {
    const ScriptedPeer hole(server_tls(), {Connection{{stall()}}});
    const ScriptedPeer good(server_tls(), {Connection{{answer(discovered({{1, 2}})), answer(got("a"))}}});
    ClientSettings settings = settings_for_all({hole.endpoint(), good.endpoint()});
    settings.version.reset();
    settings.request_timeout = std::chrono::seconds(4);
    BlockingClient client(settings);
    CHECK(client.call(get_of("a")));
    CHECK(hole.seen() == Seen{"DiscoverVersions"});
    CHECK(good.seen() == Seen{"DiscoverVersions Get"});
  }
}

TEST_CASE("after a request that got no answer in time, the next goes to the next address") {
  const ScriptedPeer peer(server_tls(), {Connection{{stall()}}});
  const ScriptedPeer other(server_tls(), {Connection{{answer(got("b"))}}});
  ClientSettings settings = settings_for_all({peer.endpoint(), other.endpoint()});
  settings.request_timeout = short_timeout;
  BlockingClient client(settings);
  CHECK(contains(text_of_error(client.call(get_of("a"))), "the deadline passed"));
  CHECK(other.seen().empty());
  CHECK(client.call(get_of("b")));
}

TEST_CASE("when all are down, the error names each") {
  const net::Endpoint a = nowhere();
  const net::Endpoint b{"localhost", a.port};
  BlockingClient client(settings_for_all({a, b}));
  for (int i = 0; i < 2; ++i) {
    const auto reply = client.call(aes_key());
    REQUIRE_FALSE(reply);
    INFO(reply.error().what);
    CHECK(reply.error().kind == ErrorKind::unreachable);
    CHECK_FALSE(reply.error().stays);
    CHECK(contains(reply.error().what, "connect to " + net::to_string(a) + ": Connection refused"));
    CHECK(contains(reply.error().what, "connect to " + net::to_string(b) + ": "));
    CHECK_FALSE(contains(reply.error().advice, "carried out"));
  }
}

TEST_CASE("an untrusted server is passed over, and named first when no other answers") {
  const ScriptedPeer untrusted(untrusted_tls(), {Connection{}, Connection{}});
  SUBCASE("another answers") {
    const ScriptedPeer peer(server_tls(), {Connection{{answer(got("a"))}}});
    BlockingClient client(settings_for_all({untrusted.endpoint(), peer.endpoint()}));
    CHECK(client.call(get_of("a")));
    CHECK(peer.seen() == Seen{"Get"});
  }
  SUBCASE("the other is down") {
    const net::Endpoint down = nowhere();
    BlockingClient client(settings_for_all({down, untrusted.endpoint()}));
    const auto reply = client.call(get_of("a"));
    REQUIRE_FALSE(reply);
    CHECK(reply.error().kind == ErrorKind::unreachable);
    CHECK_FALSE(reply.error().stays);  // the other may come back
    const std::size_t at_trust = reply.error().what.find("is not trusted");
    const std::size_t at_down = reply.error().what.find(net::to_string(down));
    REQUIRE(at_down != std::string::npos);
    CHECK(at_trust < at_down);
    CHECK(contains(reply.error().advice, "must be among them"));
  }
  SUBCASE("the other is not trusted either") {
    const ScriptedPeer second(untrusted_tls(), {Connection{}});
    BlockingClient client(settings_for_all({untrusted.endpoint(), second.endpoint()}));
    const auto reply = client.call(get_of("a"));
    REQUIRE_FALSE(reply);
    CHECK(reply.error().stays);
    CHECK(contains(reply.error().what, net::to_string(untrusted.endpoint())));
    CHECK(contains(reply.error().what, net::to_string(second.endpoint())));
  }
}

TEST_CASE("a server that answers is asked, however little it helps") {
  const ScriptedPeer other(server_tls(), {Connection{{answer(got("a"))}}});
  const OwnedBytes no = response({refusal(Operation::Get, ResultReason::GeneralFailure)});
  struct Case {
    OwnedBytes answer;
    ErrorKind kind;
  };
  for (const Case& one : {Case{no, ErrorKind::refused}, Case{created("x"), ErrorKind::corrupt}}) {
    const ScriptedPeer peer(server_tls(), {Connection{{answer(one.answer)}}, Connection{{answer(got("a"))}}});
    BlockingClient client(settings_for_all({peer.endpoint(), other.endpoint()}));
    const auto reply = client.call(get_of("a"));
    REQUIRE_FALSE(reply);
    CHECK(reply.error().kind == one.kind);
  }
  CHECK(other.seen().empty());
}

TEST_CASE("a call cancelled while one address is silent does not go on to the next") {
  const ScriptedPeer hole(server_tls(), {silent()});
  const ScriptedPeer other(server_tls(), {Connection{{answer(got("a"))}}});
  asio::io_context io;
  Client client(io.get_executor(), settings_for_all({hole.endpoint(), other.endpoint()}));
  asio::cancellation_signal signal;
  std::optional<Result<Reply<GetResponse>>> reply;
  client.async_call(get_of("a"),
                    asio::bind_cancellation_slot(signal.slot(), [&](auto a) { reply = std::move(a); }));
  std::thread canceller([&] {
    hole.wait_for(0, 0);
    asio::post(io, [&] { signal.emit(asio::cancellation_type::terminal); });
  });
  io.run();
  canceller.join();
  REQUIRE(reply);
  REQUIRE_FALSE(*reply);
  CHECK(reply->error().kind == ErrorKind::cancelled);
  CHECK(other.seen().empty());
}

TEST_CASE("keys are wrapped and opened by the server that is up") {
  Kms kms;
  const std::string key = kms.make_key();
  ClientSettings settings = kms.settings();
  settings.others = {std::exchange(settings.endpoint, nowhere())};
  Wrapping wrapping(settings, key);
  const Secret data_key(OwnedBytes(32, std::byte{7}));
  const auto blob = wrap_one(wrapping.wrapper, data_key.duplicate(), {});
  REQUIRE_MESSAGE(blob, text_of_error(blob));
  const auto opened = unwrap_one(wrapping.wrapper, *blob, {});
  REQUIRE_MESSAGE(opened, text_of_error(opened));
  CHECK(*opened == data_key);
}
