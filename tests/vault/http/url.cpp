#include <string>

#include <tests/core/support.h>
#include <vault/http/url.h>

using namespace keyway;
using namespace keyway::vault::http;
using Scheme = Url::Scheme;

TEST_CASE("a server's address is read as Vault's users write it") {
  const struct {
    std::string_view text;
    Scheme scheme;
    std::string_view host;
    int port;
    std::string_view base;
    std::string_view again;  // to_string
    std::string_view field;  // host_field
  } cases[] = {
      {"https://vault.example.com:8200", Scheme::https, "vault.example.com", 8200, "",
       "https://vault.example.com:8200", "vault.example.com:8200"},
      {"https://vault", Scheme::https, "vault", 443, "", "https://vault:443", "vault"},
      {"http://127.0.0.1", Scheme::http, "127.0.0.1", 80, "", "http://127.0.0.1:80", "127.0.0.1"},
      {"http://vault:443/", Scheme::http, "vault", 443, "", "http://vault:443", "vault:443"},
      {"HTTPS://Vault:8200///", Scheme::https, "Vault", 8200, "", "https://Vault:8200", "Vault:8200"},
      {"https://[::1]:8200/kms/", Scheme::https, "::1", 8200, "/kms", "https://[::1]:8200/kms", "[::1]:8200"},
      {"http://[2001:db8::1]", Scheme::http, "2001:db8::1", 80, "", "http://[2001:db8::1]:80",
       "[2001:db8::1]"},
      {"https://[fe80::1%25eth0]:8200", Scheme::https, "fe80::1%eth0", 8200, "",
       "https://[fe80::1%25eth0]:8200", "[fe80::1]:8200"},
      {"https://gate/a/b%20c-%C3%A9", Scheme::https, "gate", 443, "", "", ""},
      {"https://gate/a/b%2bc-%C3%A9/", Scheme::https, "gate", 443, "/a/b%2bc-%C3%A9",
       "https://gate:443/a/b%2bc-%C3%A9", "gate"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto url = parse_url(c.text);
    if (c.again.empty()) {
      CHECK_FALSE(url);
      continue;
    }
    REQUIRE(url);
    CHECK(url->scheme == c.scheme);
    CHECK(url->endpoint.host == c.host);
    CHECK(url->endpoint.port == c.port);
    CHECK(url->base_path == c.base);
    CHECK(url->socket_path.empty());
    CHECK(to_string(*url) == c.again);
    CHECK(host_field(*url) == c.field);
    const auto same = parse_url(to_string(*url));
    REQUIRE(same);
    CHECK(to_string(*same) == c.again);
  }
}

TEST_CASE("a unix-domain socket has a path instead of a host") {
  const auto url = parse_url("unix:///run/vault/agent.sock");
  REQUIRE(url);
  CHECK(url->scheme == Scheme::local);
  CHECK(url->socket_path == "/run/vault/agent.sock");
  CHECK(url->base_path.empty());
  CHECK(to_string(*url) == "unix:///run/vault/agent.sock");
  CHECK(host_field(*url) == "localhost");
}

TEST_CASE("an address that is not one is refused, saying why") {
  const struct {
    std::string text;
    std::string_view why;
  } cases[] = {
      {"", "empty"},
      {"vault:8200", "does not begin with http://"},
      {"vault.example.com", "does not begin with"},
      {"ftp://vault", "does not begin with"},
      {"https:/vault", "does not begin with"},
      {"://vault", "does not begin with"},
      {"https://", "host is missing"},
      {"https:///v1", "host is missing"},
      {"https://:8200", "host is missing"},
      {"https://vault:", "no valid host, or port"},
      {"https://vault:0", "no valid host, or port"},
      {"https://vault:65536", "no valid host, or port"},
      {"https://vault:82x", "no valid host, or port"},
      {"https://::1", "needs brackets"},
      {"https://[::1", "no valid host"},
      {"https://[vault]", "no valid host"},
      {"https://va_ult!", "no valid host"},
      {"https://va%75lt", "no valid host"},
      {"https://-vault", "no valid host"},
      {"https://127.1", "no valid host"},
      {"https://user:secret@vault", "user or password"},
      {"https://user@vault:8200/", "user or password"},
      {"https://vault/?a=b", "query"},
      {"https://vault?a", "query"},
      {"https://vault/#a", "fragment"},
      {"https://vault/a b", "blank or a control"},
      {"https://vault\r\nX: y", "blank or a control"},
      {std::string("https://vault\0", 14), "blank or a control"},
      {"https://vault/a//b", "nothing between two slashes"},
      {"https://vault/a/./b", "\".\""},
      {"https://vault/a/../b", "\"..\""},
      {"https://vault/a/%2e%2E", "\"..\""},
      {"https://vault/a%2fb", "encoded slash"},
      {"https://vault/a%00b", "control character"},
      {"https://vault/a%2", "hexadecimal"},
      {"https://vault/a%zz", "hexadecimal"},
      {"https://vault/\xc3\xa9", "not ASCII"},
      {"unix://run/agent.sock", "missing or not absolute"},
      {"unix://", "missing or not absolute"},
      {"unix:///", "missing or not absolute"},
      {"unix:///run/agent.sock?x", "query"},
      {"unix:///run/a\nb", "control"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto url = parse_url(c.text);
    REQUIRE_FALSE(url);
    CHECK(url.error().kind == ErrorKind::invalid_input);
    CHECK_MESSAGE(url.error().what.find(c.why) != std::string::npos, url.error().what);
    CHECK(url.error().what.find("secret") == std::string::npos);
    CHECK(url.error().what.find_first_of("\r\n") == std::string::npos);
    CHECK_FALSE(url.error().advice.empty());
  }
}

TEST_CASE("no error shows what stands before an '@'") {
  for (const std::string_view text :
       {"https://u:secret@vault/?q", "https://u:secret@va ult", "ftp://u:secret@vault", "u:secret@vault",
        "https://vault/secret@x/../y"}) {
    CAPTURE(text);
    const auto url = parse_url(text);
    REQUIRE_FALSE(url);
    CHECK(describe(url.error()).find("secret") == std::string::npos);
  }
}

TEST_CASE("an address in an error is cut") {
  const auto url = parse_url("https://vault/?" + std::string(10'000, 'x'));
  REQUIRE_FALSE(url);
  CHECK(url.error().what.size() < 300);
}
