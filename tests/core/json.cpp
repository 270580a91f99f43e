#include <iterator>
#include <string>
#include <vector>

#include <core/json.h>
#include <tests/core/support.h>

using namespace keyway;

namespace {

Json parsed(Text text) {
  auto json = Json::parse(text);
  REQUIRE_MESSAGE(json, (json ? "" : json.error().what));
  return std::move(*json);
}

Error refused(Text text, const JsonLimits& limits = {}) {
  const auto json = Json::parse(text, limits);
  REQUIRE_FALSE(json);
  return json.error();
}

std::optional<std::int64_t> number(Text text) { return parsed(text).root().number(); }

}  // namespace

TEST_CASE("an answer is asked by name") {
  const Text text =
      R"( {"data":{"ciphertext":"vault:v1:abc","key_version":1,"n":null},"ok":true,"list":[1,[2],{}]}
)";
  const Json json = parsed(text);
  const JsonView root = json.root();
  CHECK(root.is(JsonKind::object));
  CHECK(root.size() == 3);
  CHECK(root.member("data").member("ciphertext").plain_text() == "vault:v1:abc");
  CHECK(root.member("data").member("ciphertext").text()->reveal_text() == "vault:v1:abc");
  CHECK(root.member("data").member("key_version").number() == 1);
  CHECK(root.member("data").member("n").kind() == JsonKind::null);
  CHECK(root.member("ok").boolean() == true);
  CHECK(root.member("list").size() == 3);
}

TEST_CASE("what is not there, or is of another kind, answers none") {
  const Json json = parsed(R"({"a":1,"s":"x","t":true,"l":["a"]})");
  const JsonView root = json.root();
  const JsonView nothing = root.member("b");
  CHECK_FALSE(nothing);
  CHECK_FALSE(nothing.kind());
  CHECK_FALSE(nothing.is(JsonKind::null));
  CHECK_FALSE(nothing.member("c").member("d"));
  CHECK_FALSE(nothing.text());
  CHECK_FALSE(nothing.plain_text());
  CHECK_FALSE(nothing.number());
  CHECK_FALSE(nothing.boolean());
  CHECK_FALSE(nothing.equals(""));
  CHECK(nothing.size() == 0);
  CHECK(nothing.items().empty());
  CHECK(nothing.members().empty());
  CHECK_FALSE(root.member("a").text());
  CHECK_FALSE(root.member("a").boolean());
  CHECK_FALSE(root.member("s").number());
  CHECK_FALSE(root.member("s").member("x"));
  CHECK_FALSE(root.member("t").number());
  CHECK_FALSE(root.member("l").member("a"));
  CHECK(root.member("l").members().empty());
  CHECK(root.items().empty());
}

TEST_CASE("of a name that stands twice the last counts; names are case-sensitive and compared unescaped") {
  const Json json = parsed(R"({"a":1,"\u0061":2,"A":3,"a\u0000":4,"b\"":{"a":5}})");
  const JsonView root = json.root();
  CHECK(root.member("a").number() == 2);
  CHECK(root.member("A").number() == 3);
  CHECK(root.member(Text("a\0", 2)).number() == 4);
  CHECK(root.member("b\"").member("a").number() == 5);
  CHECK_FALSE(root.member("\\u0061"));
}

TEST_CASE("items and members come in their order, what they hold is skipped") {
  const Json json = parsed(R"([{"x":[1,2]},"two",[],{"y":{"z":1},"w":"v"}])");
  std::string kinds;
  for (const JsonView item : json.root().items()) kinds += std::to_string(static_cast<int>(*item.kind()));
  CHECK(kinds == "0210");
  std::string names;
  for (const auto& [name, value] : (*std::next(json.root().items().begin(), 3)).members())
    names += *name.plain_text() + std::to_string(static_cast<int>(*value.kind()));
  CHECK(names == "y0w2");
}

TEST_CASE("a view stays good when the Json moves") {
  const std::string text = R"({"a":"b"})";
  Json first = parsed(text);
  const JsonView view = first.root().member("a");
  const Json second = std::move(first);
  CHECK(view.plain_text() == "b");
  CHECK(second.root().member("a").plain_text() == "b");
}

TEST_CASE("strings mean what their escapes say") {
  CHECK(parsed(R"("\u003ca\u003e\u0026\/\\\"\b\f\n\r\t")").root().plain_text() == "<a>&/\\\"\b\f\n\r\t");
  CHECK(parsed(R"("\ud83d\ude00\u20ac\u00e9")").root().plain_text() ==
        "\xf0\x9f\x98\x80\xe2\x82\xac\xc3\xa9");
  CHECK(parsed(R"("")").root().plain_text() == "");
  CHECK(parsed(R"("\u0000")").root().plain_text() == std::string(1, '\0'));
  CHECK(parsed(R"("a\nb")").root().equals("a\nb"));
  CHECK_FALSE(parsed(R"("a\nb")").root().equals("a\\nb"));
}

TEST_CASE("numbers are integers that fit, however they are written") {
  const struct {
    Text text;
    std::optional<std::int64_t> value;
  } cases[] = {
      {"0", 0},
      {"-0", 0},
      {"0e999999999999999999999", 0},
      {"0.000e-5", 0},
      {"42", 42},
      {"-42", -42},
      {"1e3", 1000},
      {"1.5E+3", 1500},
      {"1500e-2", 15},
      {"100.00", 100},
      {"0.001e3", 1},
      {"-2764800.0", -2764800},
      {"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
      {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
      {"9223372036854775808", std::nullopt},
      {"-9223372036854775809", std::nullopt},
      {"9999999999999999999", std::nullopt},
      {"18446744073709551617", std::nullopt},
      {"1e19", std::nullopt},
      {"1e18", 1'000'000'000'000'000'000},
      {"92233720368547758070e-1", std::numeric_limits<std::int64_t>::max()},
      {"1.5", std::nullopt},
      {"15e-1", std::nullopt},
      {"1e-1", std::nullopt},
      {"1e99999999999999999999", std::nullopt},
      {"1e-99999999999999999999", std::nullopt},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(number(c.text) == c.value);
  }
}

TEST_CASE("what is not one well-formed value is refused, with its place and without its text") {
  const struct {
    Text text;
    Text said;
  } cases[] = {
      {"", "byte 0: a value was expected"},
      {"  ", "byte 2"},
      {"{\"a\":1} x", "byte 8: something follows"},
      {"{}{}", "byte 2: something follows"},
      {"\xef\xbb\xbf{}", "byte 0: a value was expected"},
      {"\"\xff\"", "not UTF-8"},
      {"{\"hidden\":}", "byte 10: a value was expected"},
      {"[1,]", "byte 3"},
      {"[1 2]", "byte 3: ',' or ']'"},
      {"{\"a\" 1}", "byte 5: ':'"},
      {"\"hidden", "byte 7: a string without its end"},
      {"\"\\x\"", "escape"},
      {"\"\\ud800\"", "half a character"},
      {"\"\n\"", "control character"},
      {"01", "zero in front"},
      {"1.", "digit"},
      {"nul", "a value was expected"},
      {"NaN", "a value was expected"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const Error error = refused(c.text);
    CHECK(error.kind == ErrorKind::corrupt);
    CHECK_MESSAGE(error.what.find(c.said) != std::string::npos, error.what);
    CHECK(error.what.find("hidden") == std::string::npos);
  }
}

TEST_CASE("every beginning of an answer is refused") {
  const Text text = R"({"data":{"a":[1,-2.5e3,"x\u0041",true,null]}})";
  for (std::size_t n = 0; n < text.size(); ++n) {
    CAPTURE(n);
    CHECK(refused(text.substr(0, n)).kind == ErrorKind::corrupt);
  }
}

TEST_CASE("depth and number of values are limited") {
  const JsonLimits limits{.depth = 3, .nodes = 5};
  CHECK(Json::parse("[[[1]]]", limits));
  CHECK(refused("[[[[1]]]]", limits).what.find("inside one another") != std::string::npos);
  CHECK(Json::parse("[1,2,3,4]", limits));
  CHECK(refused("[1,2,3,4,5]", limits).what.find("too many values") != std::string::npos);
  CHECK(refused("{\"a\":1,\"b\":2,\"c\":3}", limits).what.find("too many values") != std::string::npos);
}

TEST_CASE("an array of ten thousand items is gone over once") {
  std::string text = "[";
  for (int i = 0; i < 10'000; ++i) text += fmt::format("{}{{\"n\":{}}}", i > 0 ? "," : "", i);
  text += "]";
  const Json json = parsed(text);
  std::int64_t sum = 0;
  for (const JsonView item : json.root().items()) sum += item.member("n").number().value_or(-1);
  CHECK(sum == 49'995'000);
  CHECK(json.root().size() == 10'000);
}

TEST_CASE("strings are written so that they read back the same") {
  std::string all;
  for (int c = 0; c < 128; ++c) all.push_back(static_cast<char>(c));
  for (const std::string& text : {std::string(), std::string("plain"), std::string("\"\\/"), all,
                                  std::string("\xc3\xa9\xf0\x9f\x98\x80\x7f")}) {
    SecretBuffer out;
    REQUIRE(append_json_string(out, text));
    CHECK(parsed(text_of(out.view())).root().plain_text() == text);
  }
  SecretBuffer out;
  out.append("[");
  REQUIRE(append_json_string(out, "a\"\\\n\x1f"));
  CHECK(text_of(out.view()) == "[\"a\\\"\\\\\\u000a\\u001f\"");
}

TEST_CASE("what is not UTF-8 is not written") {
  SecretBuffer out;
  out.append("x");
  const auto written = append_json_string(out, "hidden\xff");
  REQUIRE_FALSE(written);
  CHECK(written.error().kind == ErrorKind::invalid_input);
  CHECK(written.error().what.find("hidden") == std::string::npos);
  CHECK(text_of(out.view()) == "x");
}
