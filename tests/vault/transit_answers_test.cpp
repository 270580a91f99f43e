#include <optional>

#include <tests/vault/support.h>
#include <vault/transit.h>

using namespace keyway;
using namespace keyway::vault;
using namespace keyway::test;

namespace {

// An answer of a server around `data`, as 1.2 and 1.8 write it.
std::string envelope(std::string_view data) {
  return fmt::format(R"({{"request_id":"d0c5","lease_id":"","renewable":false,"lease_duration":0,"data":{},)"
                     R"("wrap_info":null,"warnings":null,"auth":null}})"
                     "\n",
                     data);
}

std::string batch(std::string_view results) {
  return envelope(fmt::format(R"({{"batch_results":{}}})", results));
}

// What is expected of one item: its text, or the kind of its error.
struct Expected {
  std::optional<std::string_view> text;
  ErrorKind kind = ErrorKind::internal;
};

Expected is(std::string_view text) { return {text, {}}; }
Expected fails(ErrorKind kind) { return {std::nullopt, kind}; }

std::string text_of_item(const Secret& plaintext) { return std::string(plaintext.reveal_text()); }
std::string text_of_item(const Ciphertext& item) { return fmt::format("{} {}", item.text, item.key_version); }

template <class T>
void check_item(const Result<T>& item, const Expected& expected) {
  if (expected.text) {
    REQUIRE_MESSAGE(item, (item ? "" : describe(item.error())));
    CHECK(text_of_item(*item) == *expected.text);
    return;
  }
  REQUIRE_FALSE(item);
  CHECK(item.error().kind == expected.kind);
  CHECK(is_one_clean_line(describe(item.error())));
}

template <class T>
void check_items(const Result<Each<T>>& answers, const std::vector<Expected>& expected) {
  REQUIRE_MESSAGE(answers, (answers ? "" : describe(answers.error())));
  REQUIRE(answers->size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    check_item((*answers)[i], expected[i]);
  }
}

template <class T>
void check_no_answer(const Result<T>& answer) {
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::corrupt);
  CHECK_FALSE(answer.error().advice.empty());
  CHECK(is_one_clean_line(describe(answer.error())));
}

// Bodies that are no answer to anything.
constexpr std::string_view no_answers[] = {
    "",
    " ",
    "null",
    "[]",
    "{}",
    "\"data\"",
    "{",
    "<html><body>Bad Gateway</body></html>",
    "{\"data\":null}",
    "{\"data\":[]}",
    "{\"data\":\"vault:v1:AA==\"}",
    "{\"data\":7}",
    "{\"DATA\":{\"plaintext\":\"QQ==\"}}",
    "{\"data\":{\"plaintext\":\"QQ==\"}} more",
    "\xef\xbb\xbf{\"data\":{}}",
    "{\"data\":{\"plaintext\":\"\xff\"}}",
};

// Wrapped instead of answered.
constexpr std::string_view wrapped =
    R"({"request_id":"","data":null,"wrap_info":{"token":"s.x","ttl":60},"warnings":null,"auth":null})";

}  // namespace

TEST_SUITE("vault/transit: answers") {
  TEST_CASE("a ciphertext") {
    struct Row {
      std::string_view data;
      Expected expected;
    };
    const Row rows[] = {
        {R"({"ciphertext":"vault:v1:AA=="})", is("vault:v1:AA== 1")},  // 1.2
        {R"({"ciphertext":"vault:v3:AA==","key_version":3})", is("vault:v3:AA== 3")},
        {R"({"ciphertext":"vault:v3:AA==","key_version":0,"new":[{}]})", is("vault:v3:AA== 3")},
        {R"({"ciphertext":"vault:v3:AA==","key_version":null})", is("vault:v3:AA== 3")},
        {R"({"ciphertext":"vault:v3:AA\u003d\u003d"})", is("vault:v3:AA== 3")},
        {R"({"ciphertext":"x","ciphertext":"vault:v4:AA=="})", is("vault:v4:AA== 4")},  // the last counts
        {R"({"ciphertext":"vault:v99999999999999999999:AA=="})", fails(ErrorKind::corrupt)},
        {R"({"ciphertext":"vault:v1:\u001b[31m"})", fails(ErrorKind::corrupt)},
        {R"({"ciphertext":""})", fails(ErrorKind::corrupt)},
        {R"({"ciphertext":null})", fails(ErrorKind::corrupt)},
        {R"({"ciphertext":["vault:v1:AA=="]})", fails(ErrorKind::corrupt)},
        {R"({"plaintext":"QQ=="})", fails(ErrorKind::corrupt)},
        {R"({})", fails(ErrorKind::corrupt)},
    };
    for (const Row& row : rows) {
      CAPTURE(row.data);
      check_items(read_ciphertexts(bytes_of(envelope(row.data)), 1, false), {row.expected});
    }
  }

  TEST_CASE("a plaintext") {
    struct Row {
      std::string_view data;
      Expected expected;
    };
    const Row rows[] = {
        {R"({"plaintext":"QUJD"})", is("ABC")},
        {R"({"plaintext":"QUJD","reference":"","later":{}})", is("ABC")},
        {R"({"plaintext":"\u0051UJD"})", is("ABC")},
        {R"({"plaintext":""})", is("")},
        // All servers have the field when one item is asked for by itself.
        {R"({})", fails(ErrorKind::corrupt)},
        {R"({"ciphertext":"vault:v1:AA=="})", fails(ErrorKind::corrupt)},
        {R"({"plaintext":null})", fails(ErrorKind::corrupt)},
        {R"({"plaintext":0})", fails(ErrorKind::corrupt)},
        {R"({"plaintext":["QUJD"]})", fails(ErrorKind::corrupt)},
        {R"({"plaintext":{"":"QUJD"}})", fails(ErrorKind::corrupt)},
        // Nothing is wrong with what the caller gave.
        {R"({"plaintext":"QUJ"})", fails(ErrorKind::corrupt)},
        {R"({"plaintext":"QUJD\n"})", fails(ErrorKind::corrupt)},
        {R"({"plaintext":"QU-_"})", fails(ErrorKind::corrupt)},
    };
    for (const Row& row : rows) {
      CAPTURE(row.data);
      check_items(read_plaintexts(bytes_of(envelope(row.data)), 1, false), {row.expected});
    }
  }

  TEST_CASE("a batch of plaintexts") {
    const Expected tag = fails(ErrorKind::corrupt);
    struct Row {
      std::string_view about, results;
      std::vector<Expected> expected;
    };
    const Row rows[] = {
        {"all good", R"([{"plaintext":"QQ=="},{"plaintext":"Qg=="}])", {is("A"), is("B")}},
        {"empty, 1.2", R"([{"plaintext":"QQ=="},{}])", {is("A"), is("")}},
        {"empty, 1.8", R"([{"plaintext":"QQ=="},{"plaintext":""}])", {is("A"), is("")}},
        {"empty, 1.13 and OpenBao",
         R"([{"plaintext":"","reference":""},{"plaintext":"","reference":"r"}])",
         {is(""), is("")}},
        {"failed, 1.2",
         R"([{"error":"invalid ciphertext: unable to decrypt"},{"plaintext":"Qg=="}])",
         {tag, is("B")}},
        {"failed, 1.8",
         R"([{"plaintext":"","error":"invalid ciphertext: no prefix"},{"plaintext":"Qg=="}])",
         {tag, is("B")}},
        {"failed, 1.10 and OpenBao",
         R"([{"plaintext":"","error":"cipher: message authentication failed","reference":""},)"
         R"({"plaintext":"Qg==","reference":""}])",
         {tag, is("B")}},
        {"too old",
         R"x([{"error":"ciphertext or signature version is disallowed by policy (too old)"},{}])x",
         {fails(ErrorKind::refused), is("")}},
        {"too new",
         R"([{"error":"invalid ciphertext: version is too new"},{}])",
         {fails(ErrorKind::refused), is("")}},
        {"all failed",
         R"([{"error":"missing ciphertext to decrypt"},{"error":"invalid ciphertext length"}])",
         {tag, tag}},
        {"an error nobody knows",
         R"([{"error":"the moon is full"},{"plaintext":"Qg=="}])",
         {fails(ErrorKind::refused), is("B")}},
        {"an empty error is none",
         R"([{"plaintext":"QQ==","error":""},{"plaintext":"Qg==","error":null}])",
         {is("A"), is("B")}},
        {"an error decides",
         R"([{"plaintext":"QQ==","error":"no"},{"plaintext":"Qg=="}])",
         {fails(ErrorKind::refused), is("B")}},
        {"an error that is no text",
         R"([{"plaintext":"QQ==","error":7},{"error":{"text":"no"}}])",
         {tag, tag}},
        {"control characters",
         R"([{"error":"\u001b]0;x\u0007\r\n\u202e"},{}])",
         {fails(ErrorKind::refused), is("")}},
        {"no objects", R"(["QQ==",null])", {tag, tag}},
        {"no texts", R"([{"plaintext":null},{"plaintext":7}])", {tag, tag}},
        {"no base64", R"([{"plaintext":"QQ"},{"plaintext":"Qg=="}])", {tag, is("B")}},
    };
    for (const Row& row : rows) {
      CAPTURE(row.about);
      check_items(read_plaintexts(bytes_of(batch(row.results)), row.expected.size(), true), row.expected);
    }
  }

  TEST_CASE("a batch of ciphertexts") {
    struct Row {
      std::string_view about, results;
      std::vector<Expected> expected;
    };
    const Row rows[] = {
        {"1.2",
         R"([{"ciphertext":"vault:v1:AA=="},{"ciphertext":"vault:v2:BB=="}])",
         {is("vault:v1:AA== 1"), is("vault:v2:BB== 2")}},
        {"1.5 to 1.7.2 tell another version",
         R"([{"ciphertext":"vault:v2:AA==","key_version":0},{"ciphertext":"vault:v2:BB==","key_version":7}])",
         {is("vault:v2:AA== 2"), is("vault:v2:BB== 2")}},
        {"one failed",
         R"([{"ciphertext":"vault:v1:AA=="},{"error":"illegal base64 data at input byte 3"}])",
         {is("vault:v1:AA== 1"), fails(ErrorKind::refused)}},
        {"an error decides",
         R"([{"ciphertext":"vault:v1:AA==","error":"requested version for encryption is)"
         R"( higher than the latest key version"},{"ciphertext":"vault:v1:BB=="}])",
         {fails(ErrorKind::invalid_input), is("vault:v1:BB== 1")}},
        {"nothing in it",
         R"([{},{"plaintext":"QQ=="}])",
         {fails(ErrorKind::corrupt), fails(ErrorKind::corrupt)}},
    };
    for (const Row& row : rows) {
      CAPTURE(row.about);
      check_items(read_ciphertexts(bytes_of(batch(row.results)), row.expected.size(), true), row.expected);
    }
  }

  TEST_CASE("a batch of another size or shape") {
    constexpr std::string_view results[] = {
        "[]",
        R"([{"plaintext":"QQ=="}])",
        R"([{"plaintext":"QQ=="},{"plaintext":"QQ=="},{"plaintext":"QQ=="}])",
        R"({"0":{"plaintext":"QQ=="},"1":{"plaintext":"QQ=="}})",
        R"("QQ==")",
        "null",
        "2",
    };
    for (const std::string_view text : results) {
      CAPTURE(text);
      check_no_answer(read_plaintexts(bytes_of(batch(text)), 2, true));
      check_no_answer(read_ciphertexts(bytes_of(batch(text)), 2, true));
    }
    check_no_answer(read_plaintexts(bytes_of(envelope(R"({"plaintext":"QQ=="})")), 2, true));
    // The last of two lists counts, so both must not be added up.
    check_no_answer(read_plaintexts(
        bytes_of(
            envelope(R"({"batch_results":[{"plaintext":"QQ=="}],"batch_results":[{"plaintext":"QQ=="}]})")),
        2, true));
  }

  TEST_CASE("what is no answer") {
    for (const std::string_view body : no_answers) {
      CAPTURE(body);
      check_no_answer(read_ciphertexts(bytes_of(body), 1, false));
      check_no_answer(read_plaintexts(bytes_of(body), 1, false));
      check_no_answer(read_ciphertexts(bytes_of(body), 2, true));
      check_no_answer(read_plaintexts(bytes_of(body), 2, true));
      check_no_answer(read_key_info(bytes_of(body)));
      check_no_answer(read_data_key(bytes_of(body), true));
      check_no_answer(read_data_key(bytes_of(body), false));
      CHECK_FALSE(has_batch_results(bytes_of(body)));
    }
    check_no_answer(read_ciphertexts(bytes_of(wrapped), 1, false));
    check_no_answer(read_plaintexts(bytes_of(wrapped), 2, true));
  }

  TEST_CASE("whether there is an answer for each item") {
    CHECK(has_batch_results(bytes_of(batch("[]"))));
    CHECK(has_batch_results(bytes_of(R"({"data":{"batch_results":[{}]}})")));
    CHECK_FALSE(has_batch_results(bytes_of(R"({"data":{"batch_results":null}})")));
    CHECK_FALSE(has_batch_results(bytes_of(R"({"data":{"batch_results":{}}})")));
    CHECK_FALSE(has_batch_results(bytes_of(R"({"batch_results":[]})")));
    CHECK_FALSE(has_batch_results(bytes_of(R"({"errors":["batch_results"]})")));
    CHECK_FALSE(has_batch_results(bytes_of(R"({"data":{"batch_results":[]})")));
  }

  TEST_CASE("a key as the server tells it") {
    const auto info = read_key_info(bytes_of(envelope(
        R"({"allow_plaintext_backup":false,"deletion_allowed":true,"derived":true,"exportable":true,)"
        R"("kdf":"hkdf_sha256","keys":{"1":1795310346,"2":1795310347},"latest_version":2,)"
        R"("min_available_version":1,"min_decryption_version":1,"min_encryption_version":2,"name":"fs",)"
        R"("soft_deleted":true,"supports_decryption":false,"supports_encryption":false,"type":"aes256-gcm96"})")));
    REQUIRE(info);
    CHECK(info->name == "fs");
    CHECK(info->type == "aes256-gcm96");
    CHECK(info->latest_version == 2);
    CHECK(info->min_decryption_version == 1);
    CHECK(info->min_encryption_version == 2);
    CHECK(info->min_available_version == 1);
    CHECK(info->created.value_or(0) == 1'795'310'346);
    CHECK(info->derived);
    CHECK(info->exportable);
    CHECK(info->deletion_allowed);
    CHECK(info->soft_deleted);
    CHECK_FALSE(info->supports_encryption);
    CHECK_FALSE(info->supports_decryption);
  }

  TEST_CASE("a key of which less is told") {
    const auto read = [](std::string_view more) {
      return read_key_info(bytes_of(
          envelope(fmt::format(R"({{"name":"fs","type":"t","latest_version":3,"min_decryption_version":2,)"
                               R"("min_encryption_version":0{}}})",
                               more))));
    };
    const auto least = read("");
    REQUIRE(least);
    CHECK(least->min_available_version == 0);
    CHECK_FALSE(least->created);
    CHECK_FALSE(least->derived);
    CHECK_FALSE(least->soft_deleted);
    CHECK(least->supports_encryption);
    CHECK(least->supports_decryption);
    // Version 1 is archived; or the key is asymmetric, and has an object there.
    CHECK_FALSE(read(R"(,"keys":{"2":1795310347,"3":1795310348})")->created);
    CHECK_FALSE(read(R"(,"keys":{"1":{"creation_time":"2026-11-22T01:19:06Z"}})")->created);
    CHECK_FALSE(read(R"(,"keys":null)")->created);
    CHECK_FALSE(read(R"(,"derived":"true")")->derived);
    // No server has such names; if one says so nevertheless, they can be shown.
    CHECK(is_one_clean_line(read(R"(,"name":"\u001b[31mfs","type":"\r\n")")->name));
    CHECK(is_one_clean_line(read(R"(,"name":"\u001b[31mfs","type":"\r\n")")->type));
  }

  TEST_CASE("a key whose description does not fit") {
    const std::string_view descriptions[] = {
        R"({"type":"t","latest_version":1,"min_decryption_version":1,"min_encryption_version":0})",
        R"({"name":"fs","latest_version":1,"min_decryption_version":1,"min_encryption_version":0})",
        R"({"name":"fs","type":"t","min_decryption_version":1,"min_encryption_version":0})",
        R"({"name":"fs","type":"t","latest_version":"1","min_decryption_version":1,"min_encryption_version":0})",
        R"({"name":"fs","type":"t","latest_version":1.5,"min_decryption_version":1,"min_encryption_version":0})",
        R"({"name":"fs","type":"t","latest_version":9223372036854775808,"min_decryption_version":1,)"
        R"("min_encryption_version":0})",
        R"({"name":"fs","type":"t","latest_version":0,"min_decryption_version":1,"min_encryption_version":0})",
        R"({"name":"fs","type":"t","latest_version":-1,"min_decryption_version":1,"min_encryption_version":0})",
        R"({"name":"fs","type":"t","latest_version":1,"min_encryption_version":0})",
        R"({"name":"fs","type":"t","latest_version":1,"min_decryption_version":1})",
        R"({"name":null,"type":"t","latest_version":1,"min_decryption_version":1,"min_encryption_version":0})",
        R"({"keys":["a","b"]})",  // a list of keys
    };
    for (const std::string_view data : descriptions) {
      CAPTURE(data);
      check_no_answer(read_key_info(bytes_of(envelope(data))));
    }
  }

  TEST_CASE("data keys") {
    const auto read = [](std::string_view data, bool with_plaintext) {
      return read_data_key(bytes_of(envelope(data)), with_plaintext);
    };
    const auto both = read(R"({"ciphertext":"vault:v2:AA==","key_version":2,"plaintext":"QUJD"})", true);
    REQUIRE(both);
    CHECK(both->plaintext.reveal_text() == "ABC");
    CHECK(both->wrapped.text == "vault:v2:AA==");
    CHECK(both->wrapped.key_version == 2);
    const auto wrapped_only = read(R"({"ciphertext":"vault:v2:AA==","plaintext":"QUJD"})", false);
    REQUIRE(wrapped_only);
    CHECK(wrapped_only->plaintext.empty());
    for (const std::string_view data :
         {R"({"ciphertext":"vault:v2:AA=="})", R"({"ciphertext":"vault:v2:AA==","plaintext":""})",
          R"({"ciphertext":"vault:v2:AA==","plaintext":null})",
          R"({"ciphertext":"vault:v2:AA==","plaintext":"Q"})", R"({"plaintext":"QUJD"})"}) {
      CAPTURE(data);
      check_no_answer(read(data, true));
    }
  }
}
