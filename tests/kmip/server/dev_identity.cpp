// The development server's certificates: made once, used again, never half replaced.
#include <sys/stat.h>

#include <core/file.h>
#include <core/net/tls.h>
#include <kmip/server/dev_identity.h>
#include <tests/core/support.h>
#include <tests/kmip/server/support.h>

namespace keyway::kmip::server::test {

namespace {

using keyway::test::ScratchFolder;
namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  const auto bytes = read_file(path, 65'536);
  REQUIRE(bytes);
  return std::string(bytes->reveal_text());
}

unsigned mode(const fs::path& path) {
  struct stat info{};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777u;
}

struct Today final : Clock {
  std::chrono::days later{0};
  std::chrono::sys_seconds now() const override { return system_clock().now() + later; }
};

}  // namespace

TEST_CASE("an identity is made once and then used again") {
  ScratchFolder scratch;
  const fs::path folder = scratch / "identity";
  const auto made = prepare_dev_identity(folder, system_clock());
  REQUIRE(made);
  CHECK(made->is_new);
  CHECK(mode(folder) == 0700);
  CHECK(mode(made->server_key) == 0600);
  CHECK(mode(made->client_key) == 0600);
  CHECK(std::distance(fs::directory_iterator(folder), fs::directory_iterator()) == 5);  // no key of the CA
  const std::string before = content(made->server_certificate);

  const auto again = prepare_dev_identity(folder, system_clock());
  REQUIRE(again);
  CHECK_FALSE(again->is_new);
  CHECK(content(again->server_certificate) == before);
}

TEST_CASE("what is wrong with an identity is said by file, and nothing is overwritten") {
  Today clock;
  struct Case {
    const char* what;
    std::function<void(const DevIdentity&)> damage;
    const char* file;
  };
  const Case cases[] = {
      {"a missing key", [](auto& id) { fs::remove(id.client_key); }, "client.key"},
      {"a missing CA", [](auto& id) { fs::remove(id.ca); }, "ca.pem"},
      {"garbage",
       [](auto& id) { (void)write_file(id.server_certificate, bytes_of("x"), keyway::Mode::shared); },
       "server.pem"},
      {"another key",
       [](auto& id) { fs::copy_file(id.server_key, id.client_key, fs::copy_options::overwrite_existing); },
       "client"},
      {"a readable key", [](auto& id) { ::chmod(id.server_key.c_str(), 0644); }, "server.key"},
      {"an expired certificate", [&](auto&) { clock.later = std::chrono::days(91); }, "ca.pem"},
      {"a certificate of the future", [&](auto&) { clock.later = std::chrono::days(-1); }, "ca.pem"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    ScratchFolder scratch;
    clock.later = {};
    const auto made = prepare_dev_identity(scratch.path(), clock);
    REQUIRE(made);
    c.damage(*made);
    const auto entries = scratch.entries();
    const auto again = prepare_dev_identity(scratch.path(), clock);
    REQUIRE_FALSE(again);
    CHECK(again.error().kind == ErrorKind::invalid_input);
    CHECK(describe(again.error()).find(c.file) != std::string::npos);
    CHECK(scratch.entries() == entries);
  }
}

TEST_CASE("certificates of two identities do not mix") {
  ScratchFolder one, two;
  const auto mine = prepare_dev_identity(one.path(), system_clock());
  const auto other = prepare_dev_identity(two.path(), system_clock());
  REQUIRE(mine);
  REQUIRE(other);
  fs::copy_file(other->ca, mine->ca, fs::copy_options::overwrite_existing);
  const auto mixed = prepare_dev_identity(one.path(), system_clock());
  REQUIRE_FALSE(mixed);
  CHECK(mixed.error().what.find("server.pem: not signed by the CA") != std::string::npos);
}

TEST_CASE("a folder that cannot be") {
  ScratchFolder scratch;
  CHECK(prepare_dev_identity(scratch.path() / "no" / "parent", system_clock()).error().kind ==
        ErrorKind::not_found);
  REQUIRE(write_file(scratch / "file", bytes_of("x"), keyway::Mode::shared));
  CHECK(prepare_dev_identity(scratch / "file", system_clock()).error().kind == ErrorKind::invalid_input);
}

}  // namespace keyway::kmip::server::test
