#include <tests/vault/support.h>
#include <vault/auth.h>

using namespace keyway;
using namespace keyway::vault;
using namespace keyway::test;
using namespace std::chrono_literals;

namespace {

template <class T>
void check_fails(const Result<T>& result, ErrorKind kind) {
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == kind);
  CHECK_FALSE(result.error().what.empty());
  CHECK(is_one_clean_line(describe(result.error())));
}

Secret secret(std::string_view text) { return Secret(bytes_of(text)); }

AppRoleLogin app_role(std::string path, std::string role_id = "r-1") {
  AppRoleLogin login;
  login.role_id = std::move(role_id);
  login.path = std::move(path);
  return login;
}

KubernetesLogin kubernetes(std::string path, std::string role = "storage") {
  KubernetesLogin login;
  login.role = std::move(role);
  login.path = std::move(path);
  return login;
}

// Bodies that are no answer to any of the questions.
constexpr std::string_view no_answers[] = {
    "",
    "null",
    "[]",
    "{}",
    "<html></html>",
    "{\"auth\":null,\"data\":null}",
    "{\"auth\":{},\"data\":{}}",
    "{\"auth\":[],\"data\":[]}",
    "{\"auth\":{\"client_token\":\"\",\"lease_duration\":1},\"data\":{\"ttl\":\"1\"},\"sealed\":0}",
};

}  // namespace

TEST_SUITE("vault/auth") {
  TEST_CASE("an AppRole logs in") {
    const auto question = ask_login(app_role("approle"), secret("s\"1"));
    REQUIRE(question);
    CHECK(question->purpose == Purpose::login);
    CHECK(question->method == http::Method::post);
    CHECK(question->path == "/v1/auth/approle/login");
    CHECK(body_of(*question) == R"({"role_id":"r-1","secret_id":"s\"1"})");
    CHECK(question->who == Question::Who::nobody);
    CHECK(question->in_namespace);
    // A secret id may be good once, and is used up even when the answer is lost.
    CHECK_FALSE(question->is_safe_to_repeat);
  }

  TEST_CASE("a pod logs in") {
    const auto question = ask_login(kubernetes("k8s/east"), secret("a.b.c"));
    REQUIRE(question);
    CHECK(question->purpose == Purpose::login);
    CHECK(question->path == "/v1/auth/k8s/east/login");
    CHECK(body_of(*question) == R"({"role":"storage","jwt":"a.b.c"})");
    CHECK(question->who == Question::Who::nobody);
    CHECK(question->is_safe_to_repeat);
  }

  TEST_CASE("auth paths") {
    struct Row {
      std::string path, target;  // empty: refused
    };
    const Row rows[] = {
        {"approle", "/v1/auth/approle/login"},
        {"a/b/approle", "/v1/auth/a/b/approle/login"},
        {"/approle/", "/v1/auth/approle/login"},
        {"a%2fb", "/v1/auth/a%252fb/login"},
        {"", ""},
        {"/", ""},
        {"//", ""},
        {".", ""},
        {"..", ""},
        {"../sys", ""},
        {"app\nrole", ""},
    };
    for (const Row& row : rows) {
      CAPTURE(row.path);
      const auto by_role = ask_login(app_role(row.path), secret("s"));
      const auto by_pod = ask_login(kubernetes(row.path), secret("s"));
      if (row.target.empty()) {
        check_fails(by_role, ErrorKind::invalid_input);
        check_fails(by_pod, ErrorKind::invalid_input);
      } else {
        REQUIRE(by_role);
        CHECK(by_role->path == row.target);
        CHECK(by_pod->path == row.target);
      }
    }
  }

  TEST_CASE("credentials that cannot be") {
    check_fails(ask_login(app_role("approle", ""), secret("s")), ErrorKind::invalid_input);
    check_fails(ask_login(app_role("approle"), Secret()), ErrorKind::invalid_input);
    check_fails(ask_login(app_role("approle"), secret("\xff")), ErrorKind::invalid_input);
    check_fails(ask_login(app_role("approle", "\xff"), secret("s")), ErrorKind::invalid_input);
    check_fails(ask_login(kubernetes("k", ""), secret("s")), ErrorKind::invalid_input);
    check_fails(ask_login(kubernetes("k"), Secret()), ErrorKind::invalid_input);
    check_fails(ask_unwrap(Secret()), ErrorKind::invalid_input);
  }

  TEST_CASE("questions about tokens and servers") {
    const Question lookup = ask_lookup();
    CHECK(lookup.purpose == Purpose::token);
    CHECK(lookup.method == http::Method::get);
    CHECK(lookup.path == "/v1/auth/token/lookup-self");
    CHECK(lookup.who == Question::Who::session);
    CHECK(lookup.body.size() == 0);

    const Question renewal = ask_renewal();
    CHECK(renewal.purpose == Purpose::token);
    CHECK(renewal.method == http::Method::post);
    CHECK(renewal.path == "/v1/auth/token/renew-self");
    CHECK(renewal.body.size() == 0);  // an increment could only make it shorter
    CHECK(renewal.is_safe_to_repeat);

    const Question health = ask_health();
    CHECK(health.purpose == Purpose::health);
    CHECK(health.method == http::Method::get);
    CHECK(health.path == "/v1/sys/health");
    CHECK(health.who == Question::Who::nobody);
    CHECK_FALSE(health.in_namespace);  // OpenBao answers 400 in one

    const auto unwrap = ask_unwrap(secret("s.wrapping"));
    REQUIRE(unwrap);
    CHECK(unwrap->purpose == Purpose::unwrap);
    CHECK(unwrap->method == http::Method::post);
    CHECK(unwrap->path == "/v1/sys/wrapping/unwrap");
    CHECK(unwrap->body.size() == 0);  // in the body it would be refused
    CHECK(unwrap->who == Question::Who::given);
    REQUIRE(unwrap->token);
    CHECK(*unwrap->token == secret("s.wrapping"));
    CHECK_FALSE(unwrap->is_safe_to_repeat);

    const auto capabilities = ask_capabilities({"transit/encrypt/fs", "a\"b"});
    REQUIRE(capabilities);
    CHECK(capabilities->purpose == Purpose::token);
    CHECK(capabilities->path == "/v1/sys/capabilities-self");
    CHECK(body_of(*capabilities) == R"({"paths":["transit/encrypt/fs","a\"b"]})");
    check_fails(ask_capabilities({"\xff"}), ErrorKind::invalid_input);
  }

  TEST_CASE("leases") {
    struct Row {
      std::string_view auth;
      std::chrono::seconds duration;
      bool is_renewable;
    };
    const Row rows[] = {
        {R"({"client_token":"t","lease_duration":2764800,"renewable":true})", 2'764'800s, true},
        {R"({"client_token":"t","lease_duration":3,"renewable":false})", 3s, false},
        {R"({"client_token":"t","lease_duration":0})", 0s, false},
        {R"({"client_token":"t","lease_duration":1,"renewable":null,"new":{"client_token":"x"}})", 1s, false},
        {R"({"client_token":"x","client_token":"\u0074","lease_duration":1e2,"renewable":"true"})", 100s,
         false},
        // Longer than any clock runs.
        {R"({"client_token":"t","lease_duration":9223372036854775807})", 100LL * 365 * 24h, false},
    };
    for (const Row& row : rows) {
      CAPTURE(row.auth);
      const auto lease = read_lease(
          bytes_of(fmt::format(R"({{"request_id":"","data":null,"warnings":["w"],"auth":{}}})", row.auth)));
      REQUIRE(lease);
      CHECK(lease->token == secret("t"));
      CHECK(lease->duration == row.duration);
      CHECK(lease->is_renewable == row.is_renewable);
    }
    for (const std::string_view auth :
         {R"({"lease_duration":1})", R"({"client_token":"t"})", R"({"client_token":"","lease_duration":1})",
          R"({"client_token":null,"lease_duration":1})", R"({"client_token":["t"],"lease_duration":1})",
          R"({"client_token":"t","lease_duration":"1"})", R"({"client_token":"t","lease_duration":1.5})",
          R"({"client_token":"t","lease_duration":9223372036854775808})",
          // Not for ever, whatever it is.
          R"({"client_token":"t","lease_duration":-1})", "null", "[]"}) {
      CAPTURE(auth);
      check_fails(read_lease(bytes_of(fmt::format(R"({{"auth":{}}})", auth))), ErrorKind::corrupt);
    }
  }

  TEST_CASE("wrapped secret ids") {
    // The request id of what was wrapped is empty; 1.7 added the ttl.
    const auto id = read_secret_id(bytes_of(
        R"({"request_id":"","data":{"secret_id":"144c","secret_id_accessor":"fd03","secret_id_ttl":0},"auth":null})"));
    REQUIRE(id);
    CHECK(*id == secret("144c"));
    // Something else was wrapped: a token, another secret.
    for (const std::string_view body :
         {R"({"data":null,"auth":{"client_token":"t","lease_duration":1}})", R"({"data":{"secret_id":""}})",
          R"({"data":{"secret_id":7}})", R"({"data":{"password":"x"}})"}) {
      CAPTURE(body);
      check_fails(read_secret_id(bytes_of(body)), ErrorKind::invalid_input);
      CHECK_FALSE(read_secret_id(bytes_of(body)).error().advice.empty());
    }
    check_fails(read_secret_id(bytes_of("<html>")), ErrorKind::corrupt);
  }

  TEST_CASE("what a token can tell of itself") {
    const auto read = [](std::string_view data) {
      return read_token_facts(bytes_of(fmt::format(R"({{"data":{}}})", data)));
    };
    const auto facts = read(
        R"({"accessor":"a","creation_ttl":2764800,"display_name":"token-weka","expire_time":"2026-12-24T01:19:06Z",)"
        R"("num_uses":3,"orphan":true,"policies":["default","weka"],"renewable":true,"ttl":2764799,"type":"service"})");
    REQUIRE(facts);
    CHECK(facts->ttl == 2'764'799s);
    CHECK(facts->type == "service");
    CHECK(facts->display_name == "token-weka");
    CHECK(facts->expire_time == "2026-12-24T01:19:06Z");
    CHECK(facts->policies == std::vector<std::string>{"default", "weka"});
    CHECK(facts->uses_left == 3);
    CHECK(facts->is_renewable);
    CHECK(facts->is_orphan);

    const auto root =
        read(R"({"ttl":0,"expire_time":null,"policies":["root"],"display_name":"\u001b[2Jroot"})");
    REQUIRE(root);
    CHECK(root->ttl == 0s);
    CHECK(root->expire_time.empty());
    CHECK(is_one_clean_line(root->display_name));
    CHECK_FALSE(root->is_renewable);

    // In its last second a token that ends has 0 left: that is not for ever.
    for (const std::string_view ttl : {"0", "-1"}) {
      const auto last = read(fmt::format(R"({{"ttl":{},"expire_time":"2026-12-24T01:19:06Z"}})", ttl));
      REQUIRE(last);
      CHECK(last->ttl == 1s);
    }
    for (const std::string_view data :
         {R"({"ttl":null})", R"({"ttl":"1h"})", R"({"type":"service"})", "null"})
      check_fails(read(data), ErrorKind::corrupt);
  }

  TEST_CASE("a server's health") {
    struct Row {
      int status;
      std::string_view body;
      bool initialized, sealed, standby;
    };
    const Row rows[] = {
        {200, R"({"initialized":true,"sealed":false,"standby":false,"version":"1.8.0","cluster_name":"c"})",
         true, false, false},
        {429, R"({"initialized":true,"sealed":false,"standby":true,"version":"1.8.0","cluster_name":"c"})",
         true, false, true},
        {472, R"({"initialized":true,"sealed":false,"version":"1.8.0","cluster_name":"c","later":1})", true,
         false, false},
        {473, R"({"initialized":true,"sealed":false,"standby":true,"version":"1.8.0","cluster_name":"c"})",
         true, false, true},
        {501, R"({"initialized":false,"sealed":true,"standby":true,"version":"1.8.0","cluster_name":"c"})",
         false, true, true},
        {503, R"({"initialized":true,"sealed":true,"standby":true,"version":"1.8.0","cluster_name":"c"})",
         true, true, true},
    };
    for (const Row& row : rows) {
      CAPTURE(row.status);
      const auto response = test::response(row.status, row.body);
      CHECK(judged(Purpose::health, response).next == Next::take);
      const auto health = read_health(response.body.view(), row.status);
      REQUIRE(health);
      CHECK(health->status == row.status);
      CHECK(health->initialized == row.initialized);
      CHECK(health->sealed == row.sealed);
      CHECK(health->standby == row.standby);
      CHECK(health->version == "1.8.0");
      CHECK(health->cluster_name == "c");
    }
    const auto bare =
        read_health(bytes_of(R"({"initialized":true,"sealed":true,"version":"\u001b[2J"})"), 503);
    REQUIRE(bare);
    CHECK(is_one_clean_line(bare->version));
    CHECK(bare->cluster_name.empty());
    check_fails(read_health(bytes_of(R"({"initialized":true})"), 200), ErrorKind::corrupt);
    check_fails(read_health(bytes_of(R"({"initialized":"true","sealed":"false"})"), 200), ErrorKind::corrupt);
  }

  TEST_CASE("capabilities") {
    // All versions have the paths in data; old ones beside it as well.
    constexpr std::string_view body =
        R"({"a/b":["root"],"data":{"a/b":["read","update"],"c":["deny"],"d":[],"e":["\u001b[31m",7]}})";
    const auto answers = read_capabilities(bytes_of(body), {"c", "a/b", "d", "e"});
    REQUIRE(answers);
    const std::vector<std::vector<std::string>> expected{{"deny"}, {"read", "update"}, {}, {"?[31m"}};
    CHECK(*answers == expected);
    check_fails(read_capabilities(bytes_of(body), {"a/b", "missing"}), ErrorKind::corrupt);
    check_fails(read_capabilities(bytes_of(R"({"data":{"c":"deny"}})"), {"c"}), ErrorKind::corrupt);
  }

  TEST_CASE("what is no answer") {
    for (const std::string_view body : no_answers) {
      CAPTURE(body);
      check_fails(read_lease(bytes_of(body)), ErrorKind::corrupt);
      check_fails(read_token_facts(bytes_of(body)), ErrorKind::corrupt);
      check_fails(read_health(bytes_of(body), 200), ErrorKind::corrupt);
      check_fails(read_capabilities(bytes_of(body), {"a"}), ErrorKind::corrupt);
      CHECK_FALSE(read_secret_id(bytes_of(body)));
    }
  }

  TEST_CASE("when to renew") {
    const std::chrono::milliseconds lives[] = {
        0ms, 1ms, 1s, 3s, 1min, 1h, 36h, 768h, 24h * 365 * 100, std::chrono::milliseconds::max()};
    for (const auto left : lives) {
      CAPTURE(left.count());
      const auto at_most = std::min<std::chrono::milliseconds>(left / 3 * 2, 24h);
      for (int i = 0; i < 50; ++i) {
        const auto wait = renewal_after(left, system_random());
        CHECK(wait <= at_most);
        CHECK(wait >= at_most * 9 / 10);
      }
    }
    // Many clients that started together do not come back together.
    CountingRandom counting;
    CHECK(renewal_after(768h, counting) != renewal_after(768h, counting));
  }
}
