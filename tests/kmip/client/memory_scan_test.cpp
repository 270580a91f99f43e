// After a key was wrapped, unwrapped and released, its bytes are nowhere in this process's memory.
//
// The server runs in another process, the same program with an argument: its memory holds the keys by right.
// The bytes are remembered only XOR-ed with a mask and compared in that form.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#define DOCTEST_CONFIG_IMPLEMENT
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <core/clock.h>
#include <core/random.h>
#include <kmip/client/blocking.h>
#include <kmip/client/key_wrapper.h>
#include <kmip/model/activate.h>
#include <kmip/model/get.h>
#include <kmip/model/register.h>
#include <kmip/server/dev_identity.h>
#include <kmip/server/server.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KEYWAY_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define KEYWAY_SANITIZED 1
#endif
#endif

using namespace keyway;
using namespace keyway::kmip;

namespace {

constexpr std::size_t key_size = 32;

// Masked remembers bytes without having them.
struct Masked {
  explicit Masked(const Secret& secret) : size(secret.size()) {
    REQUIRE(size <= mask.size());
    system_random().fill(mask);
    for (std::size_t i = 0; i < size; ++i) masked[i] = secret.reveal()[i] ^ mask[i];
  }
  // Whether the `count` bytes from `start` on stand at `at`.
  bool stands_at(const std::byte* at, std::size_t start, std::size_t count) const {
    for (std::size_t i = 0; i < count; ++i)
      if ((at[i] ^ mask[start + i]) != masked[start + i]) return false;
    return true;
  }
  std::size_t size;
  std::array<std::byte, 64> mask{}, masked{};
};

struct Mapping {
  std::uintptr_t begin = 0, end = 0;
  std::string name;
};

std::vector<Mapping> writable_mappings() {
  std::vector<Mapping> found;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    Mapping mapping;
    const std::size_t dash = line.find('-'), space = line.find(' ');
    REQUIRE(space != std::string::npos);
    std::from_chars(line.data(), line.data() + dash, mapping.begin, 16);
    std::from_chars(line.data() + dash + 1, line.data() + space, mapping.end, 16);
    const std::size_t name = line.find_first_of("/[");
    if (name != std::string::npos) mapping.name = line.substr(name);
    if (line.compare(space + 1, 2, "rw") == 0) found.push_back(std::move(mapping));
  }
  return found;
}

// Scanner reads through /proc/self/mem, which fails where plain reading would end the process.
class Scanner {
 public:
  Scanner() : memory_(::open("/proc/self/mem", O_RDONLY | O_CLOEXEC)) { REQUIRE(memory_ >= 0); }
  ~Scanner() { ::close(memory_); }
  Scanner(const Scanner&) = delete;
  Scanner& operator=(const Scanner&) = delete;

  // places says where the secret, or either half of it, is: a register saved in two parts counts as well.
  std::vector<std::string> places(const Masked& secret) {
    std::vector<std::string> found;
    for (const Mapping& mapping : writable_mappings()) scan(mapping, secret, found);
    return found;
  }

 private:
  static constexpr std::size_t overlap = 64;

  void scan(const Mapping& mapping, const Masked& secret, std::vector<std::string>& found) {
    const std::size_t half = secret.size / 2;
    for (std::uintptr_t at = mapping.begin; at < mapping.end; at += window_.size() - overlap) {
      const std::size_t wanted = std::min<std::size_t>(window_.size(), mapping.end - at);
      const ssize_t got = ::pread(memory_, window_.data(), wanted, static_cast<off_t>(at));
      const std::size_t size = got > 0 ? static_cast<std::size_t>(got) : 0;
      const std::size_t fresh = std::min(size, window_.size() - overlap);
      for (std::size_t i = 0; i < fresh && i + half <= size; ++i) {
        if (is_own(at + i)) continue;
        const bool first = secret.stands_at(&window_[i], 0, half);
        const bool second = secret.stands_at(&window_[i], half, half);
        if (first || second)
          found.push_back(
              fmt::format("{} half at {:x} {}", first ? "first" : "second", at + i, mapping.name));
      }
      // Otherwise the next window would find this one's copy.
      wipe(window_);
      if (size == 0) break;
    }
  }
  bool is_own(std::uintptr_t at) const {
    const auto begin = reinterpret_cast<std::uintptr_t>(window_.data());
    return at >= begin && at < begin + window_.size();
  }

  int memory_;
  std::vector<std::byte> window_ = std::vector<std::byte>(1 << 18);
};

// A folder that goes with all its files.
struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "keyway-scan-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path;
};

// Serves until standard input ends; says its port on standard output.
int serve(const char* folder) {
  const auto identity = server::prepare_dev_identity(folder, system_clock());
  if (!identity) return 2;
  const auto tls = net::TlsContext::server({.ca_file = identity->ca,
                                            .certificate_file = identity->server_certificate,
                                            .key_file = identity->server_key});
  if (!tls) return 3;
  server::Engine engine({});
  asio::io_context io{1};
  const auto work = asio::make_work_guard(io);
  server::ServerSettings settings;
  settings.listen.port = 0;
  settings.tls = *tls;
  const auto started = server::Server::start(io.get_executor(), std::move(settings), engine);
  if (!started) return 4;
  std::thread thread([&] { io.run(); });
  std::printf("%d\n", int{(*started)->port()});
  std::fflush(stdout);
  while (std::getchar() != EOF) continue;
  io.stop();
  thread.join();
  return 0;
}

// The server's process.
class Other {
 public:
  explicit Other(const std::filesystem::path& folder) {
    int in[2], out[2];
    REQUIRE(::pipe2(in, O_CLOEXEC) == 0);
    REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
    const std::string path = folder.string();
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      ::dup2(in[0], STDIN_FILENO);
      ::dup2(out[1], STDOUT_FILENO);
      ::execl("/proc/self/exe", "memory-scan-test", "serve", path.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    hold_ = in[1];
    std::array<char, 16> text{};
    const ssize_t n = ::read(out[0], text.data(), text.size());
    ::close(out[0]);
    REQUIRE(n > 1);
    std::from_chars(text.data(), text.data() + n, port);
    REQUIRE(port > 0);
  }
  ~Other() {
    ::close(hold_);
    ::waitpid(child_, nullptr, 0);
  }
  Other(const Other&) = delete;
  Other& operator=(const Other&) = delete;

  std::uint16_t port = 0;

 private:
  pid_t child_ = -1;
  int hold_ = -1;
};

struct Setup {
  Folder folder;
  std::optional<Other> other;
  ClientSettings settings;
};

void prepare(Setup& setup) {
  const auto identity = server::prepare_dev_identity(setup.folder.path / "identity", system_clock());
  REQUIRE_MESSAGE(identity, (identity ? "" : identity.error().what));
  setup.other.emplace(setup.folder.path / "identity");
  const auto tls = net::TlsContext::client({.ca_file = identity->ca,
                                            .certificate_file = identity->client_certificate,
                                            .key_file = identity->client_key});
  REQUIRE_MESSAGE(tls, (tls ? "" : tls.error().what));
  setup.settings.endpoint = {"127.0.0.1", setup.other->port};
  setup.settings.tls = *tls;
}

std::string register_key(BlockingClient& client, const Secret& key) {
  RegisterRequest request;
  request.attributes.add(Tag::CryptographicUsageMask,
                         CryptographicUsageMask::Encrypt | CryptographicUsageMask::Decrypt);
  KeyBlock& block = request.object.symmetric_key.emplace().key_block;
  block.key_value.emplace().key_material.emplace(key.duplicate());
  block.cryptographic_algorithm = CryptographicAlgorithm::AES;
  block.cryptographic_length = static_cast<std::int32_t>(key.size() * 8);
  const auto reply = client.call(request);
  REQUIRE_MESSAGE(reply, (reply ? "" : reply.error().what));
  const std::string id((*reply)->unique_identifier);
  REQUIRE(client.call(ActivateRequest{.unique_identifier = Identifier(id)}));
  return id;
}

void check_nowhere(std::string_view when, const std::vector<std::string>& places) {
  for (const std::string& place : places) FAIL_CHECK(when << ": " << place);
}

struct Case {
  std::string name;
  WrapWhere where;
  Version version;
};

}  // namespace

TEST_CASE("a wrapped, unwrapped and released key is not left in memory") {
  Setup setup;
  prepare(setup);
  Scanner scanner;
  const Case cases[] = {{"GCM in the KMS, 1.4", WrapWhere::server, Version::V1_4},
                        {"GCM in the KMS, 2.1", WrapWhere::server, Version::V2_1},
                        {"key fetched, used here", WrapWhere::client, Version::V1_4}};
  for (const Case& one : cases) {
    CAPTURE(one.name);
    setup.settings.version = one.version;
    BlockingClient client(setup.settings);
    Secret kms_key = system_random().secret(key_size);
    const Masked kms_bytes(kms_key);
    const std::string id = register_key(client, kms_key);
    kms_key = Secret();
    check_nowhere("the KMS key, once registered", scanner.places(kms_bytes));

    KmipWrapper wrapper(client.async(), {.key = {id}, .where = one.where});
    Secret key = system_random().secret(key_size);
    const Masked key_bytes(key);
    CHECK(scanner.places(key_bytes).size() == 2);  // the two halves of the one Secret
    const auto blob = wrap_one(wrapper, std::move(key));
    REQUIRE_MESSAGE(blob, (blob ? "" : describe(blob.error())));
    check_nowhere("the data key, once wrapped", scanner.places(key_bytes));
    {
      const auto opened = unwrap_one(wrapper, *blob);
      REQUIRE_MESSAGE(opened, (opened ? "" : describe(opened.error())));
      REQUIRE(opened->size() == key_size);
      CHECK(key_bytes.stands_at(opened->reveal().data(), 0, key_size));
      CHECK(scanner.places(key_bytes).size() == 2);  // found while it lives, once
    }
    check_nowhere("the data key, once released", scanner.places(key_bytes));
    check_nowhere("the KMS key, at the end", scanner.places(kms_bytes));
  }
}

TEST_CASE("a key given out by Get is not left in memory") {
  Setup setup;
  prepare(setup);
  Scanner scanner;
  BlockingClient client(setup.settings);
  Secret key = system_random().secret(key_size);
  const Masked bytes(key);
  const std::string id = register_key(client, key);
  key = Secret();
  check_nowhere("the KMS key, once registered", scanner.places(bytes));
  {
    const auto reply = client.call(GetRequest{.unique_identifier = Identifier(id)});
    REQUIRE_MESSAGE(reply, (reply ? "" : describe(reply.error())));
    CHECK(scanner.places(bytes).size() >= 2);
  }
  check_nowhere("the KMS key, once released", scanner.places(bytes));
}

TEST_CASE("a password is in memory once, and gone with the client") {
  Setup setup;
  prepare(setup);
  Scanner scanner;
  auto login = std::make_shared<Login>();
  login->username = "operator";
  {
    // Text, as the protocol wants it.
    SecretBuffer text;
    const Secret random = system_random().secret(key_size);
    for (const std::byte byte : random.reveal())
      *text.append(1) = static_cast<std::byte>('a' + std::to_integer<int>(byte) % 26);
    login->password = Secret(std::move(text));
  }
  const Masked bytes(login->password);
  setup.settings.login = std::move(login);
  {
    BlockingClient client(setup.settings);
    REQUIRE(client.connect());
    CHECK(scanner.places(bytes).size() == 2);
    setup.settings.login.reset();
  }
  check_nowhere("the password, at the end", scanner.places(bytes));
}

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "serve") == 0) return serve(argv[2]);
#ifdef KEYWAY_SANITIZED
  std::puts("skipped: sanitizers keep freed memory and copies of their own");
  return 77;
#else
  return doctest::Context(argc, argv).run();
#endif
}
