// After a key was wrapped, unwrapped and released, its bytes are nowhere in this process's memory.
//
// The server runs in another process, the same program with an argument: its memory holds the keys by right.
#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
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
#include <tests/memory/memory_scan.h>

using namespace keyway;
using namespace keyway::kmip;
using keyway::test::check_nowhere, keyway::test::Masked, keyway::test::Scanner;

namespace {

constexpr std::size_t key_size = 32;

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
    const Masked kms_bytes("KMS key", kms_key);
    const std::string id = register_key(client, kms_key);
    kms_key = Secret();
    check_nowhere("the KMS key, once registered", scanner.places(kms_bytes));

    KmipWrapper wrapper(client.async(), {.key = {id}, .where = one.where});
    Secret key = system_random().secret(key_size);
    const Masked key_bytes("data key", key);
    CHECK(scanner.places(key_bytes).size() == 2);  // the two halves of the one Secret
    const auto blob = wrap_one(wrapper, std::move(key));
    REQUIRE_MESSAGE(blob, (blob ? "" : describe(blob.error())));
    check_nowhere("the data key, once wrapped", scanner.places(key_bytes));
    {
      const auto opened = unwrap_one(wrapper, *blob);
      REQUIRE_MESSAGE(opened, (opened ? "" : describe(opened.error())));
      CHECK(key_bytes.is(*opened));
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
  const Masked bytes("KMS key", key);
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
  const Masked bytes("password", login->password);
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
  if (keyway::test::is_sanitized) {
    std::puts("skipped: sanitizers keep freed memory and copies of their own");
    return 77;
  }
  return doctest::Context(argc, argv).run();
}
