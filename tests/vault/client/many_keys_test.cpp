// Blobs of many keys in one call: each answer in its place, several keys at once, and nothing left behind.
#include <set>
#include <thread>

#include <doctest/doctest.h>

#include <tests/vault/client/support.h>
#include <vault/client/client.h>

using namespace keyway;
using namespace keyway::vault;
using namespace keyway::vault::test;

namespace {

// good_answer for every key, except that keys called "missing..." are not there, and that the policy forbids
// "refused...".
HttpAnswer answer_of_many(HttpRequest request) {
  const std::size_t name = request.target.rfind('/') + 1;
  if (!request.target.starts_with("/v1/transit/")) return good_answer(request);
  if (request.target.compare(name, 7, "missing") == 0) return json_answer(R"({"errors":[]})", 404);
  if (request.target.compare(name, 7, "refused") == 0)
    return json_answer(R"({"errors":["permission denied"]})", 403);
  request.target.replace(name, std::string::npos, "fs");
  return good_answer(request);
}

HttpPeer::Answer many_keys() {
  return [](const HttpRequest& request, std::size_t) { return answer_of_many(request); };
}

std::string read_of(const std::string& key) { return "GET /v1/transit/keys/" + key; }

// Data keys, and a job for each that opens it.
struct Wrapped {
  std::vector<Secret> keys;
  std::vector<UnwrapJob> jobs;
};

// Wraps a new data key for each name, as if it had been wrapped with the key of that name.
Wrapped wrap_under(const HttpPeer& peer, const std::vector<std::string>& names) {
  BlockingClient client(settings_for(peer));
  VaultWrapper wrapper(client.async(), {.key = fs_key});
  Wrapped wrapped;
  std::vector<WrapJob> jobs;
  for (std::size_t i = 0; i < names.size(); ++i) {
    wrapped.keys.push_back(system_random().secret(32));
    jobs.push_back({wrapped.keys.back().duplicate(), {}});
  }
  auto blobs = wrap_and_wait(wrapper, std::move(jobs));
  for (std::size_t i = 0; i < names.size(); ++i) {
    REQUIRE(blobs[i]);
    blobs[i]->key_id = names[i];
    wrapped.jobs.push_back({std::move(*blobs[i]), {}});
  }
  return wrapped;
}

// Every fifth key is missing, every fifth refused, and each is there twice, far apart.
std::vector<std::string> mixed_names() {
  std::vector<std::string> names;
  for (int i = 0; i < 120; ++i) {
    const int key = i % 60;
    names.push_back(fmt::format("{}-{}", key % 5 == 3 ? "missing" : key % 5 == 4 ? "refused" : "good", key));
  }
  return names;
}

template <class T>
void check_mixed(const std::vector<std::string>& names, const Each<T>& answers) {
  REQUIRE(answers.size() == names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    CAPTURE(names[i]);
    if (names[i].starts_with("good")) {
      CHECK(answers[i]);
      continue;
    }
    REQUIRE_FALSE(answers[i]);
    const bool is_missing = names[i].starts_with("missing");
    CHECK(answers[i].error().kind == (is_missing ? ErrorKind::not_found : ErrorKind::refused));
    CHECK(answers[i].error().what.find(names[i]) != std::string::npos);
  }
}

std::size_t one_or_few() {
  std::size_t count = 0;
  SUBCASE("over one connection") { count = 1; }
  SUBCASE("over several") { count = 3; }
  return count;
}

}  // namespace

TEST_CASE("blobs of many keys are opened, each answer in its place") {
  const HttpPeer peer(many_keys());
  const std::vector<std::string> names = mixed_names();
  Wrapped wrapped = wrap_under(peer, names);
  ClientSettings settings = settings_for(peer);
  settings.connections = one_or_few();
  BlockingClient client(std::move(settings));
  VaultWrapper wrapper(client.async(), {});
  const Each<Secret> opened = unwrap_and_wait(wrapper, std::move(wrapped.jobs));
  check_mixed(names, opened);
  for (std::size_t i = 0; i < names.size(); ++i) CHECK((!opened[i] || *opened[i] == wrapped.keys[i]));
  for (const std::string& name : std::set(names.begin(), names.end())) {
    CAPTURE(name);
    if (name.starts_with("good")) CHECK(peer.count(read_of(name)) == 1);
  }
}

TEST_CASE("blobs of many keys are rewrapped, each with its own key") {
  const HttpPeer peer(many_keys());
  const std::vector<std::string> names = mixed_names();
  Wrapped wrapped = wrap_under(peer, names);
  ClientSettings settings = settings_for(peer);
  settings.connections = one_or_few();
  BlockingClient client(std::move(settings));
  VaultWrapper wrapper(client.async(), {});
  const Each<WrappedKey> moved = rewrap_and_wait(wrapper, std::move(wrapped.jobs));
  // What may not be read cannot be rewrapped.
  check_mixed(names, moved);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!moved[i]) continue;
    CHECK(moved[i]->key_id == names[i]);
    CHECK(moved[i]->key_version == "2");
    const auto opened = unwrap_one(wrapper, *moved[i]);
    REQUIRE(opened);
    CHECK(*opened == wrapped.keys[i]);
  }
}

TEST_CASE("blobs of many keys are moved to one") {
  const HttpPeer peer(many_keys());
  const std::vector<std::string> names = mixed_names();
  Wrapped wrapped = wrap_under(peer, names);
  BlockingClient client(settings_for(peer));
  VaultWrapper wrapper(client.async(), {.key = fs_key});
  const Each<WrappedKey> moved = rewrap_and_wait(wrapper, std::move(wrapped.jobs));
  check_mixed(names, moved);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!moved[i]) continue;
    CHECK(moved[i]->key_id == "fs");
    const auto opened = unwrap_one(wrapper, *moved[i]);
    REQUIRE(opened);
    CHECK(*opened == wrapped.keys[i]);
  }
}

TEST_CASE("a key is looked at once, however its blobs came to be") {
  const HttpPeer peer(many_keys());
  Wrapped wrapped = wrap_under(peer, std::vector<std::string>(6, "twice"));
  const OwnedBytes context = owned(bytes_of("fs-1"));
  for (std::size_t i = 0; i < wrapped.jobs.size(); ++i) {
    auto& mechanism = std::get<VaultMechanism>(wrapped.jobs[i].key.mechanism);
    if (i % 2 == 1) mechanism.mount = "transit/";
    if (i % 3 == 0) continue;
    mechanism.context_use =
        i % 3 == 1 ? VaultMechanism::ContextUse::derivation : VaultMechanism::ContextUse::associated_data;
    wrapped.jobs[i].context = context;
    wrapped.jobs[i].key.check_value = key_check_value(wrapped.keys[i], context);
  }
  BlockingClient client(settings_for(peer));
  VaultWrapper wrapper(client.async(), {});
  const Each<Secret> opened = unwrap_and_wait(wrapper, std::move(wrapped.jobs));
  for (std::size_t i = 0; i < opened.size(); ++i) {
    REQUIRE(opened[i]);
    CHECK(*opened[i] == wrapped.keys[i]);
  }
  CHECK(peer.count(read_of("twice")) == 1);
}

TEST_CASE("as many keys as there are connections are under way at once, and a stop ends them all") {
  std::vector<std::string> names;
  for (int i = 0; i < 40; ++i) names.push_back(fmt::format("key-{}", i));
  const HttpPeer good(many_keys());
  Wrapped wrapped = wrap_under(good, names);
  // Nobody is answered: a request that comes comes beside those before it.
  const HttpPeer silent(
      [](const HttpRequest&, std::size_t) { return HttpAnswer{"", HttpAnswer::Then::stall}; });
  ClientSettings settings = settings_for(silent);
  settings.connections = 5;
  settings.request_timeout = std::chrono::hours(1);
  BlockingClient client(std::move(settings));
  VaultWrapper wrapper(client.async(), {});
  bool rewraps = false;
  SUBCASE("while they are opened") {}
  SUBCASE("while they are rewrapped") { rewraps = true; }
  std::thread stopper([&] {
    silent.wait_for(5);
    client.async().stop();
  });
  const auto check_cancelled = [&](const auto& answers) {
    REQUIRE(answers.size() == names.size());
    for (const auto& answer : answers) {
      REQUIRE_FALSE(answer);
      CHECK(answer.error().kind == ErrorKind::cancelled);
    }
  };
  if (rewraps)
    check_cancelled(rewrap_and_wait(wrapper, std::move(wrapped.jobs)));
  else
    check_cancelled(unwrap_and_wait(wrapper, std::move(wrapped.jobs)));
  stopper.join();
  const std::vector<std::string> seen = silent.seen();
  CHECK(seen.size() == 5);
  CHECK(std::set(seen.begin(), seen.end()).size() == 5);
}

TEST_CASE("a key that takes its time holds up no other") {
  // Nobody is told anything of the slow key.
  std::vector<std::string> names = {"a-slow"};
  for (int i = 0; i < 20; ++i) names.push_back(fmt::format("key-{}", i));
  const HttpPeer good(many_keys());
  Wrapped wrapped = wrap_under(good, names);
  const HttpPeer peer([](const HttpRequest& request, std::size_t) {
    if (request.target.ends_with("/a-slow")) return HttpAnswer{"", HttpAnswer::Then::stall};
    return answer_of_many(request);
  });
  ClientSettings settings = settings_for(peer);
  settings.connections = 2;
  settings.request_timeout = std::chrono::hours(1);
  BlockingClient client(std::move(settings));
  VaultWrapper wrapper(client.async(), {});
  std::thread stopper([&] {
    peer.wait_for(1 + 2 * 20);  // reading and opening, and the slow one's reading
    client.async().stop();
  });
  const Each<Secret> opened = unwrap_and_wait(wrapper, std::move(wrapped.jobs));
  stopper.join();
  REQUIRE_FALSE(opened[0]);
  CHECK(opened[0].error().kind == ErrorKind::cancelled);
  // The last of the others may have been stopped, too, while its answer was on the way.
  std::size_t good_ones = 0;
  for (std::size_t i = 1; i < opened.size(); ++i)
    good_ones += opened[i] && *opened[i] == wrapped.keys[i] ? 1 : 0;
  CHECK(good_ones >= 19);
}
