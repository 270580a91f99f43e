// One call that cannot succeed, in every way a connection and an answer can be wrong.
#include <doctest/doctest.h>

#include <tests/core/net/fixture.h>
#include <tests/kmip/client/support.h>
#include <tests/kmip/hex.h>

using namespace keyway;
using namespace keyway::kmip;
using namespace keyway::kmip::test;
using keyway::test::from_hex;

namespace {

using Tls = std::shared_ptr<const net::TlsContext>;

struct Failure {
  ErrorKind kind;
  std::string text;
};

// Activates "k" at a peer that follows `script`. The peer must have seen one request at most.
Failure activate(Connection script, std::chrono::milliseconds timeout = std::chrono::seconds(30)) {
  const ScriptedPeer peer(server_tls(), {std::move(script)});
  ClientSettings settings = settings_for(peer);
  settings.request_timeout = timeout;
  BlockingClient client(settings);
  const auto reply = client.call(ActivateRequest{.unique_identifier = Identifier("k")});
  REQUIRE_FALSE(reply);
  CHECK(peer.seen().size() == 1);
  return {reply.error().kind, describe(reply.error())};
}

// Connects with these settings to a server with these.
Failure meet(Tls server, Tls client, std::string host = "127.0.0.1") {
  const ScriptedPeer peer(std::move(server), {Connection{{answer(activated("k"))}}});
  ClientSettings settings = settings_for(peer.endpoint(std::move(host)));
  settings.tls = std::move(client);
  BlockingClient blocking(settings);
  const auto reply = blocking.call(ActivateRequest{.unique_identifier = Identifier("k")});
  REQUIRE_FALSE(reply);
  return {reply.error().kind, describe(reply.error())};
}

void check(const Failure& failure, ErrorKind kind, std::initializer_list<Text> says) {
  INFO(failure.text);
  CHECK(failure.kind == kind);
  for (const Text part : says) {
    CAPTURE(part);
    CHECK(contains(failure.text, part));
  }
}

}  // namespace

TEST_CASE("nobody listens") {
  net::Endpoint nowhere;
  {
    const ScriptedPeer gone(server_tls(), {});
    nowhere = gone.endpoint();
  }
  BlockingClient client(settings_for(nowhere));
  const auto reply = client.connect();
  REQUIRE_FALSE(reply);
  check({reply.error().kind, describe(reply.error())}, ErrorKind::unreachable,
        {"connect to " + net::to_string(nowhere), "Connection refused", "check host, port and firewall"});
}

TEST_CASE("a server without TLS") {
  const OwnedBytes greeting = owned(bytes_of("220 mail.example ESMTP ready\r\n"));
  check(activate({.start = Connection::Start::plain, .greeting = greeting}), ErrorKind::unreachable,
        {"does not speak TLS", "check the port"});
}

TEST_CASE("a server that takes the connection and never answers the handshake") {
  check(activate({.start = Connection::Start::silence}, short_timeout), ErrorKind::unreachable,
        {"TLS handshake with 127.0.0.1", "the deadline passed before the server answered"});
}

TEST_CASE("the connect timeout is a deadline of its own") {
  const ScriptedPeer peer(server_tls(), {Connection{.start = Connection::Start::silence}});
  ClientSettings settings = settings_for(peer);
  settings.connect_timeout = short_timeout;
  BlockingClient client(settings);
  CHECK(contains(text_of_error(client.connect()), "the deadline passed before the server answered"));
}

TEST_CASE("a server that shakes hands and never answers") {
  check(activate({{stall()}}, short_timeout), ErrorKind::unreachable,
        {"read from 127.0.0.1", "the deadline passed and the connection was closed"});
}

TEST_CASE("a server that closes before it answers") {
  check(activate({{close_connection()}}), ErrorKind::unreachable,
        {"closed the connection without an answer", "may not accept this client certificate"});
}

TEST_CASE("a server that closes in the middle of its answer, wherever") {
  const OwnedBytes message = activated("k");
  for (const std::size_t size : {std::size_t{1}, std::size_t{7}, std::size_t{8}, message.size() - 1}) {
    CAPTURE(size);
    const std::string after = size < 8 ? fmt::format("after {} bytes", size)
                                       : fmt::format("after {} of {} bytes", size, message.size());
    check(activate({{cut(message, size)}}), ErrorKind::unreachable,
          {"closed the connection in the middle of its answer", after});
  }
}

TEST_CASE("an answer that stops and stays away") {
  OwnedBytes message = activated("k");
  message.resize(message.size() - 1);
  check(activate({{answer(message)}}, short_timeout), ErrorKind::unreachable,
        {"the deadline passed and the connection was closed"});
}

TEST_CASE("an answer that comes byte by byte is an answer") {
  const ScriptedPeer peer(server_tls(), {Connection{{dribble(activated("k"))}}});
  BlockingClient client(settings_for(peer));
  const auto reply = client.call(ActivateRequest{.unique_identifier = Identifier("k")});
  REQUIRE_MESSAGE(reply, text_of_error(reply));
  CHECK((*reply)->unique_identifier == "k");
}

TEST_CASE("answers that are not to be believed") {
  struct Case {
    OwnedBytes answer;
    std::initializer_list<Text> says;
  };
  OwnedBytes damaged = activated("k");
  damaged[8 + 3] = std::byte{0x7f};  // the type of Response Header
  const Case cases[] = {
      {activated("other"), {"Activate: the server answered for object 'other' where 'k' was asked"}},
      {created("k"), {"the server answered Create where Activate was asked"}},
      {response({success(Operation::Activate), success(Operation::Activate)}),
       {"the server's answer holds 2 batch items where 1 were asked"}},
      {response({success(Operation::Activate)}),
       {"the server's answer to Activate is not valid KMIP: field missing", "UniqueIdentifier"}},
      {from_hex("42007B 01 FFFFFFF8 4200"),
       {"announces a message of 4294967296 bytes; at most 8388608 are accepted"}},
      {owned(bytes_of("HTTP/1.1 400 Bad Request\r\n\r\n")), {"it answers in HTTP", "5696"}},
      {OwnedBytes(64, std::byte{0xa5}), {"does not speak KMIP", "tag 0xA5A5A5"}},
      {damaged, {"the server's answer is not valid KMIP", "ResponseHeader"}},
  };
  for (const Case& one : cases) check(activate({{answer(one.answer)}}), ErrorKind::corrupt, one.says);
}

TEST_CASE("a server of another CA") {
  const net::test::Pki other;
  check(meet(net::test::server_context(other.server), client_tls()), ErrorKind::unreachable,
        {"the server's certificate is not trusted", "must be among them"});
}

TEST_CASE("a server of another name") {
  net::CertificateRequest request = net::test::server_request();
  request.dns_names = {"kms.example"};
  request.ip_addresses = {};
  const auto settings = net::test::pki().issue("elsewhere", request);
  check(meet(net::test::server_context(settings), client_tls()), ErrorKind::unreachable,
        {"the server's certificate is not for \"127.0.0.1\" but for", "kms.example"});
}

TEST_CASE("a server whose certificate expired") {
  net::CertificateRequest request = net::test::server_request();
  request.not_before = net::test::days_from_now(-10);
  request.not_after = net::test::days_from_now(-1);
  const auto settings = net::test::pki().issue("expired", request);
  check(meet(net::test::server_context(settings), client_tls()), ErrorKind::unreachable,
        {"the server's certificate", "expired on", "renew the certificate"});
}

TEST_CASE("a client without a certificate") {
  net::TlsSettings settings;
  settings.ca_file = net::test::pki().client.ca_file;
  check(meet(server_tls(), net::test::client_context(settings)), ErrorKind::unreachable,
        {"the server requires a client certificate", "give a certificate and key"});
}

TEST_CASE("a client of a CA that the server does not know") {
  const net::test::Pki other;
  net::TlsSettings settings = other.client;
  settings.ca_file = net::test::pki().client.ca_file;
  check(meet(server_tls(), net::test::client_context(settings)), ErrorKind::unreachable,
        {"the server does not trust the CA of our certificate"});
}

TEST_CASE("a request that cannot be sent is not sent, and the connection stays") {
  const ScriptedPeer peer(server_tls(), {Connection{{answer(activated("k"))}}});
  ClientSettings settings = settings_for(peer);
  settings.version = Version::V1_0;
  BlockingClient client(settings);
  const auto reply = client.call(EncryptRequest{});
  REQUIRE_FALSE(reply);
  CHECK(reply.error().kind == ErrorKind::unsupported);
  CHECK(contains(reply.error().what, "Encrypt exists from KMIP 1.2 on; this connection uses 1.0"));
  CHECK(client.call(ActivateRequest{.unique_identifier = Identifier("k")}));
  CHECK(peer.seen() == Seen{"Activate"});
}
