// Tokens, AppRole, policies, and what happens to them while a client uses them.
#include <algorithm>
#include <atomic>
#include <thread>

#include <doctest/doctest.h>

#include <tests/vault/server/server.h>

using namespace keyway;
using namespace keyway::vault;
using namespace keyway::vault::test;
using std::chrono::milliseconds;

namespace {

ErrorKind kind_of(const auto& result) { return result ? ErrorKind::internal : result.error().kind; }
bool says(const auto& result, std::string_view words) {
  return !result && describe(result.error()).find(words) != std::string::npos;
}

struct Fixture {
  Server& server = Server::instance();
  TransitKey key = server.make_key();
  std::string policy = server.make_policy(server.cluster_rules(key));

  // A wrapper with a client of its own.
  struct Own {
    Own(ClientSettings settings, TransitKey key)
        : client(std::move(settings)), wrapper(client.async(), {.key = std::move(key)}) {}
    BlockingClient client;
    VaultWrapper wrapper;
  };
  std::string token_id(BlockingClient& client) {
    const auto response = client.send(ask_lookup());
    REQUIRE(response);
    return text_at(std::string(text_of(response->body.view())), {"data", "id"});
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a storage cluster's policy and periodic token") {
  const std::string role = server.unused_name("token-role");
  server.post("auth/token/roles/" + role,
              fmt::format(R"({{"allowed_policies":"{}","period":"768h"}})", policy));
  const std::string token =
      text_at(server.post("auth/token/create/" + role, fmt::format(R"({{"policies":["{}"]}})", policy)),
              {"auth", "client_token"});
  Own own(server.settings(Server::token_login(token + "\n")), key);  // as a file has it
  const Secret secret = data_key();
  const WrappedKey blob = wrapped(own.wrapper, secret, "fs");
  CHECK(*unwrap_one(own.wrapper, blob, bytes_of("fs")) == secret);
  server.rotate(key);
  CHECK(rewrap_one(own.wrapper, blob, bytes_of("fs"))->key_version == "2");
  const auto facts = own.client.token_facts();
  REQUIRE(facts);
  CHECK(facts->is_renewable);
  CHECK(facts->ttl > std::chrono::hours(700));
  const auto allowed =
      own.client.capabilities({key.mount + "/encrypt/" + key.name, key.mount + "/keys/other"});
  REQUIRE(allowed);
  CHECK(std::ranges::find((*allowed)[0], "update") != (*allowed)[0].end());
  CHECK((*allowed)[1] == std::vector<std::string>{"deny"});

  // What it does not allow.
  VaultWrapper other(own.client.async(), {.key = server.make_key()});
  const auto refused = wrap_one(other, data_key());
  CHECK(kind_of(refused) == ErrorKind::refused);
  CHECK(refused.error().refusal->status == 403);
  CHECK(own.client.token_facts());  // the token is not the worse for it
  // The key deleted: encrypt would make it, the policy allows that; we do not.
  server.configure(key, R"({"deletion_allowed":true})");
  server.remove(fmt::format("{}/keys/{}", key.mount, key.name));
  CHECK(kind_of(wrap_one(own.wrapper, data_key())) == ErrorKind::not_found);
  CHECK_FALSE(server.has_key(key));
}

TEST_CASE_FIXTURE(Fixture, "AppRole with service and with batch tokens") {
  for (const std::string type : {"service", "batch"}) {
    CAPTURE(type);
    const auto role = server.make_role(policy, fmt::format(R"(,"token_type":"{}","token_ttl":"20m")", type));
    Own own(server.settings(server.role_login(role, server.make_secret_id(role))), key);
    const Secret secret = data_key();
    const WrappedKey blob = wrapped(own.wrapper, secret);
    CHECK(*unwrap_one(own.wrapper, blob) == secret);
    const auto facts = own.client.token_facts();
    REQUIRE(facts);
    CHECK(facts->type == type);
    CHECK(facts->ttl > std::chrono::minutes(19));
  }
}

TEST_CASE_FIXTURE(Fixture, "a login that is refused says why, and is not one of the token's") {
  const auto role = server.make_role(policy);
  Own wrong(server.settings(server.role_login(role, "5d8b6f43-0000-4000-8000-000000000000")), key);
  const auto refused = wrong.client.log_in();
  CHECK(kind_of(refused) == ErrorKind::refused);
  CHECK(says(refused, "secret id"));
  const Server::Role nobody{"nobody", "5d8b6f43-0000-4000-8000-000000000000"};
  Own unknown(server.settings(server.role_login(nobody, server.make_secret_id(role))), key);
  CHECK(kind_of(unknown.client.log_in()) == ErrorKind::refused);
  auto elsewhere = server.role_login(role, server.make_secret_id(role));
  elsewhere.path = "keyway-not-mounted";
  Own misplaced(server.settings(elsewhere), key);
  const auto lost = misplaced.client.log_in();
  CHECK_FALSE(lost);
  CHECK((kind_of(lost) == ErrorKind::not_found || kind_of(lost) == ErrorKind::refused));
  CHECK(says(lost, "auth path"));
}

TEST_CASE_FIXTURE(Fixture, "a used-up secret id logs in once and never again") {
  const auto role = server.make_role(policy, R"(,"secret_id_num_uses":1)");
  const std::string secret_id = server.make_secret_id(role);
  Own first(server.settings(server.role_login(role, secret_id)), key);
  REQUIRE(first.client.log_in());
  Own second(server.settings(server.role_login(role, secret_id)), key);
  const auto refused = second.client.log_in();
  CHECK(kind_of(refused) == ErrorKind::refused);
  CHECK(says(refused, "used up"));
  CHECK(wrap_one(first.wrapper, data_key()));  // its token lives on
}

TEST_CASE_FIXTURE(Fixture, "a wrapped secret id is unwrapped once; a second time may mean theft") {
  const auto role = server.make_role(policy);
  const std::string wrapping_token = server.make_wrapped_secret_id(role);
  auto login = server.role_login(role, wrapping_token);
  login.is_wrapped = true;
  Own own(server.settings(login), key);
  REQUIRE(own.client.log_in());
  CHECK(wrap_one(own.wrapper, data_key()));
  // The secret id is kept: a new login needs no unwrapping.
  server.post("auth/token/revoke", fmt::format(R"({{"token":"{}"}})", token_id(own.client)));
  CHECK(wrap_one(own.wrapper, data_key()));
  Own thief(server.settings(login), key);
  const auto refused = thief.client.log_in();
  CHECK(kind_of(refused) == ErrorKind::refused);
  CHECK(says(refused, "somebody else"));
}

TEST_CASE_FIXTURE(Fixture, "a token that is revoked under a client is replaced by one login") {
  const auto role = server.make_role(policy);
  Own own(server.settings(server.role_login(role, server.make_secret_id(role))), key);
  const WrappedKey blob = wrapped(own.wrapper, data_key());
  const std::string before = token_id(own.client);
  server.post("auth/token/revoke", fmt::format(R"({{"token":"{}"}})", before));
  CHECK(unwrap_one(own.wrapper, blob));
  CHECK(token_id(own.client) != before);
}

TEST_CASE_FIXTURE(Fixture, "a given token that died is an error, until its source has another") {
  const std::string first = server.make_token(fmt::format(R"({{"policies":["{}"]}})", policy));
  const std::string second = server.make_token(fmt::format(R"({{"policies":["{}"]}})", policy));
  auto current = std::make_shared<std::string>(first);
  TokenLogin login{[current]() -> Result<Secret> { return Secret(Text(*current)); }};
  Own own(server.settings(login), key);
  const WrappedKey blob = wrapped(own.wrapper, data_key());
  server.post("auth/token/revoke", fmt::format(R"({{"token":"{}"}})", first));
  const auto refused = unwrap_one(own.wrapper, blob);
  CHECK(kind_of(refused) == ErrorKind::refused);
  CHECK(says(refused, "token"));
  *current = second;
  CHECK(unwrap_one(own.wrapper, blob));
}

TEST_CASE_FIXTURE(Fixture, "no token, and tokens of impossible forms") {
  const std::string forms[] = {"s.aaaaaaaaaaaaaaaaaaaaaaaa", "hvs." + std::string(90, 'A'), "root-but-not"};
  for (const std::string& form : forms) {
    CAPTURE(form);
    Own own(server.settings(Server::token_login(form)), key);
    CHECK(kind_of(wrap_one(own.wrapper, data_key())) == ErrorKind::refused);
  }
  for (const std::string form : {"", "  \n", "two words", "line\nfeed"}) {
    CAPTURE(form);
    Own own(server.settings(Server::token_login(form)), key);
    CHECK(kind_of(wrap_one(own.wrapper, data_key())) == ErrorKind::invalid_input);
  }
}

TEST_CASE_FIXTURE(Fixture, "tokens that live two seconds, without renewal: every call works all the same") {
  for (const std::string type : {"service", "batch"}) {
    CAPTURE(type);
    const auto role = server.make_role(
        policy, fmt::format(R"(,"token_type":"{}","token_ttl":"2s","token_max_ttl":"2s")", type));
    ClientSettings settings = server.settings(server.role_login(role, server.make_secret_id(role)));
    settings.renews = false;
    Own own(std::move(settings), key);
    const Secret secret = data_key();
    const WrappedKey blob = wrapped(own.wrapper, secret);
    const std::string before = token_id(own.client);
    for_a_while(milliseconds(4500), [&] {
      const auto opened = unwrap_one(own.wrapper, blob);
      REQUIRE_MESSAGE(opened, (opened ? "" : describe(opened.error())));
    });
    CHECK(token_id(own.client) != before);
  }
}

TEST_CASE_FIXTURE(Fixture, "a token is renewed while the client lives, and replaced at its greatest age") {
  const auto lasting = server.make_role(policy, R"(,"token_ttl":"2s","token_max_ttl":"60s")");
  const auto ageing = server.make_role(policy, R"(,"token_ttl":"2s","token_max_ttl":"5s")");
  Own renewed(server.settings(server.role_login(lasting, server.make_secret_id(lasting))), key);
  Own replaced(server.settings(server.role_login(ageing, server.make_secret_id(ageing))), key);
  REQUIRE(renewed.client.log_in());
  REQUIRE(replaced.client.log_in());
  const std::string kept = token_id(renewed.client), aged = token_id(replaced.client);
  for_a_while(milliseconds(7000), [&] {
    REQUIRE(renewed.client.token_facts());
    REQUIRE(replaced.client.token_facts());
  });
  CHECK(token_id(renewed.client) == kept);
  CHECK(token_id(replaced.client) != aged);
}

TEST_CASE_FIXTURE(Fixture, "a periodic token that was given is renewed without being asked for") {
  const std::string token = server.make_token(fmt::format(R"({{"policies":["{}"],"period":"3s"}})", policy));
  Own own(server.settings(Server::token_login(token)), key);
  const WrappedKey blob = wrapped(own.wrapper, data_key());
  for_a_while(milliseconds(7000), [&] { REQUIRE(unwrap_one(own.wrapper, blob)); });
}

TEST_CASE_FIXTURE(Fixture, "several threads use a client while its tokens come and go") {
  const auto role = server.make_role(policy, R"(,"token_ttl":"1s","token_max_ttl":"2s")");
  Own own(server.settings(server.role_login(role, server.make_secret_id(role))), key);
  const Secret secret = data_key();
  const WrappedKey blob = wrapped(own.wrapper, secret);
  std::atomic<int> failures = 0, successes = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for_a_while(milliseconds(4000), [&] {
        const auto opened = unwrap_one(own.wrapper, blob);
        (opened && *opened == secret ? successes : failures) += 1;
      });
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failures == 0);
  CHECK(successes > 8);
}

TEST_CASE_FIXTURE(Fixture, "health tells what the server is") {
  const auto health = server.client().health();
  REQUIRE(health);
  CHECK(health->initialized);
  CHECK_FALSE(health->sealed);
  CHECK_FALSE(health->version.empty());
}
