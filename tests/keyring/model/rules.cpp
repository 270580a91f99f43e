#include <string>

#include <keyring/model/rules.h>
#include <tests/core/support.h>

using namespace keyway;
using namespace keyway::keyring;

namespace {

// One value and what the error says of the rule it breaks; nothing when it keeps them all.
struct Case {
  std::string value;
  std::string_view rule;
};

template <class Check, std::size_t n>
void check_all(const Case (&cases)[n], Check check) {
  for (const Case& c : cases) {
    CAPTURE(c.value);
    const Result<void> good = check(c.value);
    CHECK(good.has_value() == c.rule.empty());
    if (good) continue;
    CHECK(good.error().kind == ErrorKind::invalid_input);
    CAPTURE(describe(good.error()));
    CHECK(describe(good.error()).find(c.rule) != std::string::npos);
  }
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("the name of a filesystem") {
  const Case cases[] = {
      {"a", ""},
      {"fs-1 (archive)", ""},
      {"...", ""},
      {".hidden", ""},
      {repeated("x", 32), ""},
      {repeated("\xc3\xa9", 32), ""},
      {repeated("\xf0\x9f\x98\x80", 32), ""},
      {"", "at least one character"},
      {repeated("x", 33), "at most 32 characters, not 33"},
      {repeated("\xc3\xa9", 33), "at most 32 characters, not 33"},
      {"a/b", "no '/'"},
      {"a\\b", "no '\\'"},
      {".", "\"..\""},
      {"..", "\"..\""},
      {"a\nb", "control"},
      {std::string("a\0b", 3), "control"},
      {"a\x7f", "control"},
      {"a\xc2\x9b", "control"},  // C1
      {"a\xe2\x80\xae"
       "b",
       "control"},  // turns the direction of writing
      {"\xff", "UTF-8"},
      {"\xc3", "UTF-8"},
  };
  check_all(cases, check_filesystem_name);
}

TEST_CASE("a namespace") {
  const Case cases[] = {
      {"team", ""},
      {"team-a/storage_1", ""},
      {"rooted/system/Root", ""},
      {"", "not empty"},
      {"/", "beginning"},
      {"/team", "beginning"},
      {"team/", "end"},
      {"team a", "blanks"},
      {" team", "blanks"},
      {"team\t", "visible ASCII"},
      {"t\xc3\xa9", "visible ASCII"},
      {"a//b", "\"//\""},
      {"root", "\"root\""},
      {"a/sys", "\"sys\""},
      {"audit/b", "\"audit\""},
      {"a/auth/b", "\"auth\""},
      {"cubbyhole", "\"cubbyhole\""},
      {"identity", "\"identity\""},
  };
  check_all(cases, check_namespace);
}

TEST_CASE("addresses of Vault") {
  const Case cases[] = {
      {"https://vault", ""},
      {"http://127.0.0.1:8200", ""},
      {"unix:///run/agent.sock", ""},
      {"https://a:8200,https://b:8200,https://[::1]:8200/kms", ""},
      {"", "at least one"},
      {"vault:8200", "https://"},
      {"ftp://vault", "https://"},
      {"https://a,", "exactly one comma"},
      {",https://a", "exactly one comma"},
      {"https://a,,https://b", "exactly one comma"},
      {"https://a, https://b", "https://"},
      {"https://a b", "blank"},
      {"https://user:pw@a", "password"},
      {"https://a:0", "port"},
      {"https://a,https://a", "twice"},
      {"https://a,https://a:443/", "twice"},
  };
  check_all(cases, check_vault_addresses);
  const auto bad = check_vault_addresses("https://user:swordfish@a");
  REQUIRE_FALSE(bad);
  CHECK(describe(bad.error()).find("swordfish") == std::string::npos);
}

TEST_CASE("one http address makes all of them unencrypted") {
  CHECK(is_unencrypted("http://a"));
  CHECK(is_unencrypted("https://a,HTTP://b"));
  CHECK_FALSE(is_unencrypted("https://a,https://b"));
  CHECK_FALSE(is_unencrypted("unix:///run/http://sock"));
  CHECK_FALSE(is_unencrypted("https://http/http"));
}

TEST_CASE("addresses of KMIP servers") {
  const Case cases[] = {
      {"kms:5696", ""},
      {"kms1:5696,kms2:5696,10.0.0.1:1,[2001:db8::1]:65535", ""},
      {"", "at least one"},
      {"kms", "kms:5696"},
      {"kms1:5696,kms2", "kms2:5696"},
      {"[::1]", "[::1]:5696"},
      {"kms:", "port"},
      {"kms:0", "port"},
      {"kms:65536", "port"},
      {"::1", "brackets"},
      {"https://kms:5696", "without a scheme"},
      {"kms1:5696,", "exactly one comma"},
      {"kms1:5696 kms2:5696", "port"},
      {"kms1:5696, kms2:5696", "host"},
      {"kms:5696,kms:5696", "twice"},
  };
  check_all(cases, check_kmip_addresses);
}
