// Logins: on first use, one at a time, again when the token died, and not in a loop.
#include <atomic>
#include <stdexcept>
#include <thread>

#include <doctest/doctest.h>

#include <tests/vault/client/support.h>

using namespace keyway;
using namespace keyway::vault;
using namespace keyway::vault::test;

namespace {

const std::string login_request = "POST /v1/auth/approle/login";

HttpAnswer lease(const std::string& token, int seconds, bool renewable) {
  return json_answer(fmt::format(R"({{"auth":{{"client_token":"{}","lease_duration":{},"renewable":{}}}}})",
                                 token, seconds, renewable));
}

// A server whose tokens are "t1", "t2", ...: each login makes the next, and only the last one is good.
struct Tokens {
  std::atomic<int> last = 0;
  std::atomic<bool> refuses_logins = false;
  int seconds = 3600;

  HttpAnswer operator()(const HttpRequest& request) {
    if (request.target == "/v1/auth/approle/login") {
      if (refuses_logins) return json_answer(R"({"errors":["invalid secret id"]})", 400);
      return lease(fmt::format("t{}", ++last), seconds, false);
    }
    if (request.header("x-vault-token") != fmt::format("t{}", last.load()))
      return json_answer(R"({"errors":["permission denied"]})", 403);
    HttpRequest as_good = request;
    as_good.headers["x-vault-token"] = "t0ken";
    return good_answer(as_good);
  }
};

ClientSettings role_settings(const HttpPeer& peer) {
  ClientSettings settings = settings_for(peer);
  settings.login = role_login();
  return settings;
}

void in_threads(int count, const std::function<void()>& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("nothing is sent before the first call, and one login serves all threads") {
  Tokens tokens;
  const HttpPeer peer([&](const HttpRequest& request, std::size_t) { return tokens(request); });
  BlockingClient client(role_settings(peer));
  CHECK(peer.seen().empty());
  std::atomic<int> good = 0;
  in_threads(8, [&] { good += client.read_key(fs_key) ? 1 : 0; });
  CHECK(good == 8);
  CHECK(peer.count(login_request) == 1);
}

TEST_CASE("a token that died under many threads is replaced by one login") {
  Tokens tokens;
  const HttpPeer peer([&](const HttpRequest& request, std::size_t) { return tokens(request); });
  BlockingClient client(role_settings(peer));
  REQUIRE(client.read_key(fs_key));
  for (int round = 0; round < 20; ++round) {
    const std::size_t before = peer.count(login_request);
    tokens.last += 1;  // as if it were revoked
    std::atomic<int> good = 0;
    in_threads(8, [&] { good += client.read_key(fs_key) ? 1 : 0; });
    CHECK(good == 8);
    CHECK(peer.count(login_request) == before + 1);
  }
}

TEST_CASE("a policy's refusal is no reason for a login, whatever its words") {
  const std::string plain = "permission denied", listed = "1 error occurred:\\n\\t* permission denied\\n\\n";
  for (const std::string& words : {plain, listed}) {
    CAPTURE(words);
    const HttpPeer peer([&](const HttpRequest& request, std::size_t) {
      if (request.target != "/v1/transit/keys/fs") return good_answer(request);
      return json_answer(R"({"errors":[")" + words + R"("]})", 403);
    });
    BlockingClient client(role_settings(peer));
    for (int i = 0; i < 3; ++i) {
      const auto info = client.read_key(fs_key);
      REQUIRE_FALSE(info);
      CHECK(info.error().kind == ErrorKind::refused);
    }
    CHECK(peer.count(login_request) == 1);
  }
}

TEST_CASE("a server that forbids everything gets one login for each call, not a loop") {
  const HttpPeer peer([](const HttpRequest& request, std::size_t) {
    if (request.target == "/v1/auth/approle/login") return lease("t", 3600, true);
    return json_answer(R"({"errors":["permission denied"]})", 403);
  });
  BlockingClient client(role_settings(peer));
  const auto info = client.read_key(fs_key);
  REQUIRE_FALSE(info);
  CHECK(info.error().kind == ErrorKind::refused);
  CHECK(peer.count(login_request) == 2);
}

TEST_CASE("a refused login is shared by those who wait for it, and not tried again at once") {
  Tokens tokens;
  tokens.refuses_logins = true;
  const HttpPeer peer([&](const HttpRequest& request, std::size_t) { return tokens(request); });
  ClientSettings settings = role_settings(peer);
  settings.login_pause = std::chrono::hours(1);
  BlockingClient client(std::move(settings));
  std::atomic<int> refused = 0;
  in_threads(8, [&] {
    const auto info = client.read_key(fs_key);
    refused += !info && info.error().kind == ErrorKind::refused ? 1 : 0;
  });
  CHECK(refused == 8);
  CHECK(peer.count(login_request) == 1);
}

TEST_CASE("a lease that ran out is replaced before it is used") {
  Tokens tokens;
  tokens.seconds = 1;
  const HttpPeer peer([&](const HttpRequest& request, std::size_t) { return tokens(request); });
  BlockingClient client(role_settings(peer));
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(1500);
  while (std::chrono::steady_clock::now() < end) {
    REQUIRE(client.read_key(fs_key));
    std::this_thread::yield();
  }
  CHECK(peer.count(login_request) >= 2);
  CHECK(peer.count("GET /v1/auth/token/lookup-self") == 0);  // nobody had to be asked
}

TEST_CASE("in the background a renewable token is renewed, and another is got where that fails") {
  for (const bool works : {true, false}) {
    CAPTURE(works);
    const HttpPeer peer([&](const HttpRequest& request, std::size_t) {
      if (request.target == "/v1/auth/approle/login") return lease("t0ken", 1, true);
      if (request.target == "/v1/auth/token/renew-self")
        return works ? lease("t0ken", 3600, true) : json_answer(R"({"errors":["permission denied"]})", 403);
      return good_answer(request);
    });
    ClientSettings settings = role_settings(peer);
    settings.renews = true;
    BlockingClient client(std::move(settings));
    REQUIRE(client.log_in());
    peer.wait_for(works ? 2 : 3);
    const auto seen = peer.seen();
    CHECK(seen[1] == "POST /v1/auth/token/renew-self");
    if (!works) CHECK(seen[2] == login_request);
  }
}

TEST_CASE("threads use the client while the background renews and replaces its token") {
  Tokens tokens;
  tokens.seconds = 1;
  const HttpPeer peer([&](const HttpRequest& request, std::size_t) { return tokens(request); });
  ClientSettings settings = role_settings(peer);
  settings.renews = true;
  BlockingClient client(std::move(settings));
  std::atomic<int> failures = 0;
  // Until the third token: the first was got by a call, the others in the background or by a call, whoever
  // came first.
  in_threads(4, [&] {
    while (peer.count(login_request) < 3) {
      if (!client.read_key(fs_key)) ++failures;
    }
  });
  CHECK(failures == 0);
}

TEST_CASE("a given token is looked up and renewed in the background") {
  const HttpPeer peer([&](const HttpRequest& request, std::size_t) {
    if (request.target == "/v1/auth/token/lookup-self")
      return json_answer(R"({"data":{"ttl":1,"renewable":true}})");
    if (request.target == "/v1/auth/token/renew-self") return lease("t0ken", 3600, true);
    return good_answer(request);
  });
  ClientSettings settings = settings_for(peer);
  settings.renews = true;
  BlockingClient client(std::move(settings));
  REQUIRE(client.read_key(fs_key));
  peer.wait_for(3);
  CHECK(peer.count("POST /v1/auth/token/renew-self") == 1);
}

TEST_CASE("where an agent has the token, none is sent and nobody logs in") {
  std::atomic<bool> is_allowed = true;
  const HttpPeer peer([&](const HttpRequest& request, std::size_t) {
    if (request.headers.contains("x-vault-token")) return json_answer(R"({"errors":["a token"]})", 400);
    if (!is_allowed) return json_answer(R"({"errors":["permission denied"]})", 403);
    HttpRequest with_token = request;
    with_token.headers["x-vault-token"] = "t0ken";
    return good_answer(with_token);
  });
  ClientSettings settings = settings_for(peer);
  settings.login = AgentLogin{};
  settings.renews = true;
  BlockingClient client(std::move(settings));
  CHECK(client.read_key(fs_key));
  CHECK(client.log_in());
  is_allowed = false;
  const auto info = client.read_key(fs_key);
  REQUIRE_FALSE(info);
  CHECK(info.error().kind == ErrorKind::refused);
  CHECK(peer.seen().size() == 2);
}

TEST_CASE("a Kubernetes login reads the service account's token each time") {
  std::vector<std::string> bodies;
  {
    const HttpPeer peer([&](const HttpRequest& request, std::size_t) {
      if (request.target != "/v1/auth/clusters/one/login") return good_answer(request);
      bodies.push_back(request.body);
      return lease("t0ken", bodies.size() == 1 ? 1 : 3600, false);
    });
    ClientSettings settings = settings_for(peer);
    int turn = 0;
    settings.login = KubernetesLogin{
        "fs-role", [&turn]() -> Result<Secret> { return Secret(Text(fmt::format("jwt-{}\n", ++turn))); },
        "clusters/one/"};
    BlockingClient client(std::move(settings));
    while (peer.count("POST /v1/auth/clusters/one/login") < 2) REQUIRE(client.read_key(fs_key));
  }
  REQUIRE(bodies.size() == 2);
  CHECK(bodies[0] == R"({"role":"fs-role","jwt":"jwt-1"})");
  CHECK(bodies[1] == R"({"role":"fs-role","jwt":"jwt-2"})");
}

TEST_CASE("tokens that are dead as soon as they are made do not make a storm of logins") {
  const HttpPeer peer([](const HttpRequest& request, std::size_t) {
    if (request.target == "/v1/auth/approle/login") return lease("t", 3600, true);
    return json_answer(R"({"errors":["permission denied"]})", 403);
  });
  ClientSettings settings = role_settings(peer);
  settings.login_pause = std::chrono::hours(1);
  BlockingClient client(std::move(settings));
  for (int i = 0; i < 10; ++i) CHECK_FALSE(client.read_key(fs_key));
  CHECK(peer.count(login_request) <= 3);
  const auto info = client.read_key(fs_key);
  REQUIRE_FALSE(info);
  CHECK(describe(info.error()).find("token_bound_cidrs") != std::string::npos);
}

TEST_CASE("a refused credential is not sent again for a while, another one is sent at once") {
  Tokens tokens;
  tokens.refuses_logins = true;
  const HttpPeer peer([&](const HttpRequest& request, std::size_t) { return tokens(request); });
  ClientSettings settings = role_settings(peer);
  settings.login_pause = std::chrono::hours(1);
  auto current = std::make_shared<std::string>("wrong");
  AppRoleLogin login = role_login();
  login.secret_id = [current]() -> Result<Secret> { return Secret(Text(*current)); };
  settings.login = login;
  BlockingClient client(std::move(settings));
  for (int i = 0; i < 5; ++i) CHECK_FALSE(client.log_in());
  CHECK(peer.count(login_request) == 1);
  tokens.refuses_logins = false;
  *current = "right";
  CHECK(client.log_in());
  CHECK(peer.count(login_request) == 2);
}

TEST_CASE("a source that throws is an error, and the next call works") {
  Tokens tokens;
  const HttpPeer peer([&](const HttpRequest& request, std::size_t) { return tokens(request); });
  ClientSettings settings = role_settings(peer);
  int turn = 0;
  AppRoleLogin login = role_login();
  login.secret_id = [&turn]() -> Result<Secret> {
    if (++turn == 1) throw std::runtime_error("no disk");
    return Secret(Text("s3cret"));
  };
  settings.login = login;
  BlockingClient client(std::move(settings));
  const auto first = client.log_in();
  REQUIRE_FALSE(first);
  CHECK(describe(first.error()).find("no disk") != std::string::npos);
  CHECK(client.log_in());
}

TEST_CASE("a new wrapping token is unwrapped where the former secret id is refused") {
  int unwraps = 0;
  std::atomic<bool> is_first_refused = false;
  const HttpPeer peer([&](const HttpRequest& request, std::size_t) {
    if (request.target == "/v1/sys/wrapping/unwrap")
      return json_answer(fmt::format(R"({{"data":{{"secret_id":"secret-{}"}}}})", ++unwraps));
    if (request.target != "/v1/auth/approle/login") return good_answer(request);
    if (is_first_refused && request.body.find("secret-1") != std::string::npos)
      return json_answer(R"({"errors":["invalid secret id"]})", 400);
    return lease("t0ken", 1, false);
  });
  ClientSettings settings = role_settings(peer);
  auto current = std::make_shared<std::string>("wrapping-1");
  AppRoleLogin login = role_login();
  login.is_wrapped = true;
  login.secret_id = [current]() -> Result<Secret> { return Secret(Text(*current)); };
  settings.login = login;
  BlockingClient client(std::move(settings));
  REQUIRE(client.log_in());
  while (peer.count(login_request) < 2) REQUIRE(client.read_key(fs_key));
  CHECK(unwraps == 1);  // it is kept
  is_first_refused = true;
  *current = "wrapping-2";
  while (peer.count(login_request) < 3) REQUIRE(client.read_key(fs_key));
  CHECK(unwraps == 2);
}
