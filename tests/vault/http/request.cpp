#include <string>

#include <tests/core/support.h>
#include <vault/http/request.h>

using namespace keyway;
using namespace keyway::vault::http;

namespace {

std::string written(const Request& request, std::string_view host = "vault:8200") {
  SecretBuffer out;
  const auto done = write_request(out, request, host);
  REQUIRE_MESSAGE(done, (done ? "" : done.error().what));
  return std::string(text_of(out.view()));
}

Error refused(const Request& request, std::string_view host = "vault:8200") {
  SecretBuffer out;
  out.append("before");
  const auto done = write_request(out, request, host);
  REQUIRE_FALSE(done);
  CHECK(text_of(out.view()) == "before");
  CHECK(done.error().kind == ErrorKind::invalid_input);
  return done.error();
}

}  // namespace

TEST_CASE("a request with all it can have") {
  const Secret token(Text("hvs.abc"));
  Request request{Method::post, "/v1/transit/encrypt/key", &token, "team/a", bytes_of("{\"a\":1}")};
  CHECK(written(request) ==
        "POST /v1/transit/encrypt/key HTTP/1.1\r\nHost: vault:8200\r\nUser-Agent: keyway\r\n"
        "X-Vault-Request: true\r\nX-Vault-Token: hvs.abc\r\nX-Vault-Namespace: team/a\r\n"
        "Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
}

TEST_CASE("a request with as little as possible") {
  const std::string rest = " HTTP/1.1\r\nHost: h\r\nUser-Agent: keyway\r\nX-Vault-Request: true\r\n";
  CHECK(written({.method = Method::get, .target = "/v1/sys/health?standbyok=true"}, "h") ==
        "GET /v1/sys/health?standbyok=true" + rest + "\r\n");
  CHECK(written({.method = Method::head, .target = "/v1/sys/health"}, "h") ==
        "HEAD /v1/sys/health" + rest + "\r\n");
  CHECK(written({.method = Method::post, .target = "/v1/sys/wrapping/unwrap"}, "h") ==
        "POST /v1/sys/wrapping/unwrap" + rest + "Content-Length: 0\r\n\r\n");
}

TEST_CASE("a request is appended to what is there") {
  SecretBuffer out;
  out.append("x");
  REQUIRE(write_request(out, {.target = "/a"}, "h"));
  CHECK(text_of(out.view()).starts_with("xGET /a HTTP/1.1\r\n"));
}

TEST_CASE("nothing that could end a line or a word goes into a head") {
  for (const Text bad : {Text("\r"), Text("\n"), Text("\r\nX-Vault-Token: other"), Text("\0", 1), Text(" "),
                         Text("\t"), Text("\x7f"), Text("\x1b[1m"), Text("\xc3\xa9"), Text("\xff")}) {
    const std::string value = "/a" + std::string(bad) + "b";
    CAPTURE(value);
    CHECK(refused({.target = value}).what.find("path") != std::string::npos);
    CHECK(refused({.target = "/a"}, value).what.find("host") != std::string::npos);
    CHECK(refused({.target = "/a", .name_space = value}).what.find("namespace") != std::string::npos);
    const Secret token("hidden" + value);
    const Error error = refused({.target = "/a", .token = &token});
    CHECK(error.what.find("token") != std::string::npos);
    CHECK(describe(error).find("hidden") == std::string::npos);
  }
}

TEST_CASE("what a request needs must be there, and what it cannot have must not") {
  refused({.target = ""});
  refused({.target = "v1/a"});
  refused({.target = "http://elsewhere/v1"});
  refused({.target = "/v1/a#b"});
  refused({.target = "/a"}, "");
  const Secret empty;
  refused({.target = "/a", .token = &empty});
  refused({.method = Method::get, .target = "/a", .body = bytes_of("{}")});
  refused({.method = Method::head, .target = "/a", .body = bytes_of("{}")});
}

TEST_CASE("percent encoding leaves only what is unreserved") {
  CHECK(percent_encode("") == "");
  CHECK(percent_encode("AZaz09-._~") == "AZaz09-._~");
  CHECK(percent_encode("a/b c?d#e%2F&=+") == "a%2Fb%20c%3Fd%23e%252F%26%3D%2B");
  CHECK(percent_encode("\xc3\xa9") == "%C3%A9");
  CHECK(percent_encode(Text("\0\n\x7f", 3)) == "%00%0A%7F");
}

TEST_CASE("a path is joined without stray slashes") {
  CHECK(join_path("transit", {"encrypt", "weka-key"}) == "/v1/transit/encrypt/weka-key");
  CHECK(join_path("/transit/", {"keys"}) == "/v1/transit/keys");
  CHECK(join_path("//tenants//a/transit//", {"decrypt", "k.1"}) == "/v1/tenants/a/transit/decrypt/k.1");
  CHECK(join_path("auth/kubernetes", {"login"}) == "/v1/auth/kubernetes/login");
  CHECK(join_path("sys/health", {}) == "/v1/sys/health");
  CHECK(join_path("my mount", {"keys", "a?b%2e"}) == "/v1/my%20mount/keys/a%3Fb%252e");
  CHECK(join_path("...", {"a..b"}) == "/v1/.../a..b");
}

TEST_CASE("a path that would lead elsewhere is refused") {
  const struct {
    std::string_view mount, segment;
  } cases[] = {
      {"", "a"},           {"/", "a"},           {"//", "a"},
      {"..", "a"},         {"a/../b", "a"},      {"a/.", "a"},
      {"transit", ""},     {"transit", "."},     {"transit", ".."},
      {"transit", "a/b"},  {"transit", "/"},     {"transit", "a/"},
      {"transit", "a\nb"}, {"tran\x7fsit", "a"}, {std::string_view("a\0b", 3), "a"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.mount);
    CAPTURE(c.segment);
    const auto path = join_path(c.mount, {c.segment});
    REQUIRE_FALSE(path);
    CHECK(path.error().kind == ErrorKind::invalid_input);
  }
}

TEST_CASE("without_stray_slashes: one form for each path") {
  const std::pair<const char*, const char*> cases[] = {{"a/b", "a/b"}, {"/a//b/", "a/b"}, {"///a", "a"},
                                                       {"a///", "a"},  {"", ""},          {"//", ""}};
  for (const auto& [path, plain] : cases) {
    CAPTURE(path);
    CHECK(without_stray_slashes(path) == plain);
  }
}
