#include <cstdlib>
#include <optional>
#include <string>

#include <sys/stat.h>

#include <core/file.h>
#include <keyring/model/kms.h>
#include <tests/core/support.h>

using namespace keyway;
using namespace keyway::keyring;
using test::ScratchFolder;
using Place = Credential::Place;

namespace {

// Variable sets or removes an environment variable for as long as it lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    set(value);
  }
  Variable(const Variable&) = delete;
  ~Variable() { set(before_ ? before_->c_str() : nullptr); }

 private:
  void set(const char* value) {
    if (value == nullptr)
      ::unsetenv(name_);
    else
      ::setenv(name_, value, 1);
  }
  const char* name_;
  std::optional<std::string> before_;
};

void put(const std::filesystem::path& path, Text text, mode_t mode = 0600) {
  REQUIRE(write_file(path, bytes_of(text), Mode::secret));
  REQUIRE(::chmod(path.c_str(), mode) == 0);
}

void check_reads(const Credential& credential, Text expected) {
  const auto secret = credential.read();
  REQUIRE_MESSAGE(secret, secret.error().what);
  CHECK(secret->reveal_text() == expected);
}

Error refusal(const Credential& credential) {
  const auto secret = credential.read();
  REQUIRE_FALSE(secret);
  return secret.error();
}

bool mentions(const Error& error, Text text) { return describe(error).find(text) != std::string::npos; }

}  // namespace

TEST_CASE("a credential is written and read again, and described") {
  const struct {
    Credential credential;
    Place place;
    std::string written, described;
  } cases[] = {
      {Credential(), Place::none, "", "none"},
      {Credential::stored(Secret(Text("s"))), Place::stored, "stored", "stored"},
      {Credential::file("/etc/kms/a:b"), Place::file, "file:/etc/kms/a:b", "file /etc/kms/a:b"},
      {Credential::environment("KMS_TOKEN"), Place::environment, "env:KMS_TOKEN",
       "environment variable KMS_TOKEN"},
      {Credential::systemd("kms.token"), Place::systemd, "systemd:kms.token", "systemd credential kms.token"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.written);
    CHECK(c.credential.place() == c.place);
    CHECK(c.credential.written() == c.written);
    CHECK(c.credential.described() == c.described);
    CHECK(c.credential.check());
    const auto again =
        Credential::from_written(c.written, c.place == Place::stored ? Secret(Text("s")) : Secret());
    REQUIRE(again);
    CHECK(again->place() == c.place);
    CHECK(again->name() == c.credential.name());
    CHECK(again->written() == c.written);
  }
}

TEST_CASE("a written credential that makes no sense is corrupt") {
  const struct {
    std::string written;
    Text secret;
  } cases[] = {
      {"stored", ""},      {"file:", ""},
      {"file:/a", "s"},    {"env:A", "s"},
      {"", "s"},           {"Stored", ""},
      {"vault:/a", ""},    {"/etc/token", ""},
      {"env:", ""},        {"env:1A", ""},
      {"env:A-B", ""},     {"env:A=B", ""},
      {"systemd:", ""},    {"systemd:a/b", ""},
      {"systemd:..", ""},  {"systemd:a:b", ""},
      {"systemd:a b", ""}, {std::string("file:/a\0b", 9), ""},
      {"file:/\xff", ""},  {"systemd:" + std::string(256, 'a'), ""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.written);
    const auto read = Credential::from_written(c.written, Secret(c.secret));
    REQUIRE_FALSE(read);
    CHECK(read.error().kind == ErrorKind::corrupt);
  }
}

TEST_CASE("a credential that may not be kept says the rule") {
  const struct {
    Credential credential;
    std::string_view rule;
  } cases[] = {
      {Credential::stored(Secret()), "empty"},
      {Credential::stored(Secret(test::repeated(longest_stored_secret + 1, 'k'))), "more than 65536 bytes"},
      {Credential::file("token"), "absolute"},
      {Credential::file(""), "not empty"},
      {Credential::environment("KMS TOKEN"), "letters, digits and '_'"},
      {Credential::systemd("../token"), "without '/'"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.rule);
    const auto good = c.credential.check();
    REQUIRE_FALSE(good);
    CHECK(good.error().kind == ErrorKind::invalid_input);
    CHECK(mentions(good.error(), c.rule));
  }
  CHECK(Credential::stored(Secret(test::repeated(longest_stored_secret, 'k'))).check());
}

TEST_CASE("a path that is not absolute is read all the same, once it was kept") {
  CHECK(Credential::from_written("file:token", {}));
}

TEST_CASE("copies share a stored secret") {
  const Credential original = Credential::stored(Secret(Text("swordfish")));
  const Credential copy = original;
  check_reads(copy, "swordfish");
  check_reads(original, "swordfish");
}

TEST_CASE("a file gives its first line, at each use") {
  const ScratchFolder folder;
  const std::filesystem::path path = folder / "token";
  const Credential credential = Credential::file(path);
  put(path, "first\nsecond\n");
  check_reads(credential, "first");
  put(path, "changed\r\n", 0400);
  check_reads(credential, "changed");
  std::filesystem::create_symlink("token", folder / "link");
  check_reads(Credential::file(folder / "link"), "changed");
  put(path, std::string(longest_credential, 't'));
  check_reads(credential, std::string(longest_credential, 't'));
}

TEST_CASE("a file that is no place for a secret is refused, and never shown") {
  const ScratchFolder folder;
  const std::filesystem::path path = folder / "token";
  const Credential credential = Credential::file(path);
  CHECK(refusal(credential).kind == ErrorKind::not_found);
  for (const mode_t mode : {0640, 0604, 0644}) {
    CAPTURE(mode);
    put(path, "swordfish", mode);
    CHECK(refusal(credential).kind == ErrorKind::invalid_input);
    CHECK(mentions(refusal(credential), "chmod 600"));
    CHECK_FALSE(mentions(refusal(credential), "swordfish"));
  }
  put(path, "\nswordfish");
  CHECK(mentions(refusal(credential), "empty"));
  CHECK_FALSE(mentions(refusal(credential), "swordfish"));
  put(path, std::string(longest_credential + 1, 't'));
  CHECK(mentions(refusal(credential), "16384"));
  CHECK(refusal(Credential::file(folder.path())).kind == ErrorKind::invalid_input);
}

TEST_CASE("a variable is read at each use") {
  const Credential credential = Credential::environment("KEYWAY_TEST_TOKEN");
  {
    const Variable variable("KEYWAY_TEST_TOKEN", "one");
    check_reads(credential, "one");
  }
  {
    const Variable variable("KEYWAY_TEST_TOKEN", "two");
    check_reads(credential, "two");
  }
  const Variable none("KEYWAY_TEST_TOKEN", nullptr);
  CHECK(mentions(refusal(credential), "KEYWAY_TEST_TOKEN is not set"));
  const Variable empty("KEYWAY_TEST_TOKEN", "");
  CHECK(mentions(refusal(credential), "KEYWAY_TEST_TOKEN is empty"));
  const Variable longer("KEYWAY_TEST_TOKEN", std::string(longest_credential + 1, 't').c_str());
  CHECK(mentions(refusal(credential), "16384"));
}

TEST_CASE("a systemd credential is a file of the service's folder, whatever its mode") {
  const ScratchFolder folder;
  put(folder / "kms-token", "swordfish\n", 0440);
  const Credential credential = Credential::systemd("kms-token");
  const Variable variable("CREDENTIALS_DIRECTORY", folder.path().c_str());
  check_reads(credential, "swordfish");
  CHECK(refusal(Credential::systemd("other")).kind == ErrorKind::not_found);
  for (const char* value : {static_cast<const char*>(nullptr), "", "run/credentials"}) {
    const Variable other("CREDENTIALS_DIRECTORY", value);
    CHECK(refusal(credential).kind == ErrorKind::invalid_input);
    CHECK(mentions(refusal(credential), "LoadCredential=kms-token"));
  }
}

TEST_CASE("names that lead elsewhere are not followed") {
  const ScratchFolder folder;
  put(folder / "token", "swordfish");
  std::filesystem::create_directory(folder / "credentials");
  const Variable variable("CREDENTIALS_DIRECTORY", (folder / "credentials").c_str());
  CHECK(mentions(refusal(Credential::systemd("../token")), "without '/'"));
  const Error no_name = refusal(Credential::environment("hvs.swordfish"));  // a token given by mistake
  CHECK(no_name.kind == ErrorKind::invalid_input);
  CHECK_FALSE(mentions(no_name, "swordfish"));
}

TEST_CASE("no credential can be read from nowhere") {
  CHECK(refusal(Credential()).kind == ErrorKind::invalid_input);
}
