#include <doctest/doctest.h>

#include <tests/kmip/corpus.h>
#include <tests/kmip/text/support.h>

using namespace keyway;
using namespace keyway::kmip;
using test::from_hex;
using test::item_hex;
using test::json_as_hex;

namespace {

constexpr Text one_item = R"({"tag":"BatchCount", "type":"Integer", "value":1})";
const std::string one_item_hex = item_hex("42000d", "02", 4, "0000000100000000");

}  // namespace

TEST_CASE("the standard's JSON example") {
  // KMIP Additional Message Encodings 1.0 §7.2.1, TIME 1.
  const Text given = R"({"tag":"RequestMessage", "value":[
    {"tag":"RequestHeader", "value":[
    {"tag":"ProtocolVersion", "value":[
    {"tag":"ProtocolVersionMajor", "type":"Integer", "value":"0x00000001"},
    {"tag":"ProtocolVersionMinor", "type":"Integer", "value":"0x00000001"}
    ]},
    {"tag":"MaximumResponseSize", "type":"Integer", "value":"0x00000800"},
    {"tag":"BatchCount", "type":"Integer", "value":"0x00000001"}
    ]},
    {"tag":"BatchItem", "value":[
    {"tag":"Operation", "type":"Enumeration", "value":"Query"},
    {"tag":"RequestPayload", "value":[
    {"tag":"QueryFunction", "type":"Enumeration", "value":"QueryOperations"},
    {"tag":"QueryFunction", "type":"Enumeration", "value":"QueryObjects"}
    ]} ]} ]})";
  const OwnedBytes query = from_hex({
      "42007801000000904200770100000048420069010000002042006a02000000040000000100000000",
      "42006b020000000400000001000000004200500200000004000008000000000042000d0200000004",
      "000000010000000042000f010000003842005c050000000400000018000000004200790100000020",
      "4200740500000004000000010000000042007405000000040000000200000000",
  });
  CHECK(json_as_hex(given) == test::to_hex(query));
}

TEST_CASE("what the writer makes") {
  const OwnedBytes bytes = from_hex({
      "42000F 01 00000078",
      "420079 01 00000000",
      "42002C 02 00000004 0000000C 00000000",
      "420096 03 00000008 0010000000000000",
      "4200F7 04 00000008 FFFFFFFFFFFFFFFE",
      "420092 09 00000008 000000003A4FC880",
      "420055 07 00000003 615C22 0000000000",
      "420010 06 00000008 0000000000000001",
      "540001 01 00000008",
      "540002 08 00000000",
  });
  const Text json = R"({"tag":"BatchItem", "value":[
  {"tag":"RequestPayload", "value":[]},
  {"tag":"CryptographicUsageMask", "type":"Integer", "value":"Encrypt|Decrypt"},
  {"tag":"UsageLimitsCount", "type":"LongInteger", "value":"0x0010000000000000"},
  {"tag":"0x4200F7", "type":"BigInteger", "value":"0xfffffffffffffffe"},
  {"tag":"TimeStamp", "type":"DateTime", "value":"2001-01-01T00:00:00+00:00"},
  {"tag":"NameValue", "type":"TextString", "value":"a\\\""},
  {"tag":"BatchOrderOption", "type":"Boolean", "value":true},
  {"tag":"0x540001", "value":[
    {"tag":"0x540002", "type":"ByteString", "value":""}
  ]}
]}
)";
  std::string expected(json);
  const std::string tag = name(static_cast<Tag>(0x4200f7));
  expected.replace(expected.find("0x4200F7"), 8, tag);
  CHECK(test::text_of(write_json(bytes)) == expected);
  CHECK(json_as_hex(expected) == test::to_hex(bytes));
}

TEST_CASE("the ways to write an item") {
  const Text ways[] = {
      R"({"tag":"BatchCount","type":"Integer","value":1})",
      "\xef\xbb\xbf {\"value\" : 1 ,\r\n\t\"type\" : \"Integer\", \"tag\" : \"BatchCount\" }",
      R"({"tag":"0x42000D","name":"other","type":"Integer","value":"1"})",
      R"({"name":"BatchCount","value":1})",
      R"({"tag":"BatchCount","type":"Integer","hex":"00000001"})",
      R"({"tag":"Batch\u0043ount","type":"Integer","VALUE":1})",
      R"([{"tag":"BatchCount","type":"Integer","value":1}])",
  };
  for (const Text way : ways) {
    CAPTURE(way);
    CHECK(json_as_hex(way) == one_item_hex);
  }
  for (const Text empty : {R"({"tag":"RequestPayload"})", R"({"tag":"RequestPayload","value":null})",
                           R"({"tag":"RequestPayload","type":"Structure","value":[]})"})
    CHECK(json_as_hex(empty) == item_hex("420079", "01", 0, ""));
}

TEST_CASE("several JSON messages") {
  const OwnedBytes two = from_hex({one_item_hex, one_item_hex});
  CHECK(test::text_of(write_json(two)) == fmt::format("[\n  {0},\n  {0}\n]\n", one_item));
  for (const std::string& json : {fmt::format("[{0},{0}]", one_item), fmt::format("{0}\n{0}\n", one_item),
                                  fmt::format("[{0}] {0}", one_item)})
    CHECK(json_as_hex(json) == test::to_hex(two));
}

TEST_CASE("every message of the corpus comes back from JSON") {
  for (const test::Sample& sample : test::corpus()) {
    CAPTURE(sample.name);
    const auto json = write_json(sample.bytes);
    REQUIRE(json);
    REQUIRE(json_as_hex(keyway::text_of(json->view())) == test::to_hex(sample.bytes));
  }
}

TEST_CASE("mistakes in JSON name their line and their tags") {
  const struct {
    Text json;
    std::string error;
  } cases[] = {
      {"", "the JSON holds no message"},
      {"[]", "the JSON holds no message"},
      {"1", "line 1: this is not a message; write an object with \"tag\" and \"value\""},
      {"[1]", "line 1: this is not an item; write an object with \"tag\", \"type\" and \"value\""},
      {"{}", "line 1: the tag is missing; add \"tag\":\"...\""},
      {"{\"tag\":\"BatchItem\",\"value\":[\n{\"tag\":\"Nonsense\"}]}",
       "line 2: BatchItem: \"Nonsense\" is not a tag; check the spelling, or write its number: \"0x540001\""},
      {R"({"tag":"BatchCount","tag":"BatchCount"})", "line 1: \"tag\" is given twice"},
      {R"({"tag":"BatchCount","type":"Integer","comment":{"any":[1,2.5e-3,null,"x"]},"value":1})",
       "line 1: \"comment\" is not a member of an item; write tag, name, type, value or hex"},
      {R"({"tag":"BatchCount","value":1,"Value":1})", "line 1: \"Value\" is given twice"},
      {"{\"tag\":\"BatchItem\",\"value\":[\n{\"tag\":\"NameValue\",\"values\":\"abc\"}]}",
       "line 2: BatchItem: \"values\" is not a member of an item; write tag, name, type, value or hex"},
      {R"({"tag":"BatchCount","type":"Number","value":1})",
       "line 1: BatchCount: \"Number\" is not an item type; write one like TextString, or a number like "
       "0x0B"},
      {R"({"tag":"BatchCount","type":3,"value":1})", "line 1: BatchCount: the type is not a string"},
      {R"({"tag":"0x540001","value":1})", "line 1: 0x540001: the type is missing; add \"type\":\"...\""},
      {R"({"tag":"BatchCount","type":"Integer"})", "line 1: BatchCount: the value is missing; add \"value\""},
      {R"({"tag":"BatchCount","type":"Integer","value":1,"hex":"00000001"})",
       "line 1: BatchCount: both value and hex are given; keep one of them"},
      {R"({"tag":"BatchCount","type":"Integer","value":1.5})",
       "line 1: BatchCount: \"1.5\" is not an Integer; write a number of 32 bits"},
      {R"({"tag":"NameValue","type":"TextString","value":1})",
       "line 1: NameValue: not the JSON of the type TextString; write a string"},
      {R"({"tag":"BatchCount","type":"Integer","value":true})",
       "line 1: BatchCount: not the JSON of the type Integer; write a string"},
      {R"({"tag":"BatchItem","value":"x","type":"Structure"})",
       "line 1: BatchItem: the value of a Structure is an array of items; say the type if it is not a "
       "Structure"},
      {R"({"tag":"BatchItem","type":"Structure","hex":""})",
       "line 1: BatchItem: a Structure has no bytes of its own"},
      {R"({"tag":"X","type":"BigInteger","value":18446744073709551616})",
       "line 1: X: not a whole number of 64 bits; write it in hexadecimal: \"0x0000000000000001\""},
      {"{\"tag\":\"NameValue\xff\"}", "the JSON is not UTF-8; convert it to UTF-8"},
  };
  for (const auto& [json, error] : cases) {
    CAPTURE(json);
    CHECK(json_as_hex(json) == error);
  }
}

TEST_CASE("text that is not JSON, and what came before it") {
  const struct {
    Text rest;
    std::string error;
  } cases[] = {
      {"nope", "line 2: not well-formed JSON: a value was expected"},
      {"{", "line 2: not well-formed JSON: a name in quotation marks was expected"},
      {"{\"tag\" 1}", "line 2: not well-formed JSON: ':' was expected"},
      {"{\"tag\":1", "line 2: not well-formed JSON: ',' or '}' was expected"},
      {"{\"tag\":[1 2]}", "line 2: not well-formed JSON: ',' or ']' was expected"},
      {"{\"tag\":[1,]}", "line 2: not well-formed JSON: a value was expected"},
      {"\"abc", "line 2: not well-formed JSON: a string without its end"},
      {"\"a\nb\"", "line 2: not well-formed JSON: a control character in a string"},
      {"\"\\x\"", "line 2: not well-formed JSON: an escape that JSON does not have"},
      {"\"\\u12g4\"", "line 2: not well-formed JSON: four hexadecimal digits were expected"},
      {"\"\\udc00\"", "line 2: not well-formed JSON: half a character: a low surrogate without a high one"},
      {"\"\\ud800x\"", "line 2: not well-formed JSON: half a character: a high surrogate without a low one"},
      {"-", "line 2: not well-formed JSON: a digit was expected"},
      {"01", "line 2: not well-formed JSON: a number with a zero in front"},
      {"1.", "line 2: not well-formed JSON: a digit was expected"},
      {"1e", "line 2: not well-formed JSON: a digit was expected"},
  };
  for (const Text front : {"", "["})
    for (const auto& [rest, error] : cases) {
      CAPTURE(front);
      CAPTURE(rest);
      SecretBuffer out;
      const std::string json = fmt::format("{}{}{}\n{}", front, one_item, front.empty() ? "" : ",", rest);
      const auto done = read_json(json, out);
      REQUIRE_FALSE(done);
      CHECK(done.error().kind == ErrorKind::corrupt);
      CHECK(describe(done.error()) == error);
      CHECK(test::to_hex(out.view()) == one_item_hex);
    }
}

TEST_CASE("limits of JSON") {
  const Variables none;
  const auto read = [&](const std::string& json, const Limits& limits) {
    return test::read_as_hex(read_json, json, none, limits);
  };
  std::string deep;
  for (int i = 0; i < 5; ++i) deep += R"({"tag":"RequestPayload","value":[)";
  for (int i = 0; i < 5; ++i) deep += "]}";
  CHECK(read(deep, {.depth = 5}).starts_with("420079"));
  CHECK(read(deep, {.depth = 4}).ends_with("too many structures inside one another"));
  const std::string three = fmt::format(R"({{"tag":"BatchItem","value":[{0},{0}]}})", one_item);
  CHECK(read(three, {.elements = 3}).starts_with("42000f"));
  CHECK(read(three, {.elements = 2}).ends_with("too many items in one message"));
  CHECK(read(three, {.message = 40}).starts_with("42000f"));
  CHECK(read(three, {.message = 39}).ends_with("the message is too long"));
  CHECK(read(three, {.message = 4}) == "the JSON is too long; split it into several files");
  CHECK(json_as_hex(std::string(100'000, '[')) ==
        "line 1: not well-formed JSON: too many objects and arrays inside one another");
}
