// What is repeated, where, and what is not.
#include <array>
#include <atomic>
#include <filesystem>
#include <thread>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/write.hpp>
#include <doctest/doctest.h>
#include <unistd.h>

#include <core/hex.h>
#include <tests/vault/client/support.h>
#include <vault/client/client.h>

using namespace keyway;
using namespace keyway::vault;
using namespace keyway::vault::test;
using Then = HttpAnswer::Then;
using Strings = std::vector<std::string>;

namespace {

const std::string read_fs = "GET /v1/transit/keys/fs";

// A server that gives these answers first, and right ones then.
HttpPeer::Answer first_these(std::vector<HttpAnswer> answers) {
  return [answers](const HttpRequest& request, std::size_t index) {
    return index < answers.size() ? answers[index] : good_answer(request);
  };
}

HttpAnswer refusal(int status, const std::string& text, const std::string& headers = "") {
  return json_answer(R"({"errors":[")" + text + R"("]})", status, headers);
}

HttpAnswer redirect_to(const std::string& address) {
  return {"HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\nLocation: " + address + "\r\n\r\n"};
}

asio::awaitable<void> count_key(Client* client, std::size_t* good) {
  auto reading = client->read_key(fs_key);
  const auto info = co_await std::move(reading);
  if (info) ++*good;
}

asio::awaitable<void> encrypt_many(Client* client) {
  std::vector<Secret> keys;
  std::vector<PlainItem> items;
  for (int i = 0; i < 300; ++i) keys.push_back(system_random().secret(32));
  for (const Secret& key : keys) items.push_back({.plaintext = key.reveal()});
  BatchOptions options;
  options.batch_limit = 1;
  auto encrypting = client->encrypt(fs_key, std::move(items), options);
  co_await std::move(encrypting);
}

}  // namespace

TEST_CASE("what passes is waited for") {
  const HttpAnswer passing[] = {refusal(429, "rate limit quota exceeded", "Retry-After: 0\r\n"),
                                refusal(500, "local node not active but active cluster node not found"),
                                refusal(503, "Vault is sealed"),
                                refusal(503, "error performing token check: Vault is sealed"),
                                refusal(412, "required index state not present"),
                                refusal(502, ""),
                                HttpAnswer{"", Then::close},
                                HttpAnswer{"", Then::reset}};
  for (const HttpAnswer& answer : passing) {
    CAPTURE(answer.bytes);
    const HttpPeer peer(first_these({answer}));
    BlockingClient client(settings_for(peer));
    CHECK(client.read_key(fs_key));
    CHECK(peer.seen() == Strings{read_fs, read_fs});
  }
}

TEST_CASE("what stays is reported after so many attempts, by its name") {
  const struct {
    HttpAnswer answer;
    const char* words;
  } cases[] = {{refusal(503, "Vault is sealed"), "sealed"},
               {refusal(429, "rate limit quota exceeded"), "rate limit"},
               {refusal(503, "no active Vault instance found"), "no leader"},
               {refusal(501, "Vault is not initialized"), "not initialised"},
               {refusal(500, "internal error"), "the server failed"}};
  for (const auto& c : cases) {
    CAPTURE(c.words);
    const HttpPeer peer([&](const HttpRequest&, std::size_t) { return c.answer; });
    BlockingClient client(settings_for(peer));
    const auto info = client.read_key(fs_key);
    REQUIRE_FALSE(info);
    CHECK(info.error().kind == ErrorKind::unreachable);
    CHECK(describe(info.error()).find(c.words) != std::string::npos);
    CHECK(peer.seen().size() == 3);
  }
}

TEST_CASE("what is refused is not repeated") {
  for (const HttpAnswer& answer :
       {refusal(400, "no"), refusal(404, "no handler for route 'x'"),
        refusal(403, "1 error occurred:\\n\\t* permission denied\\n\\n"), refusal(405, "")}) {
    const HttpPeer peer([&](const HttpRequest&, std::size_t) { return answer; });
    BlockingClient client(settings_for(peer));
    CHECK_FALSE(client.read_key(fs_key));
    CHECK(peer.seen().size() == 1);
  }
}

TEST_CASE("a request that twice gets no answer may be the reason itself, and is not sent a third time") {
  const HttpPeer peer([](const HttpRequest&, std::size_t) { return HttpAnswer{"", Then::close}; });
  ClientSettings settings = settings_for(peer);
  settings.attempts = 10;
  BlockingClient client(std::move(settings));
  const auto info = client.read_key(fs_key);
  REQUIRE_FALSE(info);
  CHECK(info.error().kind == ErrorKind::unreachable);
  CHECK(peer.seen().size() == 2);
}

TEST_CASE("an idle connection that the server closed costs nothing") {
  const HttpPeer peer([](const HttpRequest& request, std::size_t index) {
    HttpAnswer answer = good_answer(request);
    if (index == 0) answer.then = Then::close;
    return answer;
  });
  ClientSettings settings = settings_for(peer);
  settings.attempts = 1;
  BlockingClient client(std::move(settings));
  CHECK(client.read_key(fs_key));
  CHECK(client.read_key(fs_key));
  CHECK(client.read_key(fs_key));
  CHECK(peer.connections() == 2);
}

TEST_CASE("a login whose answer was lost is not sent again: its secret id may be used up") {
  for (const HttpAnswer& answer :
       {HttpAnswer{"", Then::close}, HttpAnswer{"HTTP/1.1 200 OK\r\nContent-Le", Then::close},
        refusal(500, "internal error")}) {
    const HttpPeer peer(first_these({answer}));
    ClientSettings settings = settings_for(peer);
    settings.login = role_login();
    BlockingClient client(std::move(settings));
    const auto info = client.read_key(fs_key);
    REQUIRE_FALSE(info);
    CHECK(info.error().kind == ErrorKind::unreachable);
    CHECK(describe(info.error()).find("used up") != std::string::npos);
    CHECK(peer.seen() == Strings{"POST /v1/auth/approle/login"});
  }
}

TEST_CASE("a login that was not looked at is sent again") {
  for (const HttpAnswer& answer :
       {refusal(503, "Vault is sealed"), refusal(429, "rate limit quota exceeded")}) {
    const HttpPeer peer(first_these({answer}));
    ClientSettings settings = settings_for(peer);
    settings.login = role_login();
    BlockingClient client(std::move(settings));
    CHECK(client.log_in());
    CHECK(peer.seen().size() == 2);
  }
}

TEST_CASE("the next address answers when one does not, and is asked first from then on") {
  const HttpPeer sealed([](const HttpRequest&, std::size_t) { return refusal(503, "Vault is sealed"); });
  const HttpPeer good(first_these({}));
  const std::string dead = "http://127.0.0.1:1";
  for (const std::string& bad : {sealed.address(), dead}) {
    ClientSettings settings = settings_for(Strings{bad, good.address()});
    BlockingClient client(std::move(settings));
    CHECK(client.read_key(fs_key));
    CHECK(client.read_key(fs_key));
  }
  CHECK(sealed.seen().size() == 1);
  CHECK(good.seen().size() == 4);
}

TEST_CASE("a standby's redirect is followed with the same request") {
  const HttpPeer active(first_these({}));
  const HttpPeer standby([&](const HttpRequest& request, std::size_t) {
    return redirect_to(active.address() + request.target);
  });
  BlockingClient client(settings_for(standby));
  VaultWrapper wrapper(client.async(), {.key = fs_key});
  CHECK(wrap_one(wrapper, system_random().secret(32)));
  CHECK(active.seen() == standby.seen());
  CHECK(active.seen().size() == 3);
}

TEST_CASE("redirects that are not followed") {
  const HttpPeer other(first_these({}));
  const struct {
    std::string location;
    const char* words;
  } cases[] = {{other.address() + "/v1/transit/keys/another", "another path"},
               {"/v1/transit/keys/fs", "no address"},
               {"unix:///tmp/socket/v1/transit/keys/fs", "less safe"},
               {"ftp://127.0.0.1/v1/transit/keys/fs", "no address"},
               {"http://user:pass@127.0.0.1/v1/transit/keys/fs", "no address"},
               {"", "another path"}};
  for (const auto& c : cases) {
    CAPTURE(c.location);
    const HttpPeer standby([&](const HttpRequest&, std::size_t) { return redirect_to(c.location); });
    BlockingClient client(settings_for(standby));
    const auto info = client.read_key(fs_key);
    REQUIRE_FALSE(info);
    CHECK(describe(info.error()).find(c.words) != std::string::npos);
  }
  CHECK(other.seen().empty());
}

TEST_CASE("a circle of redirects ends") {
  std::string own;
  const HttpPeer standby(
      [&](const HttpRequest& request, std::size_t) { return redirect_to(own + request.target); });
  own = standby.address();
  BlockingClient client(settings_for(standby));
  const auto info = client.read_key(fs_key);
  REQUIRE_FALSE(info);
  CHECK(standby.seen().size() == 4);
}

TEST_CASE("from a safe address the token goes to no less safe one") {
  const HttpPeer other(first_these({}));
  const std::string path =
      (std::filesystem::temp_directory_path() / fmt::format("keyway-{}.sock", ::getpid())).string();
  {
    const HttpPeer local([&](const HttpRequest& request,
                             std::size_t) { return redirect_to(other.address() + request.target); },
                         path);
    BlockingClient client(settings_for(local));
    const auto info = client.read_key(fs_key);
    REQUIRE_FALSE(info);
    CHECK(describe(info.error()).find("less safe") != std::string::npos);
    CHECK(other.seen().empty());
  }
  std::filesystem::remove(path);
}

TEST_CASE("a unix-domain socket is an address") {
  const std::string path =
      (std::filesystem::temp_directory_path() / fmt::format("keyway-{}.sock", ::getpid())).string();
  {
    const HttpPeer local(first_these({}), path);
    BlockingClient client(settings_for(local));
    VaultWrapper wrapper(client.async(), {.key = fs_key});
    const Secret key = system_random().secret(32);
    const auto blob = wrap_one(wrapper, key.duplicate());
    REQUIRE(blob);
    CHECK(*unwrap_one(wrapper, *blob) == key);
  }
  std::filesystem::remove(path);
}

TEST_CASE("a batch that fails as a whole is halved until the culprit is found") {
  // As 1.6 to 1.9 answer: one damaged item, and the whole call is a 500.
  const HttpPeer peer([](const HttpRequest& request, std::size_t) {
    const bool has_bad = request.body.find("vault:v1:QkFE") != std::string::npos;
    return has_bad ? refusal(500, "1 error occurred:\\n\\t* cipher: message authentication failed\\n\\n")
                   : good_answer(request);
  });
  BlockingClient client(settings_for(peer));
  std::vector<std::string> texts;
  for (int i = 0; i < 40; ++i) texts.emplace_back(i == 11 || i == 30 ? "vault:v1:QkFE" : "vault:v1:R09PRA==");
  std::vector<CipherItem> items;
  for (const std::string& text : texts) items.push_back({.ciphertext = text});
  const auto opened = client.decrypt(fs_key, std::move(items));
  for (std::size_t i = 0; i < 40; ++i) {
    CAPTURE(i);
    if (i == 11 || i == 30)
      CHECK((!opened[i] && opened[i].error().kind == ErrorKind::corrupt));
    else
      CHECK((opened[i] && opened[i]->reveal_text() == "GOOD"));
  }
  CHECK(peer.seen().size() < 30);
}

TEST_CASE("what a standby has not heard of yet is asked for once more") {
  const std::string unknown = "encryption key not found", future = "invalid ciphertext: version is too new";
  for (const std::string& text : {unknown, future}) {
    CAPTURE(text);
    const HttpPeer late(first_these({refusal(400, text)}));
    BlockingClient client(settings_for(late));
    CHECK(client.decrypt(fs_key, {{.ciphertext = "vault:v1:R09PRA=="}})[0]);
    const HttpPeer never([&](const HttpRequest&, std::size_t) { return refusal(400, text); });
    BlockingClient other(settings_for(never));
    CHECK_FALSE(other.decrypt(fs_key, {{.ciphertext = "vault:v1:R09PRA=="}})[0]);
    CHECK(never.seen().size() == 2);
  }
}

TEST_CASE("the namespace goes with every request but the server's health") {
  std::vector<std::string> namespaces;
  {
    const HttpPeer peer([&](const HttpRequest& request, std::size_t) {
      namespaces.push_back(request.header("x-vault-namespace"));
      return good_answer(request);
    });
    ClientSettings settings = settings_for(peer);
    settings.name_space = "team-a";
    settings.login = role_login();
    BlockingClient client(std::move(settings));
    CHECK(client.health());
    CHECK(client.read_key(fs_key));
  }
  CHECK(namespaces == Strings{"", "team-a", "team-a"});
}

TEST_CASE("calls that nobody answers end when the client goes") {
  const HttpPeer peer([](const HttpRequest&, std::size_t) { return HttpAnswer{"", Then::stall}; });
  auto client = std::make_unique<BlockingClient>(settings_for(peer));
  std::vector<Result<KeyInfo>> answers(4, std::unexpected(Error{}));
  std::vector<std::thread> threads;
  for (auto& answer : answers)
    threads.emplace_back([&client, &answer] { answer = client->read_key(fs_key); });
  peer.wait_for(4);
  client->async().stop();
  for (std::thread& thread : threads) thread.join();
  client.reset();
  for (const auto& answer : answers) {
    REQUIRE_FALSE(answer);
    CHECK(answer.error().kind == ErrorKind::cancelled);
  }
}

TEST_CASE("more calls than connections wait for their turn") {
  const HttpPeer peer(first_these({}));
  ClientSettings settings = settings_for(peer);
  settings.connections = 2;
  BlockingClient client(std::move(settings));
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 12; ++i) threads.emplace_back([&] { good += client.read_key(fs_key) ? 1 : 0; });
  for (std::thread& thread : threads) thread.join();
  CHECK(good == 12);
  CHECK(peer.connections() <= 2);
}

TEST_CASE("many calls at once leave a dead address together, not for it again") {
  const HttpPeer good(first_these({}));
  ClientSettings settings = settings_for(Strings{"http://127.0.0.1:1", good.address()});
  settings.attempts = 3;
  BlockingClient client(std::move(settings));
  std::vector<std::thread> threads;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 16; ++i) threads.emplace_back([&] { answered += client.read_key(fs_key) ? 1 : 0; });
  for (std::thread& thread : threads) thread.join();
  CHECK(answered == 16);
}

TEST_CASE("an address that says nothing leaves time for the next") {
  const HttpPeer silent([](const HttpRequest&, std::size_t) { return HttpAnswer{"", Then::stall}; });
  const HttpPeer good(first_these({}));
  ClientSettings settings = settings_for(Strings{silent.address(), good.address()});
  settings.request_timeout = std::chrono::seconds(2);
  BlockingClient client(std::move(settings));
  CHECK(client.read_key(fs_key));
  CHECK(silent.seen().size() == 1);
}

TEST_CASE("where TLS does not come about the next address is tried") {
  const struct {
    const char* name;
    std::string says;
  } cases[] = {{"a server that closes during the handshake", ""},
               {"one that does not speak TLS", "HTTP/1.1 400 Bad\r\n\r\n"}};
  for (const auto& c : cases) {
    CAPTURE(c.name);
    asio::io_context io{1};
    asio::ip::tcp::acceptor acceptor(io, {asio::ip::make_address("127.0.0.1"), 0});
    std::thread server([&] {
      asio::ip::tcp::socket socket(io);
      acceptor.accept(socket);
      std::array<char, 4096> hello{};
      socket.read_some(asio::buffer(hello));
      asio::write(socket, asio::buffer(c.says));
    });
    const HttpPeer good(first_these({}));
    auto tls = net::TlsContext::client({});
    REQUIRE(tls);
    ClientSettings settings = settings_for(
        Strings{fmt::format("https://127.0.0.1:{}", acceptor.local_endpoint().port()), good.address()});
    settings.tls = *tls;
    BlockingClient client(std::move(settings));
    CHECK(client.read_key(fs_key));
    server.join();
  }
}

TEST_CASE("redirects are counted anew after each wait") {
  const HttpPeer active([](const HttpRequest& request, std::size_t index) {
    return index < 5 ? refusal(503, "Vault is sealed") : good_answer(request);
  });
  const HttpPeer standby([&](const HttpRequest& request, std::size_t) {
    return redirect_to(active.address() + request.target);
  });
  ClientSettings settings = settings_for(standby);
  settings.attempts = 8;
  BlockingClient client(std::move(settings));
  CHECK(client.read_key(fs_key));
}

TEST_CASE("a login during an election is sent again: nothing was done") {
  const HttpPeer peer(first_these({refusal(500, "local node not active but active cluster node not found")}));
  ClientSettings settings = settings_for(peer);
  settings.login = role_login();
  BlockingClient client(std::move(settings));
  CHECK(client.log_in());
}

TEST_CASE("what a proxy's page repeats of the request stays out of the error") {
  const HttpPeer peer([](const HttpRequest& request, std::size_t) {
    const std::string page = "<html>Bad request: X-Vault-Token: " + request.header("x-vault-token") +
                             " Body: " + request.body + "</html>";
    return HttpAnswer{
        fmt::format("HTTP/1.1 400 Bad Request\r\nContent-Length: {}\r\n\r\n{}", page.size(), page)};
  });
  ClientSettings settings = settings_for(peer);
  settings.login = given_token("hvs.CAESIJlU02LQZq");
  BlockingClient client(std::move(settings));
  const Secret key = system_random().secret(32);
  const auto info = client.read_key(fs_key);
  REQUIRE_FALSE(info);
  CHECK(describe(info.error()).find("CAESIJ") == std::string::npos);
  BatchOptions options;
  options.key_was_read = true;
  const auto made = client.encrypt(fs_key, {{.plaintext = key.reveal()}}, options);
  REQUIRE_FALSE(made[0]);
  const Secret base64 = to_base64_secret(key.reveal());
  CHECK(describe(made[0].error()).find(base64.reveal_text().substr(0, 12)) == std::string::npos);
}

TEST_CASE("thousands of calls wait in the order of their coming, and none starves") {
  const HttpPeer peer(first_these({}));
  ClientSettings settings = settings_for(peer);
  settings.connections = 4;
  settings.request_timeout = std::chrono::minutes(2);
  asio::io_context io{1};
  std::size_t good = 0;
  {
    Client client(io.get_executor(), std::move(settings));
    constexpr std::size_t calls = 3000;
    for (std::size_t i = 0; i < calls; ++i) asio::co_spawn(io, count_key(&client, &good), asio::detached);
    while (good < calls && io.run_one() > 0) continue;
    CHECK(good == calls);
    client.stop();
    io.restart();
    io.run();
  }
}

TEST_CASE("a caller that is cancelled waits for what works with its memory") {
  // Every encryption is held up until the caller was cancelled.
  std::atomic<bool> cancelled = false;
  std::atomic<std::size_t> after_return = 0;
  std::atomic<bool> returned = false;
  const HttpPeer peer([&](const HttpRequest& request, std::size_t) {
    while (!cancelled) std::this_thread::yield();
    if (returned) ++after_return;
    return good_answer(request);
  });
  ClientSettings settings = settings_for(peer);
  asio::io_context io{1};
  {
    Client client(io.get_executor(), std::move(settings));
    asio::cancellation_signal signal;
    asio::co_spawn(
        io, encrypt_many(&client),
        asio::bind_cancellation_slot(signal.slot(), [&](const std::exception_ptr&) { returned = true; }));
    while (peer.seen().empty()) io.run_one_for(std::chrono::milliseconds(10));
    signal.emit(asio::cancellation_type::terminal);
    cancelled = true;
    while (!returned && io.run_one() > 0) continue;
    // The client is as good as before.
    io.restart();
    std::size_t good = 0;
    asio::co_spawn(io, count_key(&client, &good), asio::detached);
    while (good == 0 && io.run_one() > 0) continue;
    CHECK(good == 1);
    client.stop();
    io.restart();
    io.run();
  }
  CHECK(after_return <= 1);  // the call of the check above
}
