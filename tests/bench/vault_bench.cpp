// Keys unwrapped in a second by a Vault server: one by one and in batches, over one connection and over
// several.
//
// usage: vault-bench [SECONDS]      seconds for each figure, 2 when not given
//        vault-bench memory KEYS    so many keys in one call: the memory that takes
//
// The server is the one that KEYWAY_TEST_VAULT_ADDR and KEYWAY_TEST_VAULT_TOKEN name; the token has to be
// allowed to mount an engine. run_vault_bench.py starts the test Vault where none is named.
#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

#include <fmt/format.h>

#include <core/hex.h>
#include <core/random.h>
#include <vault/client/blocking.h>
#include <vault/client/key_wrapper.h>

using namespace keyway;
using namespace keyway::vault;

namespace {

constexpr std::size_t key_size = 32;
constexpr std::size_t connections = 8;
using Clock = std::chrono::steady_clock;

[[noreturn]] void give_up(std::string_view words) {
  fmt::print(stderr, "vault-bench: {}\n", words);
  std::exit(1);
}

template <class T>
T must(Result<T> result) {
  if (!result) give_up(describe(result.error()));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::string environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): no thread runs yet
  return value == nullptr ? "" : value;
}

ClientSettings settings(std::size_t most_connections) {
  const std::string address = environment("KEYWAY_TEST_VAULT_ADDR");
  if (address.empty()) give_up("KEYWAY_TEST_VAULT_ADDR is not set");
  ClientSettings settings;
  settings.addresses.push_back(must(http::parse_url(address)));
  if (address.starts_with("https"))
    settings.tls = must(net::TlsContext::client({.ca_file = environment("KEYWAY_TEST_VAULT_CACERT")}));
  settings.login =
      TokenLogin{[]() -> Result<Secret> { return Secret(Text(environment("KEYWAY_TEST_VAULT_TOKEN"))); }};
  settings.connections = most_connections;
  return settings;
}

// A transit engine of this run's own, gone with it.
class Engine {
 public:
  Engine() {
    ask(http::Method::post, "/v1/sys/mounts/" + key_.mount, R"({"type":"transit"})");
    ask(http::Method::post, fmt::format("/v1/{}/keys/{}", key_.mount, key_.name), "{}");
  }
  ~Engine() { ask(http::Method::remove, "/v1/sys/mounts/" + key_.mount, ""); }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  const TransitKey& key() const { return key_; }
  void rotate() const {
    ask(http::Method::post, fmt::format("/v1/{}/keys/{}/rotate", key_.mount, key_.name), "{}");
  }

 private:
  void ask(http::Method method, std::string path, Text body) const {
    Question question;
    question.method = method;
    question.path = std::move(path);
    question.body.append(body);
    must(client_.send(std::move(question)));
  }

  mutable BlockingClient client_{settings(1)};
  TransitKey key_{"keyway-bench-" + to_hex(system_random().bytes(4)), "bench"};
};

std::vector<UnwrapJob> wrapped_keys(const TransitKey& key, std::size_t count) {
  BlockingClient client(settings(connections));
  VaultWrapper wrapper(client.async(), {.key = key});
  std::vector<WrapJob> jobs;
  for (std::size_t i = 0; i < count; ++i) jobs.push_back({system_random().secret(key_size), {}});
  std::vector<UnwrapJob> blobs;
  blobs.reserve(count);
  for (Result<WrappedKey>& blob : wrap_and_wait(wrapper, std::move(jobs)))
    blobs.push_back({must(std::move(blob)), {}});
  return blobs;
}

void unwrap(VaultWrapper& wrapper, std::vector<UnwrapJob> jobs) {
  for (Result<Secret>& key : unwrap_and_wait(wrapper, std::move(jobs))) must(std::move(key));
}

struct Case {
  std::string_view name;
  std::size_t connections, threads, batch, keys;  // keys in one call
};

// Keys in a second, by `one.threads` threads that make calls for `time`.
double measure(const TransitKey& key, const std::vector<UnwrapJob>& blobs, const Case& one,
               std::chrono::seconds time) {
  BlockingClient client(settings(one.connections));
  VaultWrapper wrapper(client.async(), {.key = key, .batch_limit = one.batch});
  const std::vector<UnwrapJob> jobs(blobs.begin(), blobs.begin() + static_cast<std::ptrdiff_t>(one.keys));
  unwrap(wrapper, jobs);  // connects
  std::atomic<std::size_t> done = 0;
  const auto begin = Clock::now();
  const auto work = [&] {
    while (Clock::now() - begin < time) {
      unwrap(wrapper, jobs);
      done += jobs.size();
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < one.threads; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  return static_cast<double>(done) / std::chrono::duration<double>(Clock::now() - begin).count();
}

void compare(std::chrono::seconds time) {
  constexpr Case cases[] = {
      {"one by one, 1 connection", 1, 1, 1, 1},
      {"batches of 10, 1 connection", 1, 1, 10, 10},
      {"batches of 100, 1 connection", 1, 1, 100, 100},
      {"batches of 200, 1 connection", 1, 1, 200, 200},
      {"batches of 450, 1 connection", 1, 1, 450, 450},
      {"one by one, 8 threads and connections", connections, 8, 1, 1},
      {"batches of 100, 8 connections", connections, 1, 100, 1'600},
      {"batches of 200, 8 connections", connections, 1, 200, 3'200},
  };
  const Engine engine;
  const std::vector<UnwrapJob> blobs =
      wrapped_keys(engine.key(), std::ranges::max(cases, {}, &Case::keys).keys);
  fmt::print("{:<40} {:>10} {:>8}\n", "", "keys/s", "ratio");
  double single = 0;
  for (const Case& one : cases) {
    const double rate = measure(engine.key(), blobs, one, time);
    if (single == 0) single = rate;
    fmt::print("{:<40} {:>10.0f} {:>8.1f}\n", one.name, rate, rate / single);
    std::fflush(stdout);
  }
}

// A line of /proc/self/status, in kB: "VmHWM".
std::size_t status_of_memory(std::string_view name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name)) return std::strtoul(line.c_str() + name.size() + 1, nullptr, 10);
  return 0;
}

// The peak counts from here on.
void forget_peak() { std::ofstream("/proc/self/clear_refs") << "5\n"; }

// What `call` takes beyond what there was before it.
template <class Call>
auto measure_call(std::string_view name, std::size_t count, Call call) {
  forget_peak();
  const std::size_t before = status_of_memory("VmRSS");
  const auto begin = Clock::now();
  auto answers = call();
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const std::size_t peak = status_of_memory("VmHWM");
  for (const auto& answer : answers)
    if (!answer) give_up(describe(answer.error()));
  fmt::print("{:<8} {:>10} {:>10.0f} {:>12} {:>12} {:>12}\n", name, count,
             static_cast<double>(count) / seconds, before, peak, (peak - before) * 1024 / count);
  std::fflush(stdout);
  return answers;
}

void measure_memory(std::size_t count) {
  const Engine engine;
  BlockingClient client(settings(connections));
  VaultWrapper wrapper(client.async(), {.key = engine.key()});
  std::vector<WrapJob> keys;
  for (std::size_t i = 0; i < count; ++i) keys.push_back({system_random().secret(key_size), {}});
  fmt::print("{:<8} {:>10} {:>10} {:>12} {:>12} {:>12}\n", "", "keys", "keys/s", "before, kB", "peak, kB",
             "bytes a key");
  std::vector<UnwrapJob> jobs;
  jobs.reserve(count);
  for (Result<WrappedKey>& blob :
       measure_call("wrap", count, [&] { return wrap_and_wait(wrapper, std::move(keys)); }))
    jobs.push_back({std::move(*blob), {}});
  measure_call("unwrap", count,
               [&, copy = jobs]() mutable { return unwrap_and_wait(wrapper, std::move(copy)); });
  engine.rotate();
  measure_call("rewrap", count, [&] { return rewrap_and_wait(wrapper, std::move(jobs)); });
}

std::size_t number(const char* text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), value);
  if (error != std::errc() || *end != '\0' || value == 0) give_up(fmt::format("{} is no number", text));
  return value;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "memory") == 0)
    measure_memory(number(argv[2]));
  else if (argc <= 2)
    compare(std::chrono::seconds(argc == 2 ? number(argv[1]) : 2));
  else
    give_up("usage: vault-bench [SECONDS] | vault-bench memory KEYS");
}
