#include <array>
#include <string>
#include <utility>
#include <vector>

#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <core/net/tls_context.h>
#include <tests/core/net/fixture.h>

using namespace keyway;
using namespace keyway::net;
using namespace keyway::net::test;
using asio::ip::tcp;

namespace {

// A server that speaks nothing newer, or one suite only: not a public setting.
std::shared_ptr<const TlsContext> server_up_to(int version, const char* ciphers = nullptr) {
  auto context = server_context(pki().server);
  SSL_CTX* raw = context->impl().context.native_handle();
  REQUIRE(SSL_CTX_set_max_proto_version(raw, version) == 1);
  if (ciphers != nullptr) REQUIRE(SSL_CTX_set_cipher_list(raw, ciphers) == 1);
  return context;
}

void check_meeting(const Meeting& meeting) {
  CHECK_MESSAGE(!meeting.client_error, (meeting.client_error ? describe(*meeting.client_error) : ""));
  CHECK_MESSAGE(!meeting.server_error, (meeting.server_error ? describe(*meeting.server_error) : ""));
  CHECK(meeting.client_sees == "CN=test server");
  CHECK(meeting.server_sees == "CN=test client");
  REQUIRE(meeting.read);
  REQUIRE(*meeting.read);
  CHECK(**meeting.read == 5);
}

OwnedBytes pattern(std::size_t size, unsigned step) {
  OwnedBytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>((i * step) >> 3U);
  return bytes;
}

asio::awaitable<Result<Stream>> accept_one(tcp::socket socket) {
  return Stream::accept(std::move(socket), server_context(pki().server), later());
}

asio::awaitable<Result<Stream>> connect_to(const Net& net) {
  return Stream::connect(net.endpoint(), client_context(pki().client), later());
}

asio::awaitable<void> read_all(Stream* stream, OwnedBytes* into) {
  std::array<std::byte, 40'000> room{};
  for (;;) {
    auto reading = stream->read_some(room, later());
    const auto n = co_await std::move(reading);
    REQUIRE(n);
    if (*n == 0) co_return;
    into->insert(into->end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(*n));
  }
}

asio::awaitable<void> read_n(Stream* stream, OwnedBytes* into, std::size_t n) {
  std::array<std::byte, 40'000> room{};
  while (into->size() < n) {
    auto reading = stream->read_some(room, later());
    const auto got = co_await std::move(reading);
    REQUIRE(got);
    REQUIRE(*got > 0);
    into->insert(into->end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(*got));
  }
}

asio::awaitable<void> write_all(Stream* stream, Bytes bytes) {
  auto writing = stream->write(bytes, later());
  const auto written = co_await std::move(writing);
  REQUIRE(written);
}

}  // namespace

TEST_CASE("client and server meet over TLS 1.3 and know each other") {
  const Meeting meeting = meet(server_context(pki().server), client_context(pki().client));
  check_meeting(meeting);
  CHECK(meeting.protocol.starts_with("TLSv1.3, TLS_"));
}

TEST_CASE("client and server meet over TLS 1.2") {
  const Meeting meeting = meet(server_up_to(TLS1_2_VERSION), client_context(pki().client));
  check_meeting(meeting);
  CHECK(meeting.protocol == "TLSv1.2, ECDHE-ECDSA-AES256-GCM-SHA384");
}

TEST_CASE("a server that takes only CBC suites is served") {
  const Meeting meeting =
      meet(server_up_to(TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256"), client_context(pki().client));
  check_meeting(meeting);
  CHECK(meeting.protocol == "TLSv1.2, ECDHE-ECDSA-AES128-SHA256");
}

TEST_CASE("the server may be reached by name, by IPv6 address, and under another name") {
  check_meeting(meet(server_context(pki().server), client_context(pki().client), "localhost"));
  check_meeting(meet(server_context(pki().server), client_context(pki().client), "::1"));
  TlsSettings absolute = pki().client;
  absolute.server_name = "localhost.";
  check_meeting(meet(server_context(pki().server), client_context(absolute)));
  CertificateRequest request = server_request();
  request.dns_names = {"*.cluster.example"};
  request.ip_addresses.clear();
  const TlsSettings server = pki().issue("wildcard", request);
  TlsSettings client = pki().client;
  client.server_name = "kms.cluster.example";
  check_meeting(meet(server_context(server), client_context(client)));
}

TEST_CASE("a mebibyte travels both ways at once") {
  const OwnedBytes question = pattern(1 << 20, 7), answer = pattern((1 << 20) + 13, 11);
  OwnedBytes seen_by_server, seen_by_client;
  Net net;
  std::optional<Stream> server, client;
  net.serve([&](tcp::socket socket) -> asio::awaitable<void> {
    auto accepting = accept_one(std::move(socket));
    auto stream = co_await std::move(accepting);
    REQUIRE(stream);
    server.emplace(std::move(*stream));
    net.spawn([&] { return write_all(&*server, answer); });
    net.spawn([&] { return read_n(&*server, &seen_by_server, question.size()); });
  });
  net.spawn([&]() -> asio::awaitable<void> {
    auto connecting = connect_to(net);
    auto stream = co_await std::move(connecting);
    REQUIRE(stream);
    client.emplace(std::move(*stream));
    net.spawn([&] { return write_all(&*client, question); });
    net.spawn([&] { return read_n(&*client, &seen_by_client, answer.size()); });
  });
  net.run();
  CHECK(seen_by_server == question);
  CHECK(seen_by_client == answer);
}

TEST_CASE("close says goodbye, and the peer reads an end") {
  OwnedBytes seen;
  bool ended = false;
  Net net;
  net.serve([&](tcp::socket socket) -> asio::awaitable<void> {
    auto accepting = accept_one(std::move(socket));
    auto stream = co_await std::move(accepting);
    REQUIRE(stream);
    auto reading = read_all(&*stream, &seen);
    co_await std::move(reading);
    ended = true;
  });
  net.spawn([&]() -> asio::awaitable<void> {
    auto connecting = connect_to(net);
    auto stream = co_await std::move(connecting);
    REQUIRE(stream);
    auto writing = write_all(&*stream, bytes_of("bye"));
    co_await std::move(writing);
    CHECK(stream->is_open());
    stream->close();
    CHECK_FALSE(stream->is_open());
    stream->close();
  });
  net.run();
  CHECK(ended);
  CHECK(text_of(seen) == "bye");
}

TEST_CASE("a stream may be closed, moved or destroyed while an operation waits") {
  enum class How { close, move, destroy };
  for (const How how : {How::close, How::move, How::destroy}) {
    CAPTURE(static_cast<int>(how));
    Net net;
    std::optional<Stream> server, client, elsewhere;
    std::array<std::byte, 16> room{};
    std::optional<Result<std::size_t>> read;
    net.serve([&](tcp::socket socket) -> asio::awaitable<void> {
      auto accepting = accept_one(std::move(socket));
      auto stream = co_await std::move(accepting);
      REQUIRE(stream);
      server.emplace(std::move(*stream));
    });
    const auto wait = [&]() -> asio::awaitable<void> {
      auto reading = client->read_some(room, later());
      read = co_await std::move(reading);
    };
    net.spawn([&]() -> asio::awaitable<void> {
      auto connecting = connect_to(net);
      auto stream = co_await std::move(connecting);
      REQUIRE(stream);
      client.emplace(std::move(*stream));
      net.spawn(wait);
      asio::steady_timer turn(co_await asio::this_coro::executor, Deadline::min());
      co_await turn.async_wait(asio::use_awaitable);  // the read begins
      if (how == How::close) client->close();
      if (how == How::destroy) client.reset();
      if (how != How::move) co_return;
      elsewhere.emplace(std::move(*client));
      client.reset();
      CHECK(elsewhere->is_open());
      elsewhere->close();
    });
    net.run();
    REQUIRE(read);
    REQUIRE_FALSE(*read);
    CHECK(read->error().kind == ErrorKind::cancelled);
    CHECK(contains(read->error().what, "closed on this side"));
  }
}

TEST_CASE("after close every operation is cancelled at once") {
  Net net;
  std::optional<Stream> server;
  net.serve([&](tcp::socket socket) -> asio::awaitable<void> {
    auto accepting = accept_one(std::move(socket));
    auto stream = co_await std::move(accepting);
    REQUIRE(stream);
    server.emplace(std::move(*stream));
  });
  net.spawn([&]() -> asio::awaitable<void> {
    auto connecting = connect_to(net);
    auto stream = co_await std::move(connecting);
    REQUIRE(stream);
    stream->close();
    std::array<std::byte, 16> room{};
    auto reading = stream->read_some(room, later());
    const auto read = co_await std::move(reading);
    REQUIRE_FALSE(read);
    CHECK(read.error().kind == ErrorKind::cancelled);
    auto writing = stream->write(room, later());
    const auto written = co_await std::move(writing);
    REQUIRE_FALSE(written);
    CHECK(written.error().kind == ErrorKind::cancelled);
  });
  net.run();
}

TEST_CASE("an event loop that goes while operations wait takes them along") {
  std::array<std::byte, 16> room{};
  bool waiting = false;
  {
    Net net;
    net.serve([&](tcp::socket socket) -> asio::awaitable<void> {
      auto accepting = accept_one(std::move(socket));
      auto stream = co_await std::move(accepting);
      REQUIRE(stream);
      waiting = true;
      auto reading = stream->read_some(room, later());
      (void)co_await std::move(reading);
    });
    net.spawn([&]() -> asio::awaitable<void> {
      auto connecting = connect_to(net);
      auto stream = co_await std::move(connecting);
      REQUIRE(stream);
      auto reading = stream->read_some(room, later());
      (void)co_await std::move(reading);
    });
    while (!waiting) net.context().run_one();
  }
  CHECK(waiting);
}
