#include <tests/core/support.h>
#include <vault/body.h>

using namespace keyway;
using namespace keyway::vault;

namespace {

std::string written(Body& body) {
  const auto text = body.take();
  return text ? std::string(text_of(text->view())) : "error: " + std::string(name(text.error().kind));
}

}  // namespace

TEST_SUITE("vault/body") {
  TEST_CASE("members of every kind") {
    Body nothing;
    CHECK(written(nothing) == "{}");
    Body one;
    CHECK(written(one.text("a", "b")) == R"({"a":"b"})");
    Body all;
    all.text("a", "").base64("b", bytes_of("AB")).base64("c", {}).number("d", -7).number("e", 0);
    CHECK(written(all) == R"({"a":"","b":"QUI=","c":"","d":-7,"e":0})");
  }

  TEST_CASE("lists") {
    Body body;
    body.text("a", "b").begin_list("empty").end_list().begin_list("texts");
    body.item_text("x").item_text("y").end_list();
    body.begin_list("items").begin_item().text("k", "1").number("n", 2).end_item().begin_item().end_item();
    body.begin_item().begin_list("inner").item_text("z").end_list().text("after", "").end_item().end_list();
    body.number("last", 1);
    CHECK(written(body) == R"({"a":"b","empty":[],"texts":["x","y"],"items":[{"k":"1","n":2},{},)"
                           R"({"inner":["z"],"after":""}],"last":1})");
  }

  TEST_CASE("text is escaped, and has to be UTF-8") {
    Body body;
    body.text("a", "\"\\/\n\x01\xc3\xa4").begin_list("l").item_text("\"]}").end_list();
    CHECK(written(body) == "{\"a\":\"\\\"\\\\/\\u000a\\u0001\xc3\xa4\",\"l\":[\"\\\"]}\"]}");
    Body bad_member;
    CHECK(written(bad_member.text("a", "\xff").text("b", "good")) == "error: invalid input");
    Body bad_item;
    CHECK(written(bad_item.begin_list("l").item_text("\xc3").end_list()) == "error: invalid input");
  }
}
