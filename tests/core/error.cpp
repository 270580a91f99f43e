#include <set>

#include <core/error.h>
#include <tests/core/support.h>

using namespace keyway;

TEST_CASE("printable: what drives a terminal or is no UTF-8 becomes a question mark") {
  const struct {
    std::string_view given;
    std::string_view shown;
  } cases[] = {
      {"", ""},
      {"Item Not Found", "Item Not Found"},
      {"two\nlines\r\t", "two?lines??"},
      {"\x1b[31mred\x7f", "?[31mred?"},
      {std::string_view("a\0b", 3), "a?b"},
      {"Schl\u00fcssel \u20ac \U0001f511", "Schl\u00fcssel \u20ac \U0001f511"},
      {"C1 \u009b31m", "C1 ?31m"},                // CSI as one character
      {"\u202egpj.exe", "?gpj.exe"},              // right-to-left override
      {"line\u2028separator", "line?separator"},  //
      {"\x80 alone", "? alone"},
      {"\xc3", "?"},
      {"\xc3(", "?("},
      {"\xe2\x82", "??"},
      {"\xc0\xaf", "??"},            // "/" too long
      {"\xe0\x80\xaf", "???"},       // "/" much too long
      {"\xed\xa0\x80", "???"},       // a surrogate
      {"\xf4\x90\x80\x80", "????"},  // above U+10FFFF
      {"\xf0\x8f\xbf\xbf", "????"},  // U+FFFF too long
      {"\xf4\x8f\xbf\xbd", "\xf4\x8f\xbf\xbd"},
      {"\xff\xfe", "??"},
  };
  for (const auto& c : cases) {
    CAPTURE(to_hex(bytes_of(c.given)));
    CHECK(printable(c.given) == c.shown);
  }
}

TEST_CASE("printable: the cut falls between characters") {
  const std::string_view text = "ab\u20ac\u20ac";
  const std::string_view cut[] = {"", "a", "ab", "ab", "ab", "ab\u20ac", "ab\u20ac", "ab\u20ac", text, text};
  for (std::size_t limit = 0; limit < std::size(cut); ++limit) {
    CAPTURE(limit);
    CHECK(printable(text, limit) == cut[limit]);
  }
  CHECK(printable(std::string(600, 'x')).size() == 512);
}

TEST_CASE("describe: one line of what, the KMS's words and the advice") {
  Error error{ErrorKind::refused, "decrypt with key k1", "ask its owner", {}};
  CHECK(describe(error) == "decrypt with key k1; ask its owner");
  error.refusal = Refusal{1, 12, "Permission Denied", "not\nyours"};
  CHECK(describe(error) ==
        "decrypt with key k1 (the KMS answered: status 1, reason 12 Permission Denied: not?yours); ask its "
        "owner");
  error.refusal = Refusal{1, 999, "", ""};
  error.advice.clear();
  CHECK(describe(error) == "decrypt with key k1 (the KMS answered: status 1, reason 999)");
  error.what = "Get: the server answered Operation Failed, Permission Denied: not yours";
  error.refusal = Refusal{1, 12, "Permission Denied", "not yours"};
  CHECK(describe(error) == error.what + " (the KMS answered: status 1, reason 12)");  // words once
  CHECK(describe(Error{ErrorKind::cancelled, "", "", {}}) == "cancelled");
  const std::string long_text(2000, 'x');
  CHECK(describe(Error{ErrorKind::internal, long_text, "", {}}) == long_text);
}

TEST_CASE("fail: builds the error that a result is made of") {
  const Result<int> plain = fail(ErrorKind::not_found, "no key named {}", "k1");
  REQUIRE_FALSE(plain);
  CHECK(plain.error().kind == ErrorKind::not_found);
  CHECK(plain.error().what == "no key named k1");
  CHECK(plain.error().advice.empty());
  const Result<int> advised = fail_with_advice(ErrorKind::internal, "try {} again", "{} failed", 7);
  REQUIRE_FALSE(advised);
  CHECK(advised.error().what == "7 failed");
  CHECK(advised.error().advice == "try {} again");  // not a format
}

TEST_CASE("every kind of error has a name of its own") {
  std::set<std::string_view> names;
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::internal); ++kind) {
    names.insert(name(static_cast<ErrorKind>(kind)));
  }
  CHECK(names.size() == static_cast<std::size_t>(ErrorKind::internal) + 1);
  CHECK_FALSE(names.contains("unknown error"));
}
