#include <array>
#include <string>
#include <utility>
#include <vector>

#include <asio/read.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <core/net/tls_context.h>
#include <tests/core/net/fixture.h>

using namespace keyway;
using namespace keyway::net;
using namespace keyway::net::test;
using asio::ip::tcp;

namespace {

using Parts = std::vector<std::string>;

void check_error(const std::optional<Error>& error, const Parts& parts) {
  REQUIRE(error);
  const std::string text = describe(*error);
  CAPTURE(text);
  CHECK(error->kind == ErrorKind::unreachable);
  for (const std::string& part : parts) {
    CAPTURE(part);
    CHECK(contains(text, part));
  }
  CHECK(ERR_peek_error() == 0);
}

// The client's error, wherever it appears: under TLS 1.3 the server's verdict arrives at the first read.
std::optional<Error> clients_error(const Meeting& meeting) {
  if (meeting.client_error) return meeting.client_error;
  if (meeting.read && !*meeting.read) return meeting.read->error();
  return std::nullopt;
}

// The identity of another CA, whose own certificate is trusted if `trusted` says so.
TlsSettings stranger(const std::string& name, const CertificateRequest& request) {
  static const Identity other_ca = must_make(ca_request("other CA"), nullptr);
  const Identity identity = must_make(request, &other_ca);
  TlsSettings settings = pki().client;
  settings.certificate_file = pki().folder.write(name + ".pem", identity.certificate);
  settings.key_file = pki().folder.write(name + ".key", identity.key.reveal_text());
  return settings;
}

std::shared_ptr<const TlsContext> up_to(int version, std::shared_ptr<const TlsContext> context) {
  REQUIRE(SSL_CTX_set_max_proto_version(context->impl().context.native_handle(), version) == 1);
  return context;
}

asio::awaitable<void> try_to_connect(Endpoint endpoint, Deadline deadline, std::optional<Error>* error) {
  auto connecting = Stream::connect(endpoint, client_context(pki().client), deadline);
  auto stream = co_await std::move(connecting);
  if (!stream) *error = stream.error();
}

std::optional<Error> connect_error(Net& net, const Endpoint& endpoint, Deadline deadline) {
  std::optional<Error> error;
  net.spawn([&] { return try_to_connect(endpoint, deadline, &error); });
  net.run();
  return error;
}

// A server without TLS that reads what comes, then says `answer` and closes.
std::optional<Error> connect_to_plain_server(std::string answer) {
  Net net;
  net.serve([&](tcp::socket socket) -> asio::awaitable<void> {
    std::array<std::byte, 16> some{};
    const auto room = asio::buffer(some);
    co_await asio::async_read(socket, room, asio::use_awaitable);
    const auto bytes = asio::buffer(answer);
    co_await asio::async_write(socket, bytes, asio::use_awaitable);
  });
  return connect_error(net, net.endpoint(), later());
}

std::string shown(const Net& net) { return to_string(net.endpoint()); }

}  // namespace

TEST_CASE("a server of an unknown CA is not trusted: both names and the trusted file are told") {
  const Meeting meeting =
      meet(server_context(stranger("other-server", server_request())), client_context(pki().client));
  check_error(meeting.client_error,
              {"TLS handshake with 127.0.0.1:", "not trusted", "unable to get local issuer",
               "subject CN=test server", "issuer CN=other CA", pki().client.ca_file});
  check_error(meeting.server_error,
              {"127.0.0.1:", "client does not trust the CA of our certificate", "unknown CA"});
}

TEST_CASE("a self-signed server is not trusted") {
  const Identity self = must_make(server_request(), nullptr);
  TlsSettings settings = pki().server;
  settings.certificate_file = pki().folder.write("self.pem", self.certificate);
  settings.key_file = pki().folder.write("self.key", self.key.reveal_text());
  const Meeting meeting = meet(server_context(settings), client_context(pki().client));
  check_error(meeting.client_error, {"not trusted", "self-signed", "issuer CN=test server"});
}

TEST_CASE("a certificate for another host is refused, and the names it has are told") {
  CertificateRequest request = server_request();
  request.dns_names = {"kms.example", "kms2.example"};
  request.ip_addresses = {"10.1.2.3"};
  const auto server = server_context(pki().issue("elsewhere", request));
  const Parts names = {"DNS kms.example, DNS kms2.example, IP 10.1.2.3"};
  const Meeting by_address = meet(server, client_context(pki().client));
  check_error(by_address.client_error, {"is not for \"127.0.0.1\"", names[0], "server name"});
  const Meeting by_name = meet(server, client_context(pki().client), "localhost");
  check_error(by_name.client_error, {"TLS handshake with localhost:", "is not for \"localhost\"", names[0]});
  TlsSettings settings = pki().client;
  settings.server_name = "kms3.example";
  const Meeting by_setting = meet(server, client_context(settings));
  check_error(by_setting.client_error, {"is not for \"kms3.example\"", names[0]});
}

TEST_CASE("an address is no name: neither the common name nor a DNS entry stands for it") {
  CertificateRequest request = server_request();
  request.common_name = "127.0.0.1";
  request.dns_names = {"127.0.0.1"};
  request.ip_addresses.clear();
  const Meeting meeting = meet(server_context(pki().issue("address", request)), client_context(pki().client));
  check_error(meeting.client_error, {"is not for \"127.0.0.1\" but for: DNS 127.0.0.1"});
}

TEST_CASE("a wildcard stands for one whole label") {
  CertificateRequest request = server_request();
  request.dns_names = {"k*.example", "*.cluster.example"};
  const auto server = server_context(pki().issue("partial", request));
  for (const std::string name : {"kms.example", "a.b.cluster.example", "cluster.example"}) {
    CAPTURE(name);
    TlsSettings settings = pki().client;
    settings.server_name = name;
    check_error(meet(server, client_context(settings)).client_error, {"is not for \"" + name + "\""});
  }
}

TEST_CASE("a certificate outside its dates is refused with the date") {
  CertificateRequest request = server_request();
  request.not_before = std::chrono::sys_seconds(std::chrono::seconds(1'000'000'000));
  request.not_after = std::chrono::sys_seconds(std::chrono::seconds(1'100'000'000));
  Meeting meeting = meet(server_context(pki().issue("old", request)), client_context(pki().client));
  check_error(meeting.client_error, {"CN=test server", "expired on 2004-11-09 11:33:20 UTC", "renew"});
  check_error(meeting.server_error, {"certificate expired"});
  request.not_before = std::chrono::sys_seconds(std::chrono::seconds(4'000'000'000));
  request.not_after = std::chrono::sys_seconds(std::chrono::seconds(4'100'000'000));
  meeting = meet(server_context(pki().issue("young", request)), client_context(pki().client));
  check_error(meeting.client_error, {"CN=test server", "not valid before 2096-10-02 07:06:40 UTC", "clock"});
}

TEST_CASE("a client's certificate does not make a server") {
  CertificateRequest request = server_request();
  request.for_server = false;
  request.for_client = true;
  const Meeting meeting = meet(server_context(pki().issue("purpose", request)), client_context(pki().client));
  check_error(meeting.client_error, {"not trusted", "purpose"});
}

TEST_CASE("a client without certificate is told to have one, under both versions") {
  TlsSettings settings = pki().client;
  settings.certificate_file.clear();
  settings.key_file.clear();
  Meeting meeting = meet(server_context(pki().server), client_context(settings));
  CHECK_FALSE(meeting.client_error);
  check_error(clients_error(meeting), {"read from 127.0.0.1:", "requires a client certificate",
                                       "certificate required", "give a certificate"});
  check_error(meeting.server_error, {"the client presented no certificate"});
  meeting = meet(up_to(TLS1_2_VERSION, server_context(pki().server)), client_context(settings));
  check_error(meeting.client_error, {"TLS handshake with 127.0.0.1:", "refused the TLS handshake",
                                     "it may require a client certificate"});
}

TEST_CASE("a client of an unknown CA is told so, under both versions") {
  const TlsSettings settings = stranger("other-client", client_request());
  Meeting meeting = meet(server_context(pki().server), client_context(settings));
  CHECK_FALSE(meeting.client_error);
  check_error(clients_error(meeting),
              {"read from", "does not trust the CA of our certificate", "unknown CA"});
  check_error(meeting.server_error, {"the client's certificate is not trusted", "issuer CN=other CA"});
  meeting = meet(up_to(TLS1_2_VERSION, server_context(pki().server)), client_context(settings));
  check_error(meeting.client_error, {"TLS handshake with", "does not trust the CA of our certificate"});
}

TEST_CASE("a client with an expired certificate is told so") {
  CertificateRequest request = client_request();
  request.not_before = days_from_now(-20);
  request.not_after = days_from_now(-10);
  const Meeting meeting = meet(server_context(pki().server), client_context(pki().issue("late", request)));
  check_error(clients_error(meeting), {"rejected our certificate", "certificate expired"});
  check_error(meeting.server_error, {"the client's certificate", "expired on"});
}

TEST_CASE("TLS 1.1 is refused by both sides") {
  // The context's minimum is 1.2; an old peer is one whose limits were lowered under a lower security level.
  const auto old = [](std::shared_ptr<const TlsContext> context) {
    SSL_CTX* raw = context->impl().context.native_handle();
    SSL_CTX_set_security_level(raw, 0);
    REQUIRE(SSL_CTX_set_cipher_list(raw, "ALL:@SECLEVEL=0") == 1);
    REQUIRE(SSL_CTX_set_min_proto_version(raw, TLS1_VERSION) == 1);
    REQUIRE(SSL_CTX_set_max_proto_version(raw, TLS1_1_VERSION) == 1);
    return context;
  };
  Meeting meeting = meet(old(server_context(pki().server)), client_context(pki().client));
  check_error(meeting.client_error, {"protocol version", "enable TLS 1.2"});
  meeting = meet(server_context(pki().server), old(client_context(pki().client)));
  check_error(meeting.server_error, {"outdated version of TLS"});
}

TEST_CASE("no common cipher suite is told by both sides") {
  TlsSettings settings = pki().client;
  settings.ciphers = "ECDHE-RSA-AES256-GCM-SHA384";  // the server's key is EC
  const Meeting meeting = meet(up_to(TLS1_2_VERSION, server_context(pki().server)), client_context(settings));
  check_error(meeting.client_error, {"handshake failure", "cipher suites"});
  check_error(meeting.server_error, {"no cipher suite in common"});
}

TEST_CASE("a server that does not speak TLS is told from one that refuses us") {
  for (const std::string answer : {"HTTP/1.1 400 Bad Request\r\n\r\n", "220 mail.example ESMTP\r\n",
                                   "garbage, and more of it, for longer than a header"}) {
    CAPTURE(answer);
    check_error(connect_to_plain_server(answer),
                {"TLS handshake with 127.0.0.1:", "does not speak TLS", "port"});
  }
}

TEST_CASE("a server that closes at once is told") {
  Net net;
  net.serve([](tcp::socket socket) -> asio::awaitable<void> {
    socket.close();
    co_return;
  });
  check_error(
      connect_error(net, net.endpoint(), later()),
      {shown(net), "closed the connection during the TLS handshake", "check that the port speaks TLS"});
  check_error(connect_to_plain_server(""), {"closed the connection during the TLS handshake"});
}

TEST_CASE("a refused connection names each address") {
  Net net;
  net.stop_listening();
  check_error(connect_error(net, net.endpoint(), later()),
              {"connect to " + shown(net) + ": Connection refused", "check host, port and firewall"});
  check_error(connect_error(net, net.endpoint("localhost"), later()), {"connect to localhost:", "refused"});
}

TEST_CASE("a name that does not exist is told from a server that does not answer") {
  Net net;
  check_error(connect_error(net, net.endpoint("no-such-host.invalid"), later()),
              {"connect to no-such-host.invalid:", "the name cannot be resolved", "name servers"});
}

TEST_CASE("a deadline in the past ends the look-up, too") {
  Net net;
  check_error(connect_error(net, net.endpoint("no-such-host.invalid"), Deadline::min()),
              {"connect to no-such-host.invalid:", "the deadline passed while resolving the name"});
}

TEST_CASE("an endpoint that cannot be is not looked up") {
  Net net;
  for (const Endpoint& endpoint : {Endpoint{"", 1}, Endpoint{"kms", 0}, Endpoint{"a b", 1}}) {
    const auto error = connect_error(net, endpoint, later());
    REQUIRE(error);
    CHECK(error->kind == ErrorKind::invalid_input);
  }
}

TEST_CASE("a server that never takes the connection meets the deadline") {
  Net net;
  net.acceptor().listen(0);  // a queue of one, which this fills
  std::vector<tcp::socket> fillers;
  for (int i = 0; i < 4; ++i) {
    tcp::socket filler(net.context());
    filler.open(tcp::v4());
    filler.native_non_blocking(true);
    const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), net.endpoint().port);
    (void)::connect(filler.native_handle(), endpoint.data(), static_cast<socklen_t>(endpoint.size()));
    fillers.push_back(std::move(filler));
  }
  check_error(connect_error(net, net.endpoint(), soon()),
              {"connect to " + shown(net), "the deadline passed while connecting (no answer)", "firewall"});
}

TEST_CASE("a server that takes the connection and never answers meets the deadline") {
  Net net;  // the kernel accepts, nobody reads
  check_error(connect_error(net, net.endpoint(), soon()),
              {"TLS handshake with " + shown(net), "the deadline passed before the server answered"});
}

TEST_CASE("a client that never speaks meets the server's deadline") {
  Net net;
  std::optional<Error> error;
  net.serve([&](tcp::socket socket) -> asio::awaitable<void> {
    auto accepting = Stream::accept(std::move(socket), server_context(pki().server), soon());
    const auto stream = co_await std::move(accepting);
    REQUIRE_FALSE(stream);
    error = stream.error();
  });
  tcp::socket silent(net.context());
  silent.connect(tcp::endpoint(asio::ip::address_v4::loopback(), net.endpoint().port));
  net.run();
  check_error(error, {"the deadline passed before the client answered"});
}

TEST_CASE("a client that does not speak TLS is told to") {
  Net net;
  std::optional<Error> error;
  net.serve([&](tcp::socket socket) -> asio::awaitable<void> {
    auto accepting = Stream::accept(std::move(socket), server_context(pki().server), later());
    const auto stream = co_await std::move(accepting);
    REQUIRE_FALSE(stream);
    error = stream.error();
  });
  tcp::socket plain(net.context());
  plain.connect(tcp::endpoint(asio::ip::address_v4::loopback(), net.endpoint().port));
  asio::write(plain, asio::buffer(std::string("GET / HTTP/1.1\r\n\r\n")));
  net.run();
  check_error(error, {"the client answered, but it does not speak TLS"});
}

TEST_CASE("reading meets its deadline, and the connection is of no use then") {
  Net net;
  std::optional<Stream> server, client;
  std::array<std::byte, 16> room{};
  net.serve([&](tcp::socket socket) -> asio::awaitable<void> {
    auto accepting = Stream::accept(std::move(socket), server_context(pki().server), later());
    auto stream = co_await std::move(accepting);
    REQUIRE(stream);
    server.emplace(std::move(*stream));
    auto reading = server->read_some(room, soon());
    const auto read = co_await std::move(reading);
    REQUIRE_FALSE(read);
    check_error(read.error(), {"read from 127.0.0.1:", "the deadline passed"});
    CHECK_FALSE(server->is_open());
    auto again = server->write(room, later());
    const auto written = co_await std::move(again);
    REQUIRE_FALSE(written);
    check_error(written.error(), {"write to 127.0.0.1:", "the deadline passed"});
  });
  net.spawn([&]() -> asio::awaitable<void> {
    auto connecting = Stream::connect(net.endpoint(), client_context(pki().client), later());
    auto stream = co_await std::move(connecting);
    REQUIRE(stream);
    client.emplace(std::move(*stream));
  });
  net.run();
}

TEST_CASE("writing meets its deadline, and takes the read that waits along") {
  Net net;
  std::optional<Stream> server, client;
  std::array<std::byte, 16> room{};
  const OwnedBytes much(std::size_t{64} << 20U);  // more than all buffers on the way hold
  std::optional<Error> waiting_read;
  net.serve([&](tcp::socket socket) -> asio::awaitable<void> {
    auto accepting = Stream::accept(std::move(socket), server_context(pki().server), later());
    auto stream = co_await std::move(accepting);
    REQUIRE(stream);
    server.emplace(std::move(*stream));  // and never reads
  });
  const auto wait = [&]() -> asio::awaitable<void> {
    auto reading = client->read_some(room, later());
    const auto read = co_await std::move(reading);
    REQUIRE_FALSE(read);
    waiting_read = read.error();
  };
  net.spawn([&]() -> asio::awaitable<void> {
    auto connecting = Stream::connect(net.endpoint(), client_context(pki().client), later());
    auto stream = co_await std::move(connecting);
    REQUIRE(stream);
    client.emplace(std::move(*stream));
    net.spawn(wait);
    auto writing = client->write(much, soon());
    const auto written = co_await std::move(writing);
    REQUIRE_FALSE(written);
    check_error(written.error(), {"write to " + shown(net), "the deadline passed"});
  });
  net.run();
  check_error(waiting_read, {"read from " + shown(net), "the deadline passed"});
}

TEST_CASE("a peer that vanishes without a goodbye reads as closed") {
  Net net;
  bool ended = false;
  net.serve([&](tcp::socket socket) -> asio::awaitable<void> {
    const int fd = dup(socket.native_handle());
    REQUIRE(fd >= 0);
    auto accepting = Stream::accept(std::move(socket), server_context(pki().server), later());
    const auto stream = co_await std::move(accepting);
    REQUIRE(stream);
    CHECK(shutdown(fd, SHUT_WR) == 0);  // a bare end of the TCP stream
    ::close(fd);
    std::array<std::byte, 16> room{};
    auto reading = const_cast<Stream&>(*stream).read_some(room, later());
    (void)co_await std::move(reading);
  });
  net.spawn([&]() -> asio::awaitable<void> {
    auto connecting = Stream::connect(net.endpoint(), client_context(pki().client), later());
    auto stream = co_await std::move(connecting);
    REQUIRE(stream);
    std::array<std::byte, 16> room{};
    auto reading = stream->read_some(room, later());
    const auto read = co_await std::move(reading);
    REQUIRE(read);
    CHECK(*read == 0);
    ended = true;
  });
  net.run();
  CHECK(ended);
}

TEST_CASE("a write that comes too late still tells why the server rejected us") {
  TlsSettings settings = pki().client;
  settings.certificate_file.clear();
  settings.key_file.clear();
  std::optional<Error> error;
  Net net;
  bool rejected = false;
  net.serve([&](tcp::socket socket) -> asio::awaitable<void> {
    auto accepting = Stream::accept(std::move(socket), server_context(pki().server), later());
    const auto stream = co_await std::move(accepting);
    CHECK_FALSE(stream);
    rejected = true;
  });
  net.spawn([&]() -> asio::awaitable<void> {
    auto connecting = Stream::connect(net.endpoint(), client_context(settings), later());
    auto stream = co_await std::move(connecting);
    REQUIRE(stream);
    // Writes until the kernel has heard of the server's end.
    const OwnedBytes request(1 << 16);
    while (!error) {
      auto writing = stream->write(request, later());
      const auto written = co_await std::move(writing);
      if (!written) error = written.error();
    }
  });
  net.run();
  CHECK(rejected);
  check_error(error, {"write to", "requires a client certificate"});
}

TEST_CASE("contexts are not mistaken for each other") {
  Net net;
  std::optional<Error> error;
  net.spawn([&]() -> asio::awaitable<void> {
    auto connecting = Stream::connect(net.endpoint(), server_context(pki().server), later());
    const auto stream = co_await std::move(connecting);
    REQUIRE_FALSE(stream);
    error = stream.error();
  });
  net.run();
  REQUIRE(error);
  CHECK(error->kind == ErrorKind::internal);
}
