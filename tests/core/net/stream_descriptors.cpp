// What a program started meanwhile would inherit.
#include <filesystem>
#include <optional>
#include <string>

#include <asio/local/stream_protocol.hpp>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>

#include <tests/core/net/fixture.h>

using namespace keyway;
using namespace keyway::net;
using namespace keyway::net::test;
using Local = asio::local::stream_protocol;

namespace {

// The connected sockets of this process, and how many of them would be inherited.
struct Sockets {
  int connected = 0, inherited = 0;
};

Sockets sockets() {
  Sockets found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename());
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
    ++found.connected;
    if ((::fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0) ++found.inherited;
  }
  return found;
}

using Connecting = std::function<asio::awaitable<Result<Stream>>()>;

// Nobody has to accept for a plain connection to stand: the only connected socket is the client's.
void check_client(Net& net, const Connecting& connect) {
  const Sockets before = sockets();
  bool checked = false;
  net.spawn([&]() -> asio::awaitable<void> {
    auto connecting = connect();
    const auto stream = co_await std::move(connecting);
    REQUIRE(stream);
    const Sockets now = sockets();
    CHECK(now.connected == before.connected + 1);
    CHECK(now.inherited == before.inherited);
    checked = true;
  });
  net.run();
  CHECK(checked);
}

}  // namespace

TEST_CASE("no child inherits a plain connection") {
  Net net;
  check_client(net, [&net] { return Stream::connect_plain(net.endpoint(), later()); });
  const Folder folder;
  const std::string path = folder.path("socket");
  const Local::acceptor listening(net.context(), Local::endpoint(path));
  check_client(net, [&path] { return Stream::connect_local(path, later()); });
}

TEST_CASE("no child inherits either end of a connection with TLS") {
  Net net;
  const Sockets before = sockets();
  std::optional<Stream> accepted;
  bool checked = false;
  net.serve([&](asio::ip::tcp::socket socket) -> asio::awaitable<void> {
    auto accepting = Stream::accept(std::move(socket), server_context(pki().server), later());
    auto stream = co_await std::move(accepting);
    REQUIRE(stream);
    accepted.emplace(std::move(*stream));
  });
  net.spawn([&]() -> asio::awaitable<void> {
    auto connecting = Stream::connect(net.endpoint(), client_context(pki().client), later());
    const auto stream = co_await std::move(connecting);
    REQUIRE(stream);
    const Sockets now = sockets();
    CHECK(now.connected == before.connected + 2);
    CHECK(now.inherited == before.inherited);
    checked = true;
  });
  net.run();
  CHECK(checked);
}
