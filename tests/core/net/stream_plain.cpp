#include <array>
#include <optional>
#include <string>
#include <utility>

#include <asio/generic/stream_protocol.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/read.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <doctest/doctest.h>

#include <tests/core/net/fixture.h>

using namespace keyway;
using namespace keyway::net;
using namespace keyway::net::test;
using Local = asio::local::stream_protocol;
using Socket = asio::generic::stream_protocol::socket;

namespace {

enum class Way { tcp, local };
constexpr Way ways[] = {Way::tcp, Way::local};

// Place is a server without TLS that is reached over TCP or over a unix-domain socket.
class Place {
 public:
  explicit Place(Way way) : way_(way) {}

  using Serve = std::function<asio::awaitable<void>(Socket)>;
  void serve(Serve job) {
    auto held = std::make_shared<Serve>(std::move(job));
    net.spawn([this, held]() -> asio::awaitable<void> {
      auto accepting = accept();
      Socket socket = co_await std::move(accepting);
      auto serving = (*held)(std::move(socket));
      co_await std::move(serving);
    });
  }
  asio::awaitable<Result<Stream>> connect() {
    return way_ == Way::tcp ? Stream::connect_plain(net.endpoint(), later())
                            : Stream::connect_local(path(), later());
  }
  std::string path() const { return folder_.path("socket"); }
  std::string peer() const { return way_ == Way::tcp ? to_string(net.endpoint()) : "unix:" + path(); }

  Net net;

 private:
  asio::awaitable<Socket> accept() {
    if (way_ == Way::tcp) {
      auto accepting = net.acceptor().async_accept(asio::use_awaitable);
      co_return Socket(co_await std::move(accepting));
    }
    auto accepting = acceptor_.async_accept(asio::use_awaitable);
    co_return Socket(co_await std::move(accepting));
  }

  Way way_;
  Folder folder_;
  Local::acceptor acceptor_{net.context(), Local::endpoint(path())};
};

asio::awaitable<Stream> must_connect(Place& place) {
  auto connecting = place.connect();
  auto stream = co_await std::move(connecting);
  REQUIRE_MESSAGE(stream, (stream ? "" : describe(stream.error())));
  co_return std::move(*stream);
}

asio::awaitable<void> must_write(Stream& stream, Bytes bytes) {
  auto writing = stream.write(bytes, later());
  const auto written = co_await std::move(writing);
  REQUIRE(written);
}

// A turn of the event loop: what was spawned before has begun to wait after it.
asio::awaitable<void> turn() {
  asio::steady_timer timer(co_await asio::this_coro::executor, Deadline::min());
  co_await timer.async_wait(asio::use_awaitable);
}

void check_error(const Error& error, ErrorKind kind, std::string_view part) {
  const std::string text = describe(error);
  CAPTURE(text);
  CHECK(error.kind == kind);
  CHECK(contains(text, part));
}

Error local_error(const std::string& path, Deadline deadline) {
  Net net;
  std::optional<Error> error;
  net.spawn([&]() -> asio::awaitable<void> {
    auto connecting = Stream::connect_local(path, deadline);
    const auto stream = co_await std::move(connecting);
    REQUIRE_FALSE(stream);
    error = stream.error();
  });
  net.run();
  REQUIRE(error);
  return *error;
}

Error plain_error(const Endpoint& endpoint, Deadline deadline) {
  Net net;
  std::optional<Error> error;
  net.spawn([&]() -> asio::awaitable<void> {
    auto connecting = Stream::connect_plain(endpoint, deadline);
    const auto stream = co_await std::move(connecting);
    REQUIRE_FALSE(stream);
    error = stream.error();
  });
  net.run();
  REQUIRE(error);
  return *error;
}

}  // namespace

TEST_CASE("without TLS, bytes travel both ways and the end is read") {
  for (const Way way : ways) {
    CAPTURE(static_cast<int>(way));
    Place place(way);
    bool ended = false;
    place.serve([](Socket socket) -> asio::awaitable<void> {
      std::string question(4, ' ');
      const auto room = asio::buffer(question);
      co_await asio::async_read(socket, room, asio::use_awaitable);
      CHECK(question == "ping");
      const auto answer = asio::buffer("pong", 4);
      co_await asio::async_write(socket, answer, asio::use_awaitable);
    });
    place.net.spawn([&]() -> asio::awaitable<void> {
      auto connecting = must_connect(place);
      Stream stream = co_await std::move(connecting);
      CHECK(stream.is_open());
      CHECK(stream.peer() == place.peer());
      CHECK(stream.peer_subject().empty());
      CHECK(stream.protocol().empty());
      auto writing = must_write(stream, bytes_of("ping"));
      co_await std::move(writing);
      std::string seen;
      std::array<std::byte, 3> room{};
      for (;;) {
        auto reading = stream.read_some(room, later());
        const auto n = co_await std::move(reading);
        REQUIRE(n);
        if (*n == 0) break;
        seen += text_of(Bytes(room).first(*n));
      }
      CHECK(seen == "pong");
      ended = true;
    });
    place.net.run();
    CHECK(ended);
  }
}

TEST_CASE("without TLS, much travels in one write") {
  const OwnedBytes much(std::size_t{3} << 20U, std::byte{0x5a});
  for (const Way way : ways) {
    CAPTURE(static_cast<int>(way));
    Place place(way);
    OwnedBytes seen(much.size());
    bool read = false;
    place.serve([&](Socket socket) -> asio::awaitable<void> {
      const auto room = asio::buffer(seen);
      co_await asio::async_read(socket, room, asio::use_awaitable);
      read = true;
    });
    place.net.spawn([&]() -> asio::awaitable<void> {
      auto connecting = must_connect(place);
      Stream stream = co_await std::move(connecting);
      auto writing = must_write(stream, much);
      co_await std::move(writing);
    });
    place.net.run();
    CHECK(read);
    CHECK(seen == much);
  }
}

TEST_CASE("without TLS, reading and writing meet their deadlines at a peer that stalls") {
  const OwnedBytes much(std::size_t{64} << 20U);  // more than all buffers on the way hold
  for (const Way way : ways)
    for (const bool writes : {false, true}) {
      CAPTURE(static_cast<int>(way));
      CAPTURE(writes);
      Place place(way);
      std::optional<Socket> stalled;
      std::optional<Error> error, afterwards;
      place.serve([&](Socket socket) -> asio::awaitable<void> {
        stalled.emplace(std::move(socket));
        co_return;
      });
      place.net.spawn([&]() -> asio::awaitable<void> {
        auto connecting = must_connect(place);
        Stream stream = co_await std::move(connecting);
        std::array<std::byte, 16> room{};
        if (writes) {
          auto writing = stream.write(much, soon());
          const auto written = co_await std::move(writing);
          if (!written) error = written.error();
        } else {
          auto reading = stream.read_some(room, soon());
          const auto read = co_await std::move(reading);
          if (!read) error = read.error();
        }
        CHECK_FALSE(stream.is_open());
        auto again = stream.read_some(room, later());
        const auto read = co_await std::move(again);
        if (!read) afterwards = read.error();
      });
      place.net.run();
      REQUIRE(error);
      check_error(*error, ErrorKind::unreachable, "the deadline passed");
      CHECK(contains(error->what, place.peer()));
      REQUIRE(afterwards);
      check_error(*afterwards, ErrorKind::unreachable, "the deadline passed");
    }
}

TEST_CASE("without TLS, a peer that drops the connection is an error, not an end") {
  for (const Way way : ways) {
    CAPTURE(static_cast<int>(way));
    Place place(way);
    std::optional<Error> error;
    place.serve([](Socket socket) -> asio::awaitable<void> {
      // Closed with bytes unread, a connection is reset.
      co_await socket.async_wait(Socket::wait_read, asio::use_awaitable);
    });
    place.net.spawn([&]() -> asio::awaitable<void> {
      auto connecting = must_connect(place);
      Stream stream = co_await std::move(connecting);
      auto writing = must_write(stream, bytes_of("unread"));
      co_await std::move(writing);
      std::array<std::byte, 16> room{};
      auto reading = stream.read_some(room, later());
      const auto read = co_await std::move(reading);
      if (!read) error = read.error();
      CHECK_FALSE(stream.is_open());
    });
    place.net.run();
    REQUIRE(error);
    check_error(*error, ErrorKind::unreachable, "the server closed the connection: Connection reset");
  }
}

TEST_CASE("without TLS, a stream may be closed or destroyed while an operation waits") {
  for (const Way way : ways)
    for (const bool destroys : {false, true}) {
      CAPTURE(static_cast<int>(way));
      CAPTURE(destroys);
      Place place(way);
      std::optional<Socket> server;
      std::optional<Stream> client;
      std::array<std::byte, 16> room{};
      std::optional<Result<std::size_t>> read;
      place.serve([&](Socket socket) -> asio::awaitable<void> {
        server.emplace(std::move(socket));
        co_return;
      });
      place.net.spawn([&]() -> asio::awaitable<void> {
        auto connecting = must_connect(place);
        client.emplace(co_await std::move(connecting));
        place.net.spawn([&]() -> asio::awaitable<void> {
          auto reading = client->read_some(room, later());
          read = co_await std::move(reading);
        });
        auto turning = turn();
        co_await std::move(turning);
        if (destroys) {
          client.reset();
          co_return;
        }
        client->close();
        CHECK_FALSE(client->is_open());
        auto writing = client->write(room, later());
        const auto written = co_await std::move(writing);
        REQUIRE_FALSE(written);
        check_error(written.error(), ErrorKind::cancelled, "closed on this side");
      });
      place.net.run();
      REQUIRE(read);
      REQUIRE_FALSE(*read);
      check_error(read->error(), ErrorKind::cancelled, "closed on this side");
    }
}

TEST_CASE("a unix-domain socket that cannot be connected to") {
  const Folder folder;
  const std::string missing = folder.path("missing");
  check_error(local_error(missing, later()), ErrorKind::not_found, "connect to unix:" + missing);
  check_error(local_error(folder.path("no/folder"), later()), ErrorKind::not_found,
              "there is no such socket");
  const std::string file = folder.write("file", "x");
  check_error(local_error(file + "/below", later()), ErrorKind::not_found, "there is no such socket");
  check_error(local_error(file, later()), ErrorKind::unreachable, "nobody listens there");
  {
    asio::io_context context;
    const Local::acceptor gone(context, Local::endpoint(folder.path("left")));
  }
  check_error(local_error(folder.path("left"), later()), ErrorKind::unreachable, "nobody listens there");
  check_error(local_error(missing, Deadline::min()), ErrorKind::unreachable,
              "the deadline passed before it began");
}

TEST_CASE("a path that no unix-domain socket can have is refused") {
  for (const std::string& path :
       {std::string(), std::string("/a\0b", 4), std::string(1, '\0'), "/" + std::string(107, 'x')}) {
    CAPTURE(path.size());
    check_error(local_error(path, later()), ErrorKind::invalid_input, "a socket's path has 1 to 107 bytes");
  }
  check_error(local_error("/" + std::string(106, 'x'), later()), ErrorKind::not_found, "xxx");
  CHECK_FALSE(contains(local_error("/no\n\x1b", later()).what, "\n"));
}

TEST_CASE("a unix-domain socket where too many wait already") {
  const Folder folder;
  Net net;
  Local::acceptor acceptor(net.context());
  acceptor.open();
  acceptor.bind(Local::endpoint(folder.path("busy")));
  acceptor.listen(1);
  std::vector<Stream> waiting;
  std::optional<Error> error;
  net.spawn([&]() -> asio::awaitable<void> {
    while (!error && waiting.size() < 64) {
      auto connecting = Stream::connect_local(folder.path("busy"), later());
      auto stream = co_await std::move(connecting);
      if (stream)
        waiting.push_back(std::move(*stream));
      else
        error = stream.error();
    }
  });
  net.run();
  REQUIRE(error);
  check_error(*error, ErrorKind::unreachable, "too many connections wait there already");
  waiting.clear();
}

TEST_CASE("without TLS, a host that cannot be connected to") {
  Net net;
  const Endpoint nobody = net.endpoint();
  net.stop_listening();
  check_error(plain_error(nobody, later()), ErrorKind::unreachable, "Connection refused");
  check_error(plain_error(nobody, Deadline::min()), ErrorKind::unreachable, "the deadline passed");
  check_error(plain_error({"", 80}, later()), ErrorKind::invalid_input, "no valid host and port");
  check_error(plain_error({"bad host", 80}, later()), ErrorKind::invalid_input, "no valid host and port");
  check_error(plain_error({"localhost", 0}, later()), ErrorKind::invalid_input, "no valid host and port");
}
