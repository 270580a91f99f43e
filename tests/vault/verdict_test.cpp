#include <core/json.h>
#include <tests/vault/support.h>
#include <vault/verdict.h>

using namespace keyway;
using namespace keyway::vault;
using namespace keyway::test;

namespace {

enum Advice : std::uint8_t { any, some };  // some: a person can do something about it

struct Row {
  Purpose purpose;
  int status;
  std::string text;  // of the server: the one string in "errors"
  Next next;
  ErrorKind kind;
  Advice advice = any;
};

// The server's own way to say it when an error went through its list of errors.
std::string listed(std::string_view text) { return fmt::format("1 error occurred:\n\t* {}\n\n", text); }

std::string errors(std::string_view text) {
  SecretBuffer body;
  body.append("{\"errors\":[");
  REQUIRE(append_json_string(body, text));
  body.append("]}\n");
  return std::string(text_of(body.view()));
}

void check_verdict(const Row& row, const Verdict& verdict) {
  CAPTURE(row.purpose);
  CAPTURE(row.status);
  CAPTURE(row.text);
  CHECK(verdict.next == row.next);
  if (row.next == Next::take) return;
  CHECK(verdict.error.kind == row.kind);
  CHECK_FALSE(verdict.error.what.empty());
  if (row.advice == some) CHECK_FALSE(verdict.error.advice.empty());
  REQUIRE(verdict.error.refusal);
  CHECK(verdict.error.refusal->status == static_cast<std::uint32_t>(row.status));
  CHECK(is_one_clean_line(describe(verdict.error)));
}

void check_rows(std::span<const Row> rows) {
  for (const Row& row : rows) check_verdict(row, judged(row.purpose, row.status, errors(row.text)));
}

constexpr Purpose all_purposes[] = {Purpose::key,    Purpose::encrypt, Purpose::decrypt, Purpose::login,
                                    Purpose::unwrap, Purpose::token,   Purpose::health,  Purpose::other};

constexpr auto refused = ErrorKind::refused;
constexpr auto corrupt = ErrorKind::corrupt;
constexpr auto not_found = ErrorKind::not_found;
constexpr auto unreachable = ErrorKind::unreachable;
constexpr auto invalid_input = ErrorKind::invalid_input;
constexpr auto unsupported = ErrorKind::unsupported;

}  // namespace

TEST_SUITE("vault/verdict") {
  TEST_CASE("what worked") {
    for (const Purpose purpose : all_purposes) {
      CHECK(judged(purpose, 200, R"({"data":{}})").next == Next::take);
      CHECK(judged(purpose, 204, "").next == Next::take);
    }
  }

  TEST_CASE("whatever is asked, servers may not be able to answer") {
    for (const Purpose purpose : all_purposes) {
      const Row rows[] = {
          {purpose, 500, "local node not active but active cluster node not found", Next::retry, unreachable,
           some},
          {purpose, 503, "Vault is sealed", Next::retry, unreachable, some},
          {purpose, 503, "error performing token check: Vault is sealed", Next::retry, unreachable, some},
          {purpose, 503, "no active Vault instance found", Next::retry, unreachable, some},
          {purpose, 503, "node is not active", Next::retry, unreachable, some},
          {purpose, 503, "namespace is sealed", Next::retry, unreachable, some},
          {purpose, 503, "API access to this namespace has been locked by an administrator", Next::retry,
           unreachable, some},
          {purpose, 500, "Vault is not initialized", Next::retry, unreachable, some},
          {purpose, 500, "something broke", Next::retry, unreachable, some},
          {purpose, 502, "", Next::retry, unreachable, some},
          {purpose, 503, "", Next::retry, unreachable, some},
          {purpose, 504, "", Next::retry, unreachable, some},
          {purpose, 599, "", Next::retry, unreachable, some},
          // Found out while the token was looked up; the token may be as good as ever.
          {purpose, 500, "error performing token check: context deadline exceeded", Next::retry, unreachable,
           some},
          {purpose, 400, "error performing token check: failed to persist lease entry: read-only",
           Next::retry, unreachable, some},
          {purpose, 412, "required index state not present", Next::retry, unreachable},
          {purpose, 412, "missing 'X-Vault-Request' header", Next::give_up, refused, some},
          {purpose, 405, listed("unsupported operation"), Next::give_up, unsupported},
          {purpose, 405, "", Next::give_up, unsupported},
          {purpose, 404, "no handler for route 'tranist/encrypt/k'", Next::give_up, not_found, some},
          {purpose, 404, "no handler for route \"tranist/encrypt/k\". route entry not found.", Next::give_up,
           not_found, some},
          {purpose, 404, listed("unsupported path"), Next::give_up, not_found, some},
          {purpose, 404, "namespace not found", Next::give_up, not_found, some},
          {purpose, 400, "operation unavailable in namespaces", Next::give_up, refused, some},
          {purpose, 301, "", Next::give_up, invalid_input, some},
          {purpose, 302, "", Next::give_up, invalid_input, some},
          {purpose, 308, "", Next::give_up, invalid_input, some},
          {purpose, 305, "", Next::give_up, corrupt, some},
          {purpose, 418, "", Next::give_up, refused},
      };
      check_rows(rows);
      if (purpose == Purpose::health) continue;
      const Row not_of_health[] = {
          {purpose, 429, R"(request path "transit/encrypt/k": rate limit quota exceeded)", Next::retry,
           unreachable, some},
          {purpose, 429, "", Next::retry, unreachable, some},
          {purpose, 472, "", Next::retry, unreachable},
          {purpose, 473, "", Next::retry, unreachable},
          {purpose, 501, "", Next::retry, unreachable, some},
      };
      check_rows(not_of_health);
    }
  }

  TEST_CASE("tokens") {
    for (const Purpose purpose :
         {Purpose::key, Purpose::encrypt, Purpose::decrypt, Purpose::token, Purpose::other}) {
      const Row rows[] = {
          {purpose, 403, "permission denied", Next::log_in, refused, some},
          {purpose, 403, listed("permission denied"), Next::give_up, refused, some},
          {purpose, 403, "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n", Next::log_in,
           refused, some},
          {purpose, 403, "bad token", Next::log_in, refused, some},
          {purpose, 403, "", Next::log_in, refused, some},
          {purpose, 400, "missing client token", Next::log_in, refused, some},
          {purpose, 400,
           "error performing token check: failed to look up namespace from the token: no namespace",
           Next::log_in, refused, some},
          {purpose, 500,
           "error performing token check: failed to look up namespace from the token: no namespace",
           Next::log_in, refused, some},
      };
      check_rows(rows);
    }
    // Two strings where older servers have one list.
    CHECK(judged(Purpose::encrypt, 403, R"({"errors":["permission denied","invalid token"]})").next ==
          Next::log_in);
    const Row renewals[] = {
        {Purpose::token, 400, "lease is not renewable", Next::give_up, refused},
        {Purpose::token, 400, "invalid lease ID", Next::give_up, refused},
        {Purpose::token, 400, "batch tokens cannot be renewed", Next::give_up, refused},
    };
    check_rows(renewals);
  }

  TEST_CASE("encrypt") {
    constexpr Purpose encrypt = Purpose::encrypt;
    const Row rows[] = {
        {encrypt, 400, "missing plaintext to encrypt", Next::give_up, refused},
        {encrypt, 400, "illegal base64 data at input byte 3", Next::give_up, refused},
        {encrypt, 400, "error converting input [QQ==] for field \"plaintext\": '' expected type 'string'",
         Next::give_up, refused},
        {encrypt, 400, "requested version for encryption is higher than the latest key version",
         Next::give_up, invalid_input, some},
        {encrypt, 400, "requested version for encryption is negative", Next::give_up, invalid_input, some},
        {encrypt, 400, "requested version for encryption is less than the minimum encryption key version",
         Next::give_up, invalid_input, some},
        {encrypt, 400, "missing 'context' for key derivation; the key was created using a derived key",
         Next::give_up, invalid_input, some},
        {encrypt, 400, "message encryption not supported for key type ecdsa-p256", Next::give_up, unsupported,
         some},
        {encrypt, 400, "refusing to use soft-deleted key", Next::give_up, refused, some},
        {encrypt, 400, "cannot write to a path ending in '/'", Next::give_up, refused},
        {encrypt, 400, "failed to parse JSON input: invalid character 'p' looking for beginning of value",
         Next::give_up, refused},
        {encrypt, 400, "context should be set either in all the request blocks or in none", Next::give_up,
         refused},
        {encrypt, 400, "missing batch input to process", Next::give_up, refused},
        // Its length will not change.
        {encrypt, 500,
         "1 error occurred:\n\t* failed to RSA encrypt the plaintext: crypto/rsa: message too long for RSA "
         "public "
         "key size\n\n",
         Next::split, invalid_input, some},
        {encrypt, 500,
         "1 error occurred:\n\t* failed to parse batch input: '[0].plaintext' missing plaintext to "
         "encrypt\n\n",
         Next::give_up, ErrorKind::internal, some},
        {encrypt, 404, "", Next::give_up, not_found, some},
    };
    check_rows(rows);
  }

  TEST_CASE("decrypt and rewrap") {
    constexpr Purpose decrypt = Purpose::decrypt;
    const Row rows[] = {
        {decrypt, 400, "missing ciphertext to decrypt", Next::split, corrupt, some},
        {decrypt, 400, "invalid ciphertext: no prefix", Next::split, corrupt, some},
        {decrypt, 400, "invalid ciphertext: wrong number of fields", Next::split, corrupt, some},
        {decrypt, 400, "invalid ciphertext: version number could not be decoded", Next::split, corrupt, some},
        {decrypt, 400, "invalid ciphertext: could not decode base64", Next::split, corrupt, some},
        {decrypt, 400, "invalid ciphertext length", Next::split, corrupt, some},
        {decrypt, 400, "invalid ciphertext: version is too new", Next::split, refused, some},
        {decrypt, 400, "ciphertext or signature version is disallowed by policy (too old)", Next::split,
         refused, some},
        // The tag: 1.1 to 1.5; 1.6 to 1.9; 1.10 and later, and OpenBao.
        {decrypt, 400, "invalid ciphertext: unable to decrypt", Next::split, corrupt, some},
        {decrypt, 500, "1 error occurred:\n\t* cipher: message authentication failed\n\n", Next::split,
         corrupt, some},
        {decrypt, 400, "cipher: message authentication failed", Next::split, corrupt, some},
        {decrypt, 400, "chacha20poly1305: message authentication failed", Next::split, corrupt, some},
        {decrypt, 500,
         "1 error occurred:\n\t* failed to RSA decrypt the ciphertext: crypto/rsa: decryption error\n\n",
         Next::split, corrupt, some},
        {decrypt, 400, "encryption key not found", Next::give_up, not_found, some},
        {decrypt, 400, "missing 'context' for key derivation; the key was created using a derived key",
         Next::give_up, invalid_input, some},
        {decrypt, 400, "message decryption not supported for key type ecdsa-p256", Next::give_up, unsupported,
         some},
        {decrypt, 400, "requested version for encryption is higher than the latest key version",
         Next::give_up, invalid_input, some},
        {decrypt, 500,
         "1 error occurred:\n\t* failed to parse batch input: 1 error(s) decoding:\n\n* '[0].ciphertext' "
         "expected "
         "type 'string', got unconvertible type 'float64'\n\n",
         Next::give_up, ErrorKind::internal, some},
        {decrypt, 404, "", Next::give_up, not_found, some},
    };
    check_rows(rows);
  }

  TEST_CASE("requests that are too much") {
    for (const Purpose purpose : {Purpose::encrypt, Purpose::decrypt}) {
      const Row rows[] = {
          {purpose, 413, "failed to parse JSON input: http: request body too large", Next::split, refused,
           some},
          {purpose, 413, "error parsing JSON", Next::split, refused, some},
          {purpose, 413, "", Next::split, refused, some},
          {purpose, 400, "error parsing JSON", Next::split, refused, some},
          {purpose, 400, "refused JSON input due to high complexity: too many strings", Next::split, refused,
           some},
      };
      check_rows(rows);
    }
  }

  TEST_CASE("keys") {
    const Row rows[] = {
        {Purpose::key, 404, "no existing key named fs could be found", Next::give_up, not_found, some},
        {Purpose::key, 400, "no existing key named fs could be found", Next::give_up, not_found, some},
    };
    check_rows(rows);
    // The one clear sign of a missing key.
    for (const std::string_view body : {"{\"errors\":[]}\n", "{\"errors\":null}"}) {
      const Verdict missing = judged(Purpose::key, 404, body);
      CHECK(missing.next == Next::give_up);
      CHECK(missing.error.kind == not_found);
      CHECK(missing.error.what.find("no such key") != std::string::npos);
      CHECK_FALSE(missing.error.advice.empty());
    }
    // Something that is not Vault: whether there is a key is not known.
    for (const std::string_view body : {"", "404 page not found\n", "<html></html>", "[]"})
      CHECK(judged(Purpose::key, 404, body).error.what.find("no such key") == std::string::npos);
  }

  TEST_CASE("logins") {
    constexpr Purpose login = Purpose::login;
    const Row rows[] = {
        {login, 400, "invalid secret id", Next::give_up, refused, some},
        {login, 400, "invalid role ID", Next::give_up, refused, some},
        {login, 400, "invalid role or secret ID", Next::give_up, refused, some},
        {login, 400, "missing role_id", Next::give_up, refused, some},
        {login, 400, "missing secret_id", Next::give_up, refused, some},
        {login, 400, "invalid username or password", Next::give_up, refused, some},
        {login, 400, "source address \"127.0.0.1\" unauthorized by CIDR restrictions on the role: <nil>",
         Next::give_up, refused, some},
        // The auth path is not mounted; V1.10 and later say 403, as they do when logins are locked.
        {login, 400, "missing client token", Next::give_up, not_found, some},
        {login, 403, "permission denied", Next::give_up, refused, some},
        {login, 403, listed("permission denied"), Next::give_up, refused, some},
        {login, 400, "", Next::give_up, refused, some},
    };
    check_rows(rows);
  }

  TEST_CASE("wrapped secret ids") {
    constexpr Purpose unwrap = Purpose::unwrap;
    const Row rows[] = {
        {unwrap, 400, "wrapping token is not valid or does not exist", Next::give_up, refused, some},
        {unwrap, 400, "error validating wrapping token: token is empty", Next::give_up, refused, some},
        {unwrap, 400, "missing client token", Next::log_in, refused, some},
        {unwrap, 403, "permission denied", Next::give_up, refused, some},
    };
    check_rows(rows);
    const std::string advice =
        judged(unwrap, 400, errors("wrapping token is not valid or does not exist")).error.advice;
    CHECK(advice.find("somebody else") != std::string::npos);  // it may be theft
  }

  TEST_CASE("health") {
    for (const int status : {429, 472, 473, 501, 503}) {
      CAPTURE(status);
      CHECK(judged(Purpose::health, status, R"({"initialized":true,"sealed":true,"standby":true})").next ==
            Next::take);
      // A load balancer that finds no server says nothing about one.
      const Verdict verdict = judged(Purpose::health, status, "<html>no server is available</html>");
      CHECK(verdict.next == Next::retry);
      CHECK(verdict.error.kind == unreachable);
    }
    check_verdict({Purpose::health, 400, "", Next::give_up, refused},
                  judged(Purpose::health, 400, R"({"errors":[]})"));
  }

  TEST_CASE("standbys") {
    for (const Purpose purpose : all_purposes) {
      auto response = test::response(307, "");
      response.location = "https://b:8200/v1/x";
      check_verdict({purpose, 307, "", Next::redirect, unreachable}, judged(purpose, response));
      // It does not know whom to name: another address may.
      response.location.reset();
      check_verdict({purpose, 307, "", Next::retry, unreachable}, judged(purpose, response));
    }
  }

  TEST_CASE("batch results are taken whatever the status") {
    constexpr std::string_view body = R"({"request_id":"1","data":{"batch_results":[{"error":"x"},{}]}})";
    for (const int status : {400, 403, 404, 422, 500, 503}) {
      CHECK(judged(Purpose::encrypt, status, body).next == Next::take);
      CHECK(judged(Purpose::decrypt, status, body).next == Next::take);
      // Nothing that has items was asked.
      CHECK(judged(Purpose::login, status, body).next != Next::take);
      CHECK(judged(Purpose::token, status, body).next != Next::take);
    }
    CHECK(judged(Purpose::decrypt, 403, R"({"errors":["permission denied"],"data":{"batch_results":null}})")
              .next == Next::log_in);
  }

  TEST_CASE("answers that are not JSON") {
    const Verdict plain = judged(Purpose::key, 400, "Client sent an HTTP request to an HTTPS server.\n");
    CHECK(plain.next == Next::give_up);
    CHECK(plain.error.kind == unreachable);
    CHECK(plain.error.advice.find("https://") != std::string::npos);

    const Verdict page = judged(Purpose::decrypt, 502, "<html>\x1b[2J\r\nBad Gateway\xff</html>");
    CHECK(page.next == Next::retry);
    CHECK(page.error.refusal->message.find("Bad Gateway") != std::string::npos);
    CHECK(is_one_clean_line(page.error.refusal->message));

    CHECK(judged(Purpose::decrypt, 502, "").error.refusal->message.empty());
    CHECK(judged(Purpose::decrypt, 502, std::string(100'000, 'x')).error.refusal->message.size() <= 400);
  }

  TEST_CASE("what looks like a damaged answer is not shown, for there may be a key in it") {
    constexpr std::string_view damaged = R"( {"data":{"batch_results":[{"plaintext":"c2VjcmV0"})";
    CHECK(errors_of(bytes_of(damaged)).empty());
    const Verdict verdict = judged(Purpose::decrypt, 400, damaged);
    CHECK(verdict.next == Next::give_up);
    CHECK(describe(verdict.error).find("c2VjcmV0") == std::string::npos);
    CHECK(errors_of(bytes_of("[{\"plaintext\":\"c2VjcmV0\"")).empty());
    CHECK(errors_of(bytes_of("\xef\xbb\xbf{\"plaintext\":\"c2VjcmV0\"}")).empty());
    CHECK(errors_of(bytes_of("\"c2VjcmV0\" x")).empty());
  }

  TEST_CASE("the server's words") {
    using Words = std::vector<std::string>;
    CHECK(errors_of(bytes_of(R"({"errors":[]})")) == Words{});
    CHECK(errors_of(bytes_of(R"({"errors":null})")) == Words{});
    CHECK(errors_of(bytes_of(R"({"errors":"x"})")) == Words{});
    CHECK(errors_of(bytes_of(R"({"errors":["a",7,null,"b"]})")) == Words{"a", "b"});
    CHECK(errors_of(bytes_of(R"({"errors":["1 error occurred:\n\t* permission denied\n\n"]})")) ==
          Words{"permission denied"});
    CHECK(errors_of(bytes_of(
              R"({"errors":["2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"]})")) ==
          Words{"permission denied; invalid token"});
    CHECK(errors_of(bytes_of(R"({"errors":["\u001b]0;title\u0007\u202e\r\n"]})")) == Words{"?]0;title????"});
    CHECK(errors_of(bytes_of("not JSON\n")) == Words{"not JSON?"});
    CHECK(errors_of({}) == Words{});

    CHECK(warnings_of(bytes_of(R"({"data":{},"warnings":null})")) == Words{});
    CHECK(warnings_of(bytes_of(R"({"warnings":["TTL of \"3s\" exceeded","\u001b[2J"]})")) ==
          Words{"TTL of \"3s\" exceeded", "?[2J"});
    CHECK(warnings_of(bytes_of("<html>")) == Words{});
  }

  TEST_CASE("no words of a server reach a terminal as they are") {
    constexpr std::string_view hostile = "\x1b]0;owned\x07 \r\n\t* x\n\t* \x1b[2J\xe2\x80\xae\x9b\x7f";
    constexpr std::string_view as_json =
        R"({"errors":["\u001b]0;owned\u0007 \r\n\t* x\n\t* \u001b[2J\u202e\u009b\u007f"]})";
    for (const Purpose purpose : all_purposes)
      for (const int status : {301, 307, 400, 403, 404, 405, 412, 413, 429, 500, 503, 999}) {
        CAPTURE(status);
        for (const std::string_view body : {as_json, hostile}) {
          const Verdict verdict = judged(purpose, status, body);
          REQUIRE(verdict.error.refusal);
          CHECK(is_one_clean_line(verdict.error.what));
          CHECK(is_one_clean_line(verdict.error.advice));
          CHECK(is_one_clean_line(verdict.error.refusal->message));
        }
      }
    CHECK(is_one_clean_line(item_error(hostile, 200).refusal->message));
    CHECK(is_one_clean_line(item_error(hostile, 200).what));
  }

  TEST_CASE("errors of items") {
    const Error tag = item_error("cipher: message authentication failed", 400);
    CHECK(tag.kind == corrupt);
    CHECK_FALSE(tag.advice.empty());
    REQUIRE(tag.refusal);
    CHECK(tag.refusal->status == 400);
    CHECK(tag.refusal->message == "cipher: message authentication failed");
    CHECK(item_error("", 200).kind == refused);
    CHECK(item_error("nobody knows", 200).kind == refused);
  }

  TEST_CASE("what a lagging standby may say") {
    CHECK(is_lag(item_error("invalid ciphertext: version is too new", 200)));
    CHECK(is_lag(judged(Purpose::decrypt, 400, errors("invalid ciphertext: version is too new")).error));
    CHECK(is_lag(judged(Purpose::decrypt, 400, errors("encryption key not found")).error));
    CHECK_FALSE(is_lag(item_error("ciphertext or signature version is disallowed by policy (too old)", 200)));
    CHECK_FALSE(is_lag(judged(Purpose::decrypt, 403, errors("permission denied")).error));
    CHECK_FALSE(is_lag(Error{}));
  }
}
