// The server on its socket, with clients over TLS.
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <core/net/stream.h>
#include <kmip/server/dev_identity.h>
#include <kmip/server/server.h>
#include <tests/core/support.h>
#include <tests/kmip/server/support.h>

namespace keyway::kmip::server::test {

namespace {

using asio::ip::tcp;
using keyway::test::ScratchFolder;
constexpr auto as_tuple = asio::experimental::as_tuple(asio::use_awaitable);

net::Deadline far() { return std::chrono::steady_clock::now() + std::chrono::minutes(5); }

// Contexts of one development identity, made once: keys cost time.
struct Contexts {
  ScratchFolder folder;
  std::shared_ptr<const net::TlsContext> server, client;

  Contexts() {
    const auto identity = prepare_dev_identity(folder / "identity", system_clock());
    REQUIRE_MESSAGE(identity, (identity ? std::string() : describe(identity.error())));
    net::TlsSettings settings;
    settings.ca_file = identity->ca.string();
    settings.certificate_file = identity->server_certificate.string();
    settings.key_file = identity->server_key.string();
    auto made = net::TlsContext::server(settings);
    REQUIRE_MESSAGE(made, (made ? std::string() : describe(made.error())));
    server = *made;
    settings.certificate_file = identity->client_certificate.string();
    settings.key_file = identity->client_key.string();
    made = net::TlsContext::client(settings);
    REQUIRE_MESSAGE(made, (made ? std::string() : describe(made.error())));
    client = *made;
  }
};
const Contexts& contexts() {
  static const Contexts all;
  return all;
}

// House is one event loop with a server in it. Its timeouts are so long that no test waits for one of them,
// unless it sets a short one.
struct House {
  EngineSettings engine_settings;
  ServerSettings settings;
  std::vector<std::string> log;
  asio::io_context context{1};
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Server> server;

  House() {
    settings.listen = {"127.0.0.1", 0};
    settings.tls = contexts().server;
    settings.step_timeout = settings.idle_timeout = std::chrono::hours(1);
    settings.log = [this](Text problem) { log.emplace_back(problem); };
  }
  ~House() {
    server.reset();
    context.restart();
    context.run();
  }
  void start() {
    engine = std::make_unique<Engine>(std::move(engine_settings));
    auto started = Server::start(context.get_executor(), settings, *engine);
    REQUIRE_MESSAGE(started, (started ? std::string() : describe(started.error())));
    server = std::move(*started);
  }
  net::Endpoint endpoint() const { return {"localhost", server->port()}; }

  // run runs `job` and everything else until nothing is left to do; the job has to stop the server.
  template <class Job>
  void run(Job job) {
    bool ended = false;
    asio::co_spawn(context, job(), [&](const std::exception_ptr& failed) {
      ended = true;
      if (failed) std::rethrow_exception(failed);
    });
    context.run();
    CHECK(ended);
  }
};

// Tests must not throw out of coroutines: what fails here ends the job with an empty answer.
asio::awaitable<SecretBuffer> read_message(net::Stream& stream) {
  SecretBuffer in;
  for (std::size_t size = item_header_size; in.size() < size;) {
    const std::size_t before = in.size();
    in.resize(size);
    const auto got = co_await stream.read_some(in.room().subspan(before), far());
    if (!got || *got == 0) co_return SecretBuffer();
    in.resize(before + *got);
    if (in.size() == item_header_size) size += load32(in.data() + 4);
  }
  co_return in;
}

SecretBuffer query_message() {
  Message message(V1_4);
  return message.add(QueryRequest{{QueryFunction::QueryOperations}, {}}).bytes();
}

}  // namespace

TEST_CASE("two clients at once see the same objects") {
  House house;
  house.start();
  house.run([&]() -> asio::awaitable<void> {
    auto one = co_await net::Stream::connect(house.endpoint(), contexts().client, far());
    auto two = co_await net::Stream::connect(house.endpoint(), contexts().client, far());
    CHECK(one.has_value());
    CHECK(two.has_value());
    if (!one || !two) co_return house.server->stop();

    CreateRequest create;
    create.attributes = aes(256, "shared");
    Message message(V1_4);
    const SecretBuffer request = message.add(create).bytes();
    CHECK(co_await one->write(request.view(), far()));
    const Reply created = read(co_await read_message(*one), V1_4);
    const std::string id(created.payload<CreateResponse>(V1_4).unique_identifier);

    // The second client sends its request in two pieces, and another right behind it.
    LocateRequest locate;
    locate.attributes.add(Tag::Name, Name{"shared"});
    Message second(V2_1);
    SecretBuffer both = second.add(locate).bytes();
    const std::size_t first_size = both.size();
    both.append(query_message().view());
    CHECK(co_await two->write(both.view().first(first_size / 2), far()));
    CHECK(co_await two->write(both.view().subspan(first_size / 2), far()));
    const Reply located = read(co_await read_message(*two), V2_1);
    CHECK(located.payload<LocateResponse>(V2_1).unique_identifiers == std::vector<Text>{id});
    CHECK(read(co_await read_message(*two), V1_4).succeeded());
    house.server->stop();
  });
  CHECK(house.log.empty());
}

TEST_CASE("what cannot be a request is answered, and the connection closed") {
  House house;
  house.engine_settings.limits.message = 4096;
  house.start();
  house.run([&]() -> asio::awaitable<void> {
    for (const Text header : {Text("\x42\x00\x78\x01\xff\xff\xff\xff", 8),
                              Text("\x42\x00\x78\x01\x00\x00\x10\x00", 8), Text("GET / HT")}) {
      auto client = co_await net::Stream::connect(house.endpoint(), contexts().client, far());
      CHECK(client.has_value());
      if (!client) break;
      CHECK(co_await client->write(bytes_of(header), far()));
      const Reply reply = read(co_await read_message(*client), V1_0);
      CHECK(reply.reason() == ResultReason::InvalidMessage);
      std::array<std::byte, 1> room{};
      const auto end = co_await client->read_some(room, far());
      CHECK(end.value_or(1) == 0);
    }
    house.server->stop();
  });
}

TEST_CASE("a client that says nothing loses its place; further ones are closed at once") {
  House house;
  house.settings.step_timeout = std::chrono::milliseconds(200);
  house.settings.most_connections = 1;
  house.start();
  house.run([&]() -> asio::awaitable<void> {
    const tcp::endpoint endpoint(asio::ip::make_address("127.0.0.1"), house.server->port());
    tcp::socket silent(house.context), late(house.context);
    co_await silent.async_connect(endpoint, asio::use_awaitable);
    co_await late.async_connect(endpoint, asio::use_awaitable);
    std::array<std::byte, 1> room{};
    // Both waits end, for different reasons, by the server closing.
    CHECK(std::get<0>(co_await late.async_read_some(asio::buffer(room), as_tuple)));
    CHECK(std::get<0>(co_await silent.async_read_some(asio::buffer(room), as_tuple)));
    house.server->stop();
  });
  REQUIRE(house.log.size() == 2);
  CHECK(house.log[0].find("1 connections are open") != std::string::npos);
  CHECK(house.log[1].find("deadline") != std::string::npos);
}

TEST_CASE("a client without a certificate does not get in") {
  House house;
  house.start();
  house.run([&]() -> asio::awaitable<void> {
    net::TlsSettings settings;
    settings.ca_file = (contexts().folder.path() / "identity" / "ca.pem").string();
    const auto bare = net::TlsContext::client(settings);
    CHECK(bare.has_value());
    if (!bare) co_return house.server->stop();
    auto client = co_await net::Stream::connect(house.endpoint(), *bare, far());
    if (client) {  // TLS 1.3 says so at the first read
      std::array<std::byte, 1> room{};
      CHECK_FALSE(co_await client->read_some(room, far()));
    }
    house.server->stop();
  });
  CHECK(house.log.size() == 1);
}

TEST_CASE("stop ends connections in every stage: handshake, between messages, inside one") {
  House house;
  house.start();
  house.run([&]() -> asio::awaitable<void> {
    const tcp::endpoint endpoint(asio::ip::make_address("127.0.0.1"), house.server->port());
    tcp::socket silent(house.context);
    co_await silent.async_connect(endpoint, asio::use_awaitable);
    auto idle = co_await net::Stream::connect(house.endpoint(), contexts().client, far());
    auto halfway = co_await net::Stream::connect(house.endpoint(), contexts().client, far());
    CHECK(idle.has_value());
    CHECK(halfway.has_value());
    if (!idle || !halfway) co_return house.server->stop();
    // An answered request shows that the server has taken up both connections.
    const SecretBuffer request = query_message();
    for (net::Stream* stream : {&*idle, &*halfway}) {
      CHECK(co_await stream->write(request.view(), far()));
      CHECK(read(co_await read_message(*stream), V1_4).succeeded());
    }
    CHECK(co_await halfway->write(request.view().first(20), far()));

    house.server->stop();
    house.server->stop();
    std::array<std::byte, 1> room{};
    for (net::Stream* stream : {&*idle, &*halfway})
      CHECK((co_await stream->read_some(room, far())).value_or(0) == 0);
    CHECK(std::get<0>(co_await silent.async_read_some(asio::buffer(room), as_tuple)));
    tcp::socket late(house.context);
    CHECK(std::get<0>(co_await late.async_connect(endpoint, as_tuple)));
  });
}

TEST_CASE("the port must be there to be had") {
  House house;
  house.start();
  Engine engine{EngineSettings{}};
  ServerSettings same = house.settings;
  same.listen.port = house.server->port();
  const auto taken = Server::start(house.context.get_executor(), same, engine);
  REQUIRE_FALSE(taken);
  CHECK(taken.error().kind == ErrorKind::unreachable);
  same.listen.host = "kms.example.com";
  const auto named = Server::start(house.context.get_executor(), same, engine);
  REQUIRE_FALSE(named);
  CHECK(named.error().kind == ErrorKind::invalid_input);
}

}  // namespace keyway::kmip::server::test
