#include <algorithm>

#include <tests/vault/support.h>
#include <vault/transit.h>

using namespace keyway;
using namespace keyway::vault;
using namespace keyway::test;

namespace {

const TransitKey fs{"transit", "fs"};

PlainItem plain(std::string_view text, std::string_view context = {}, std::string_view associated = {}) {
  return {bytes_of(text), bytes_of(context), bytes_of(associated)};
}

CipherItem cipher(std::string_view text, std::string_view context = {}, std::string_view associated = {}) {
  return {text, bytes_of(context), bytes_of(associated)};
}

void check_asks(const Result<Question>& question, Purpose purpose, std::string_view path,
                std::string_view body) {
  REQUIRE_MESSAGE(question, (question ? "" : describe(question.error())));
  CHECK(question->purpose == purpose);
  CHECK(question->path == path);
  CHECK(body_of(*question) == body);
  CHECK(question->method == (body.empty() ? http::Method::get : http::Method::post));
  CHECK(question->who == Question::Who::session);
  CHECK(question->in_namespace);
  CHECK(question->is_safe_to_repeat);
  // One server uses a caller's nonce, which breaks the cipher, and hangs when its length is wrong.
  CHECK(body_of(*question).find("nonce") == std::string::npos);
}

template <class T>
void check_fails(const Result<T>& result, ErrorKind kind) {
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == kind);
  CHECK_FALSE(result.error().what.empty());
}

}  // namespace

TEST_SUITE("vault/transit: requests") {
  TEST_CASE("encrypt") {
    struct Row {
      std::vector<PlainItem> items;
      std::int64_t key_version;
      std::string_view body;
    };
    const Row rows[] = {
        {{plain("ABC")}, 0, R"({"plaintext":"QUJD"})"},
        {{plain("")}, 0, R"({"plaintext":""})"},
        {{plain("A")}, 0, R"({"plaintext":"QQ=="})"},
        {{plain("\xff\xfe\xfd")}, 0, R"({"plaintext":"//79"})"},
        {{plain("ABC")}, 7, R"({"plaintext":"QUJD","key_version":7})"},
        {{plain("ABC", "c")}, 0, R"({"plaintext":"QUJD","context":"Yw=="})"},
        {{plain("ABC", {}, "ad")}, 0, R"({"plaintext":"QUJD","associated_data":"YWQ="})"},
        {{plain("ABC", "c", "ad")},
         9'223'372'036'854'775'807,
         R"({"plaintext":"QUJD","context":"Yw==","associated_data":"YWQ=","key_version":9223372036854775807})"},
        {{plain("ABC"), plain("A")}, 0, R"({"batch_input":[{"plaintext":"QUJD"},{"plaintext":"QQ=="}]})"},
        // Beside batch_input a version would be ignored.
        {{plain("ABC", "c"), plain("A", "d")},
         2,
         R"({"batch_input":[{"plaintext":"QUJD","context":"Yw==","key_version":2},)"
         R"({"plaintext":"QQ==","context":"ZA==","key_version":2}]})"},
        {{plain("ABC", {}, "ad"), plain("A")},
         0,
         R"({"batch_input":[{"plaintext":"QUJD","associated_data":"YWQ="},{"plaintext":"QQ=="}]})"},
    };
    for (const Row& row : rows) {
      CAPTURE(row.body);
      check_asks(ask_encrypt(fs, row.items, row.key_version), Purpose::encrypt, "/v1/transit/encrypt/fs",
                 row.body);
    }
  }

  TEST_CASE("decrypt and rewrap") {
    struct Row {
      std::vector<CipherItem> items;
      std::int64_t key_version;
      std::string_view decrypt_body;  // has no key version
      std::string_view rewrap_body;
    };
    const Row rows[] = {
        {{cipher("vault:v1:AA==")},
         0,
         R"({"ciphertext":"vault:v1:AA=="})",
         R"({"ciphertext":"vault:v1:AA=="})"},
        {{cipher("vault:v1:AA==", "c")},
         3,
         R"({"ciphertext":"vault:v1:AA==","context":"Yw=="})",
         R"({"ciphertext":"vault:v1:AA==","context":"Yw==","key_version":3})"},
        {{cipher("vault:v1:AA=="), cipher("vault:v2:BB==")},
         0,
         R"({"batch_input":[{"ciphertext":"vault:v1:AA=="},{"ciphertext":"vault:v2:BB=="}]})",
         R"({"batch_input":[{"ciphertext":"vault:v1:AA=="},{"ciphertext":"vault:v2:BB=="}]})"},
        {{cipher("vault:v1:AA==", "c"), cipher("\"\\\n", "d")},
         4,
         R"({"batch_input":[{"ciphertext":"vault:v1:AA==","context":"Yw=="},)"
         R"({"ciphertext":"\"\\\u000a","context":"ZA=="}]})",
         R"({"batch_input":[{"ciphertext":"vault:v1:AA==","context":"Yw==","key_version":4},)"
         R"({"ciphertext":"\"\\\u000a","context":"ZA==","key_version":4}]})"},
    };
    for (const Row& row : rows) {
      CAPTURE(row.rewrap_body);
      check_asks(ask_decrypt(fs, row.items), Purpose::decrypt, "/v1/transit/decrypt/fs", row.decrypt_body);
      check_asks(ask_rewrap(fs, row.items, row.key_version), Purpose::decrypt, "/v1/transit/rewrap/fs",
                 row.rewrap_body);
    }
    const CipherItem bound[] = {cipher("vault:v1:AA==", {}, "ad")};
    check_asks(ask_decrypt(fs, bound), Purpose::decrypt, "/v1/transit/decrypt/fs",
               R"({"ciphertext":"vault:v1:AA==","associated_data":"YWQ="})");
    check_fails(ask_rewrap(fs, bound), ErrorKind::unsupported);
  }

  TEST_CASE("keys and data keys") {
    check_asks(ask_key(fs), Purpose::key, "/v1/transit/keys/fs", "");
    check_asks(ask_data_key(fs, 256, {}, true), Purpose::encrypt, "/v1/transit/datakey/plaintext/fs",
               R"({"bits":256})");
    check_asks(ask_data_key(fs, 128, bytes_of("c"), false), Purpose::encrypt,
               "/v1/transit/datakey/wrapped/fs", R"({"bits":128,"context":"Yw=="})");
    for (const unsigned bits : {0U, 1U, 192U, 257U, 4096U})
      check_fails(ask_data_key(fs, bits, {}, true), ErrorKind::invalid_input);
  }

  TEST_CASE("what cannot be asked") {
    const PlainItem mixed[] = {plain("A", "c"), plain("B")};
    check_fails(ask_encrypt(fs, mixed), ErrorKind::invalid_input);
    const PlainItem mixed_later[] = {plain("A"), plain("B"), plain("C", "c")};
    check_fails(ask_encrypt(fs, mixed_later), ErrorKind::invalid_input);
    const CipherItem mixed_ciphers[] = {cipher("vault:v1:AA=="), cipher("vault:v1:AA==", "c")};
    check_fails(ask_decrypt(fs, mixed_ciphers), ErrorKind::invalid_input);
    check_fails(ask_rewrap(fs, mixed_ciphers), ErrorKind::invalid_input);
    check_fails(ask_encrypt(fs, {}), ErrorKind::internal);
    // The latest is 0; anything below would silently be the latest as well.
    const PlainItem one[] = {plain("A")};
    check_fails(ask_encrypt(fs, one, -1), ErrorKind::invalid_input);
    const CipherItem one_cipher[] = {cipher("vault:v1:AA==")};
    check_fails(ask_rewrap(fs, one_cipher, -1), ErrorKind::invalid_input);
    const CipherItem no_text[] = {cipher("vault:v1:\xff")};
    check_fails(ask_decrypt(fs, no_text), ErrorKind::invalid_input);
    CHECK(ask_decrypt(fs, no_text).error().what.find('\xff') == std::string::npos);
  }

  TEST_CASE("mounts and names in paths") {
    struct Row {
      TransitKey key;
      std::string_view path;  // empty: refused
    };
    const Row rows[] = {
        {{"transit", "fs"}, "/v1/transit/keys/fs"},
        {{"tenants/a/transit", "fs"}, "/v1/tenants/a/transit/keys/fs"},
        {{"/transit/", "fs"}, "/v1/transit/keys/fs"},
        {{"//transit//b", "fs"}, "/v1/transit/b/keys/fs"},
        {{"my transit", "fs"}, "/v1/my%20transit/keys/fs"},
        {{"transit", "a.b-c_D9"}, "/v1/transit/keys/a.b-c_D9"},
        {{"transit", "_"}, "/v1/transit/keys/_"},
        {{"transit", "a..b"}, "/v1/transit/keys/a..b"},
        {{"", "fs"}, ""},
        {{"/", "fs"}, ""},
        {{"..", "fs"}, ""},
        {{"transit/../sys", "fs"}, ""},
        {{"transit/./a", "fs"}, ""},
        {{"tran\nsit", "fs"}, ""},
        {{"transit", ""}, ""},
        {{"transit", "-fs"}, ""},
        {{"transit", "fs-"}, ""},
        {{"transit", ".fs"}, ""},
        {{"transit", "fs."}, ""},
        {{"transit", "."}, ""},
        {{"transit", ".."}, ""},
        {{"transit", "a/b"}, ""},
        {{"transit", "a b"}, ""},
        {{"transit", "a%2fb"}, ""},
        {{"transit", "a\nb"}, ""},
        {{"transit", "a\x1b[31mb"}, ""},
        {{"transit", "\xc3\xa4"}, ""},
        {{"transit", std::string("a\0b", 3)}, ""},
    };
    for (const Row& row : rows) {
      CAPTURE(row.key.mount);
      CAPTURE(row.key.name);
      const auto question = ask_key(row.key);
      CHECK(check_key(row.key).has_value() == question.has_value());
      if (!row.path.empty()) {
        check_asks(question, Purpose::key, row.path, "");
        continue;
      }
      check_fails(question, ErrorKind::invalid_input);
      CHECK(is_one_clean_line(question.error().what));
      if (row.key.mount == "transit") CHECK_FALSE(question.error().advice.empty());
    }
    CHECK(check_key({"transit", std::string(300, 'a')}));
  }

  TEST_CASE("how many fit into one request") {
    const std::vector<PlainItem> bare(2000, plain("0123456789abcdef0123456789abcdef"));
    CHECK(fitting(bare, 200) == 200);
    CHECK(fitting(bare, 0) == 1);
    CHECK(fitting(std::span<const PlainItem>(bare).first(3), 200) == 3);
    CHECK(fitting(std::span<const PlainItem>(), 200) == 0);
    const std::vector<PlainItem> full(2000, plain("k", "c", "ad"));
    const std::vector<CipherItem> ciphers(2000, cipher("vault:v1:AA==", "c"));

    const auto strings_of = [](const Result<Question>& question) {
      REQUIRE(question);
      const std::string body = body_of(*question);
      return static_cast<std::size_t>(std::ranges::count(body, '"')) / 2;
    };
    const auto asked = [](const auto& items) { return std::span(items).first(fitting(items, 100'000)); };
    CHECK(strings_of(ask_encrypt(fs, asked(bare), 5)) < 1000);
    CHECK(strings_of(ask_encrypt(fs, asked(full), 5)) < 1000);
    CHECK(strings_of(ask_rewrap(fs, asked(ciphers), 5)) < 1000);
    CHECK(asked(bare).size() > 300);
    CHECK(asked(full).size() > 100);
  }

  TEST_CASE("bytes that fit into one request") {
    const std::string mebibyte(1 << 20, 'x');
    const std::string quotes(1 << 20, '"');
    const std::string controls(1 << 20, '\n');
    const std::vector<PlainItem> plaintexts(40, plain(mebibyte));
    const std::vector<PlainItem> contexts(40, plain("k", mebibyte, mebibyte));
    const auto check_size = [](const Result<Question>& question) {
      REQUIRE(question);
      CHECK(question->body.size() <= largest_body);
      CHECK(question->body.size() > largest_body / 2);
    };
    check_size(ask_encrypt(fs, std::span(plaintexts).first(fitting(plaintexts, 200))));
    check_size(ask_encrypt(fs, std::span(contexts).first(fitting(contexts, 200))));
    for (const std::string* text : {&mebibyte, &quotes, &controls}) {
      const std::vector<CipherItem> ciphers(40, cipher(*text));
      check_size(ask_decrypt(fs, std::span(ciphers).first(fitting(ciphers, 200))));
    }
    // What is too large by itself goes by itself: the server says so, and nothing else is held up.
    const std::string huge(20 << 20, 'x');
    const PlainItem items[] = {plain(huge), plain("k")};
    CHECK(fitting(items, 200) == 1);
    const PlainItem last[] = {plain("k"), plain(huge)};
    CHECK(fitting(last, 200) == 1);
  }

  TEST_CASE("versions of ciphertexts") {
    struct Row {
      std::string_view text;
      std::int64_t version;  // 0: none
    };
    const Row rows[] = {
        {"vault:v1:AA==", 1},
        {"vault:v10:AA==", 10},
        {"vault:v0:AA==", 1},  // as the servers read it
        {"vault:v9223372036854775807:AA==", 9'223'372'036'854'775'807},
        {"vault:v1:AA==\n", 1},  // which the servers take as well
        {"vault:v1:A\r\nA==", 1},
        {"vault:v9223372036854775808:AA==", 0},
        {"vault:v99999999999999999999999999:AA==", 0},
        {"vault:v-1:AA==", 0},
        {"vault:v-0:AA==", 0},
        {"vault:v+1:AA==", 0},
        {"vault:v 1:AA==", 0},
        {"vault:v:AA==", 0},
        {"vault:v1", 0},
        {"vault:v1:", 0},
        {"vault:v1;AA==", 0},
        {"vault:v1.0:AA==", 0},
        {"vault:v0x1:AA==", 0},
        {"vault:1:AA==", 0},
        {"VAULT:v1:AA==", 0},
        {" vault:v1:AA==", 0},
        {"vault:v1:AA== ", 0},
        {"vault:v1:AA==:x", 0},
        {"vault:v1:\x1b[31m", 0},
        {"vault:v1:\xff\xff", 0},
        {"vault:v1:A-_=", 0},
        {"v1:AA==", 0},
        {"", 0},
    };
    for (const Row& row : rows) {
      CAPTURE(row.text);
      const auto version = version_of(row.text);
      if (row.version == 0)
        check_fails(version, ErrorKind::corrupt);
      else
        CHECK(version.value_or(-1) == row.version);
    }
  }
}
