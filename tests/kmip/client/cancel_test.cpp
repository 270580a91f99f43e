// Giving up: by signal, by destroying the client, and from another thread.
#include <optional>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/post.hpp>
#include <doctest/doctest.h>

#include <kmip/client/client.h>
#include <tests/kmip/client/support.h>

using namespace keyway;
using namespace keyway::kmip;
using namespace keyway::kmip::test;

namespace {

using Answer = Result<Reply<GetResponse>>;

void check_cancelled(const std::optional<Answer>& answer) {
  REQUIRE(answer);
  REQUIRE_FALSE(*answer);
  INFO(answer->error().what);
  CHECK(answer->error().kind == ErrorKind::cancelled);
}

// Runs `io` while it has work, and `then` once the peer has seen what a test waits for.
template <class Wait, class Then>
void run_until(asio::io_context& io, Wait wait, Then then) {
  std::thread watcher([&] {
    wait();
    asio::post(io, then);
  });
  const auto work = asio::make_work_guard(io);
  std::atomic<bool> done = false;
  std::thread release([&] {
    watcher.join();
    done = true;
  });
  while (!done) io.poll();
  release.join();
}

}  // namespace

TEST_CASE("a cancelled call ends, and the others go on over a fresh connection") {
  const ScriptedPeer peer(server_tls(), {Connection{{stall()}}, Connection{{answer(got("b"))}}});
  asio::io_context io;
  Client client(io.get_executor(), settings_for(peer));
  asio::cancellation_signal signal;
  std::optional<Answer> first, second;
  client.async_call(get_of("a"),
                    asio::bind_cancellation_slot(signal.slot(), [&](Answer a) { first = std::move(a); }));
  client.async_call(get_of("b"), [&](Answer a) { second = std::move(a); });
  run_until(io, [&] { peer.wait_for(0, 1); }, [&] { signal.emit(asio::cancellation_type::terminal); });
  io.run();
  check_cancelled(first);
  REQUIRE(second);
  CHECK_MESSAGE(*second, text_of_error(*second));
  CHECK(peer.seen() == Seen{"Get", "Get"});
}

TEST_CASE("a call cancelled while it waits its turn is never sent") {
  const ScriptedPeer peer(server_tls(), {Connection{{answer(got("a")), answer(got("c"))}}});
  asio::io_context io;
  Client client(io.get_executor(), settings_for(peer));
  asio::cancellation_signal signal;
  std::optional<Answer> first, second, third;
  client.async_call(get_of("a"), [&](Answer a) { first = std::move(a); });
  client.async_call(get_of("b"),
                    asio::bind_cancellation_slot(signal.slot(), [&](Answer a) { second = std::move(a); }));
  client.async_call(get_of("c"), [&](Answer a) { third = std::move(a); });
  signal.emit(asio::cancellation_type::terminal);
  io.run();
  check_cancelled(second);
  REQUIRE(first);
  CHECK(*first);
  REQUIRE(third);
  CHECK(*third);
  CHECK(peer.seen() == Seen{"Get Get"});
}

TEST_CASE("a cancelled call does not wait for a handshake that never ends") {
  const ScriptedPeer peer(server_tls(), {Connection{.start = Connection::Start::silence}});
  asio::io_context io;
  ClientSettings settings = settings_for(peer);
  // Nobody waits that long: a test that hangs is what fails here.
  settings.connect_timeout = settings.request_timeout = std::chrono::hours(1);
  Client client(io.get_executor(), settings);
  asio::cancellation_signal signal;
  std::optional<Answer> answer;
  client.async_call(get_of("a"),
                    asio::bind_cancellation_slot(signal.slot(), [&](Answer a) { answer = std::move(a); }));
  run_until(io, [&] { peer.wait_for(0, 0); }, [&] { signal.emit(asio::cancellation_type::terminal); });
  io.run();
  check_cancelled(answer);
}

TEST_CASE("a signal that comes after the answer, or after the client, does nothing") {
  const ScriptedPeer peer(server_tls(), {Connection{{answer(got("a")), answer(got("b"))}}});
  asio::io_context io;
  std::optional<Client> client(std::in_place, io.get_executor(), settings_for(peer));
  asio::cancellation_signal signal;
  std::optional<Answer> first, second;
  client->async_call(get_of("a"),
                     asio::bind_cancellation_slot(signal.slot(), [&](Answer a) { first = std::move(a); }));
  io.run();
  signal.emit(asio::cancellation_type::terminal);
  client->async_call(get_of("b"), [&](Answer a) { second = std::move(a); });
  io.restart();
  io.run();
  REQUIRE(first);
  CHECK(*first);
  REQUIRE(second);
  CHECK(*second);
  client.reset();
  signal.emit(asio::cancellation_type::terminal);
  io.restart();
  io.run();
  CHECK(peer.seen() == Seen{"Get Get"});
}

TEST_CASE("destroying the client cancels what is under way and what waits") {
  const ScriptedPeer peer(server_tls(), {Connection{{stall()}}});
  asio::io_context io;
  std::optional<Client> client(std::in_place, io.get_executor(), settings_for(peer));
  std::optional<Answer> first, second;
  std::optional<Result<ServerFacts>> third;
  client->async_call(get_of("a"), [&](Answer a) { first = std::move(a); });
  client->async_call(get_of("b"), [&](Answer a) { second = std::move(a); });
  client->async_connect([&](Result<ServerFacts> facts) { third = std::move(facts); });
  run_until(io, [&] { peer.wait_for(0, 1); }, [&] { client.reset(); });
  io.run();
  check_cancelled(first);
  check_cancelled(second);
  REQUIRE(third);
  REQUIRE_FALSE(*third);
  CHECK(third->error().kind == ErrorKind::cancelled);
}

TEST_CASE("a client may be destroyed by its own answer") {
  const ScriptedPeer peer(server_tls(), {Connection{{answer(got("a"))}}});
  asio::io_context io;
  std::optional<Client> client(std::in_place, io.get_executor(), settings_for(peer));
  std::optional<Answer> first, second;
  client->async_call(get_of("a"), [&](Answer a) {
    first = std::move(a);
    client.reset();
  });
  client->async_call(get_of("b"), [&](Answer a) { second = std::move(a); });
  io.run();
  REQUIRE(first);
  CHECK(*first);
  check_cancelled(second);
}

TEST_CASE("no handler runs inside the call that is given it") {
  const ScriptedPeer peer(server_tls(), {});
  asio::io_context io;
  Client client(io.get_executor(), settings_for(peer));
  bool returned = false, checked = false;
  asio::post(io, [&] {
    client.async_call_each(std::vector<GetRequest>{}, [&](auto) { checked = returned; });
    returned = true;
  });
  io.run();
  CHECK(checked);
}

TEST_CASE("destroying a blocking client ends the calls of other threads") {
  SUBCASE("that wait for an answer") {
    const ScriptedPeer peer(server_tls(), {Connection{{stall()}}});
    std::optional<BlockingClient> client(std::in_place, settings_for(peer));
    std::optional<Answer> answer;
    std::thread caller([&, &waiting = *client] { answer = waiting.call(get_of("a")); });
    peer.wait_for(0, 1);
    client.reset();
    caller.join();
    check_cancelled(answer);
  }
  SUBCASE("that wait for a handshake") {
    const ScriptedPeer peer(server_tls(), {Connection{.start = Connection::Start::silence}});
    ClientSettings settings = settings_for(peer);
    settings.connect_timeout = settings.request_timeout = std::chrono::hours(1);
    std::optional<BlockingClient> client(std::in_place, settings);
    std::optional<Answer> answer;
    std::thread caller([&, &waiting = *client] { answer = waiting.call(get_of("a")); });
    peer.wait_for(0, 0);
    client.reset();
    caller.join();
    check_cancelled(answer);
  }
  SUBCASE("that look for a key, in several steps") {
    const ScriptedPeer peer(server_tls(), {Connection{{stall()}}});
    std::optional<BlockingClient> client(std::in_place, settings_for(peer));
    std::optional<Result<std::string>> answer;
    std::thread caller([&, &waiting = *client] { answer = waiting.find({"name:a"}); });
    peer.wait_for(0, 1);
    client.reset();
    caller.join();
    REQUIRE(answer);
    REQUIRE_FALSE(*answer);
    CHECK(answer->error().kind == ErrorKind::cancelled);
  }
}
