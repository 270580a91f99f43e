#include <doctest/doctest.h>

#include <kmip/ttlv/reader.h>
#include <kmip/ttlv/tree.h>
#include <kmip/ttlv/writer.h>
#include <tests/kmip/hex.h>

using namespace keyway;
using namespace keyway::kmip;
using test::from_hex;
using test::to_hex;

TEST_CASE("a reader walks items and knows where they are") {
  const OwnedBytes bytes = from_hex({
      "42000D 02 00000004 00000001 00000000",
      "42007D 07 00000003 6F6F70 0000000000",
      "42007C 01 00000000",
  });
  Reader reader(bytes, 100);
  Raw item;
  CodecError error;
  REQUIRE(reader.next(item, error));
  CHECK(item.tag == Tag::BatchCount);
  CHECK(item.type == Type::Integer);
  CHECK(to_hex(item.value) == "00000001");
  CHECK(item.offset == 100);
  Reader ahead = reader;
  REQUIRE(ahead.next(item, error));
  REQUIRE(reader.next(item, error));
  CHECK(text_of(item.value) == "oop");
  CHECK(item.offset == 116);
  CHECK(reader.left().size() == 8);
  REQUIRE(reader.next(item, error));
  CHECK(item.offset == 132);
  CHECK(item.value.empty());
  CHECK(reader.done());
  CHECK(reader.offset() == 140);
}

TEST_CASE("an item is checked against the end of what holds it and the lengths of its type") {
  const struct {
    std::string mistake;
    OwnedBytes bytes;
    Errc code;
    Tag tag;
  } cases[] = {
      {"no byte", {}, Errc::truncated, Tag{}},
      {"half a header", from_hex("42000D 02 000000"), Errc::truncated, Tag{}},
      {"no value", from_hex("42000D 02 00000004"), Errc::truncated, Tag::BatchCount},
      {"no padding", from_hex("42000D 02 00000004 00000001"), Errc::truncated, Tag::BatchCount},
      {"the greatest length", from_hex("42000D 08 FFFFFFFF 0000000000000000"), Errc::truncated,
       Tag::BatchCount},
      {"a length that would wrap to zero", from_hex("42000D 08 FFFFFFF9 0000000000000000"), Errc::truncated,
       Tag::BatchCount},
      {"a short Integer", from_hex("42000D 02 00000003 00000100 00000000"), Errc::bad_length,
       Tag::BatchCount},
      {"a long Integer under the wrong type", from_hex("42000D 02 00000008 0000000000000001"),
       Errc::bad_length, Tag::BatchCount},
      {"a short Long Integer", from_hex("42000D 03 00000004 00000001 00000000"), Errc::bad_length,
       Tag::BatchCount},
      {"an empty Big Integer", from_hex("42000D 04 00000000"), Errc::bad_length, Tag::BatchCount},
      {"a Big Integer of five bytes", from_hex("42000D 04 00000005 0000000000000000"), Errc::bad_length,
       Tag::BatchCount},
      {"an Enumeration of eight bytes", from_hex("42000D 05 00000008 0000000000000001"), Errc::bad_length,
       Tag::BatchCount},
      {"a Boolean of four bytes", from_hex("42000D 06 00000004 00000001 00000000"), Errc::bad_length,
       Tag::BatchCount},
      {"a Date-Time of four bytes", from_hex("42000D 09 00000004 00000001 00000000"), Errc::bad_length,
       Tag::BatchCount},
      {"an Interval of eight bytes", from_hex("42000D 0A 00000008 0000000000000001"), Errc::bad_length,
       Tag::BatchCount},
      {"a Date-Time-Extended of four bytes", from_hex("42000D 0B 00000004 00000001 00000000"),
       Errc::bad_length, Tag::BatchCount},
      {"a Structure of nine bytes", from_hex("42000D 01 00000009 00000001 00000000 00000000 00000000"),
       Errc::bad_length, Tag::BatchCount},
  };
  for (const auto& c : cases) {
    CAPTURE(c.mistake);
    Reader reader(c.bytes, 40);
    Raw item;
    CodecError error;
    REQUIRE_FALSE(reader.next(item, error));
    CHECK(error.code == c.code);
    CHECK(error.tag == c.tag);
    CHECK(error.offset == 40);
    CHECK(error.depth == 0);
  }
}

TEST_CASE("a writer pads with zeroes and sets the lengths of structures") {
  SecretBuffer out;
  Writer writer(out);
  {
    const auto outer = writer.structure(Tag::BatchItem);
    for (const Text text : {"", "1234567", "12345678", "123456789"}) writer.text(Tag::ResultMessage, text);
    const auto inner = writer.structure(Tag::ResponsePayload);
  }
  CHECK(to_hex(out.view()) == to_hex(from_hex({
                                  "42000F 01 00000048",
                                  "42007D 07 00000000",
                                  "42007D 07 00000007 31323334353637 00",
                                  "42007D 07 00000008 3132333435363738",
                                  "42007D 07 00000009 313233343536373839 00000000000000",
                                  "42007C 01 00000000",
                              })));
}

TEST_CASE("a tree is every item, up to the first damage") {
  const OwnedBytes bytes = from_hex({
      "42007B 01 00000018",
      "42007A 01 00000010",
      "42000D 02 00000004 00000001 00000000",
      "42007D 07 00000001 61 00000000000000",
  });
  const Tree tree = read_tree(bytes);
  REQUIRE(tree.complete);
  REQUIRE(tree.nodes.size() == 4);
  const std::pair<Tag, std::uint32_t> expected[] = {
      {Tag::ResponseMessage, 0}, {Tag::ResponseHeader, 1}, {Tag::BatchCount, 2}, {Tag::ResultMessage, 0}};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(tree.nodes[i].item.tag == expected[i].first);
    CHECK(tree.nodes[i].depth == expected[i].second);
  }

  const Tree cut = read_tree(Bytes(bytes).first(40));
  CHECK_FALSE(cut.complete);
  CHECK(cut.nodes.size() == 3);
  CHECK(describe(cut.error) == "item cut short at byte 32: ResultMessage");
  const Tree deep = read_tree(bytes, Limits{.depth = 2});
  CHECK(describe(deep.error) == "nested too deeply at byte 16: ResponseMessage/ResponseHeader/BatchCount");
  const Tree many = read_tree(bytes, Limits{.elements = 3});
  CHECK(describe(many.error) == "too many elements at byte 32: ResultMessage");
  CHECK(read_tree(bytes, Limits{.message = 47}).error.code == Errc::too_long);
}

TEST_CASE("canonical is what a strict writer would have written") {
  const struct {
    std::string mistake;
    OwnedBytes bytes;
    std::optional<Errc> code;
    std::uint32_t offset;
  } cases[] = {
      {"none", from_hex({"42000F 01 00000010", "42007D 07 00000002 C3A9 000000000000"}), {}, 0},
      {"padding", from_hex({"42000F 01 00000010", "42007D 07 00000002 C3A9 000001000000"}), Errc::bad_padding,
       8},
      {"a Boolean of two", from_hex({"42000F 01 00000010", "420010 06 00000008 0000000000000002"}),
       Errc::bad_value, 8},
      {"text that is not UTF-8", from_hex({"42000F 01 00000010", "42007D 07 00000002 A9C3 000000000000"}),
       Errc::bad_value, 8},
      {"type 0", from_hex({"42000F 01 00000008", "42007D 00 00000000"}), Errc::unknown_type, 8},
      {"a type of 3.0", from_hex({"42000F 01 00000008", "42007D 0C 00000000"}), Errc::unknown_type, 8},
      {"an item past the end", from_hex({"42000F 01 00000008", "42007D 07 00000001"}), Errc::truncated, 8},
  };
  for (const auto& c : cases) {
    CAPTURE(c.mistake);
    Reader reader(c.bytes);
    Raw item;
    CodecError error;
    REQUIRE(reader.next(item, error));
    CHECK(check_canonical(item, Limits{}, error) == !c.code);
    if (!c.code) continue;
    CHECK(error.code == *c.code);
    CHECK(error.offset == c.offset);
    CHECK(error.depth == 1);
    CHECK(error.path[0] == Tag::BatchItem);
  }
}
