// After keys were wrapped, unwrapped and released, neither they nor their base64 forms are anywhere in this
// process's memory; nor are token and secret id once the client is gone.
//
// A second process, the same program with an argument, prepares the server: an administrator's requests are
// ordinary strings.
#include <array>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <core/hex.h>
#include <core/json.h>
#include <tests/memory/memory_scan.h>
#include <tests/vault/server/server.h>

using namespace keyway;
using namespace keyway::vault;
using keyway::test::check_nowhere, keyway::test::Masked, keyway::test::Scanner;
using keyway::vault::test::Server;

namespace {

constexpr std::size_t key_size = 32;
constexpr std::size_t batch = 150;  // enough for an answer in chunks, and in several reads

// Prepares what the tests use and says it on standard output, a line for each fact.
void prepare() {
  Server& server = Server::instance();
  const TransitKey key = server.make_key(), other = server.make_key();
  const std::string policy =
      server.make_policy(server.cluster_rules(key) + server.cluster_rules(other) +
                         fmt::format(R"(path "{}/keys/{}/rotate" {{ capabilities = ["update"] }} )"
                                     R"(path "{}/datakey/plaintext/{}" {{ capabilities = ["update"] }})",
                                     key.mount, key.name, key.mount, key.name));
  const Server::Role role = server.make_role(policy);
  for (const std::string& fact : {key.mount, key.name, other.name, server.approle(), role.role_id,
                                  server.make_secret_id(role), server.make_wrapped_secret_id(role)})
    std::printf("%s\n", fact.c_str());
}

// What prepare() said, the secrets in homes of their own.
struct Facts {
  TransitKey key, other;
  AppRoleLogin login;
  std::shared_ptr<const Secret> secret_id, wrapping_token;
};

SecretBuffer output_of_prepare() {
  int out[2];
  REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::dup2(out[1], STDOUT_FILENO);
    ::execl("/proc/self/exe", "vault-memory-scan-test", "prepare", nullptr);
    ::_exit(127);
  }
  ::close(out[1]);
  SecretBuffer text(4096);
  std::array<std::byte, 512> part{};
  for (ssize_t n = 0; (n = ::read(out[0], part.data(), part.size())) > 0; wipe(part))
    text.append(Bytes(part).first(static_cast<std::size_t>(n)));
  ::close(out[0]);
  int status = -1;
  ::waitpid(child, &status, 0);
  REQUIRE(status == 0);
  return text;
}

Facts read_facts() {
  const SecretBuffer output = output_of_prepare();
  Text rest = text_of(output.view());
  const auto next = [&rest] {
    const std::size_t end = rest.find('\n');
    REQUIRE(end != Text::npos);
    const Text line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return line;
  };
  Facts facts;
  facts.key.mount = facts.other.mount = std::string(next());
  facts.key.name = std::string(next());
  facts.other.name = std::string(next());
  facts.login.path = std::string(next());
  facts.login.role_id = std::string(next());
  facts.secret_id = std::make_shared<const Secret>(next());
  facts.wrapping_token = std::make_shared<const Secret>(next());
  REQUIRE(rest.empty());
  return facts;
}

ClientSettings settings_of(AppRoleLogin login, std::shared_ptr<const Secret> credential) {
  login.secret_id = [credential = std::move(credential)]() -> Result<Secret> {
    return credential->duplicate();
  };
  return vault::test::settings_from_environment(std::move(login));
}

// The client's token, as the server tells it; the answer is in wiping memory.
Secret token_of(BlockingClient& client) {
  const auto response = client.send(ask_lookup());
  REQUIRE_MESSAGE(response, (response ? "" : describe(response.error())));
  const auto json = Json::parse(text_of(response->body.view()));
  REQUIRE(json);
  auto token = json->root().member("data").member("id").text();
  REQUIRE(token);
  return std::move(*token);
}

// Keys and what is remembered of them: raw and as base64.
class Keys {
 public:
  Secret make() {
    Secret key = system_random().secret(key_size);
    remember(key);
    return key;
  }
  void remember(const Secret& key) {
    raw_.emplace_back("raw data key", key);
    all_.push_back(raw_.back());
    all_.emplace_back("base64 data key", to_base64_secret(key.reveal()));
  }
  const std::vector<Masked>& raw() const { return raw_; }
  const std::vector<Masked>& all() const { return all_; }

 private:
  std::vector<Masked> raw_, all_;
};

struct Fixture {
  Facts facts = read_facts();
  Scanner scanner;
  Keys keys;
  BlockingClient client{settings_of(facts.login, facts.secret_id)};
  VaultWrapper wrapper{client.async(), {.key = facts.key}};

  std::vector<WrapJob> jobs(std::size_t count) {
    std::vector<WrapJob> jobs;
    for (std::size_t i = 0; i < count; ++i) jobs.push_back({keys.make(), {}});
    return jobs;
  }
  std::vector<UnwrapJob> wrapped(std::size_t count) {
    std::vector<UnwrapJob> blobs;
    for (Result<WrappedKey>& blob : wrap_and_wait(wrapper, jobs(count))) {
      REQUIRE_MESSAGE(blob, (blob ? "" : describe(blob.error())));
      blobs.push_back({std::move(*blob), {}});
    }
    return blobs;
  }
  void check_gone(std::string_view when) { check_nowhere(when, scanner.places(keys.all())); }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a key wrapped and unwrapped by itself is not left in memory") {
  Secret key = keys.make();
  CHECK(scanner.places(keys.all()).size() == 2);  // the two halves of the one Secret
  const auto blob = wrap_one(wrapper, std::move(key));
  REQUIRE_MESSAGE(blob, (blob ? "" : describe(blob.error())));
  check_gone("wrapped");
  {
    const auto opened = unwrap_one(wrapper, *blob);
    REQUIRE_MESSAGE(opened, (opened ? "" : describe(opened.error())));
    CHECK(keys.raw().front().is(*opened));
    CHECK(scanner.places(keys.all()).size() == 2);  // found while it lives, once
  }
  check_gone("released");
}

TEST_CASE_FIXTURE(Fixture, "keys wrapped and unwrapped in batches are not left in memory") {
  const std::vector<UnwrapJob> blobs = wrapped(batch);
  check_gone("wrapped");
  {
    const auto opened = unwrap_and_wait(wrapper, blobs);
    REQUIRE(opened.size() == batch);
    for (std::size_t i = 0; i < batch; ++i) {
      REQUIRE_MESSAGE(opened[i], (opened[i] ? "" : describe(opened[i].error())));
      CHECK(keys.raw()[i].is(*opened[i]));
    }
    CHECK(scanner.places(keys.all()).size() == 2 * batch);
  }
  check_gone("released");
}

TEST_CASE_FIXTURE(Fixture, "rewrapped keys are not left in memory") {
  const std::vector<UnwrapJob> blobs = wrapped(batch);
  Question rotate;
  rotate.method = http::Method::post;
  rotate.path = fmt::format("/v1/{}/keys/{}/rotate", facts.key.mount, facts.key.name);
  rotate.body.append("{}");
  REQUIRE(client.send(std::move(rotate)));
  VaultWrapper other(client.async(), {.key = facts.other});
  for (VaultWrapper* to : {&wrapper, &other}) {
    for (const Result<WrappedKey>& blob : rewrap_and_wait(*to, blobs))
      CHECK_MESSAGE(blob, (blob ? "" : describe(blob.error())));
    check_gone(to == &wrapper ? "rewrapped inside the server" : "moved to another key");
  }
}

TEST_CASE_FIXTURE(Fixture, "a key that the server makes is not left in memory") {
  {
    const auto made = client.data_key(facts.key, 256, {}, true);
    REQUIRE_MESSAGE(made, (made ? "" : describe(made.error())));
    keys.remember(made->plaintext);
    CHECK(scanner.places(keys.all()).size() == 2);
  }
  check_gone("released");
}

TEST_CASE("credentials are gone with the client") {
  Facts facts = read_facts();
  Scanner scanner;
  for (const bool is_wrapped : {false, true}) {
    CAPTURE(is_wrapped);
    auto& credential = is_wrapped ? facts.wrapping_token : facts.secret_id;
    std::vector<Masked> watched;
    watched.emplace_back(is_wrapped ? "wrapping token" : "secret id", *credential);
    CHECK(scanner.places(watched).size() == 2);
    facts.login.is_wrapped = is_wrapped;
    {
      BlockingClient client(settings_of(facts.login, std::exchange(credential, nullptr)));
      watched.emplace_back("token", token_of(client));
      CHECK(scanner.places(watched).size() == 4);  // each once, while it is in use
      VaultWrapper wrapper(client.async(), {.key = facts.key});
      const auto blob = wrap_one(wrapper, system_random().secret(key_size));
      REQUIRE_MESSAGE(blob, (blob ? "" : describe(blob.error())));
      CHECK(unwrap_one(wrapper, *blob));
      CHECK(scanner.places(watched).size() == 4);
    }
    check_nowhere("the client is gone", scanner.places(watched));
  }
}

int main(int argc, char** argv) {
  doctest::Context context(argc, argv);
  if (argc == 2 && std::strcmp(argv[1], "prepare") == 0) {
    context.setAsDefaultForAssertsOutOfTestCases();
    context.setAssertHandler([](const doctest::AssertData& data) {
      if (!data.m_failed) return;
      std::fprintf(stderr, "%s:%d: failed: %s\n", data.m_file, data.m_line, data.m_expr);
      std::exit(1);
    });
    prepare();
    std::fflush(stdout);
    return 0;
  }
  if (keyway::test::is_sanitized) {
    std::puts("skipped: sanitizers keep freed memory and copies of their own");
    return 77;
  }
  return context.run();
}
