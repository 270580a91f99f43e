#include <doctest/doctest.h>

#include <core/hex.h>
#include <kmip/text/convert.h>
#include <tests/kmip/text/support.h>

using namespace keyway;
using namespace keyway::kmip;

namespace {

constexpr Text item_a = "42000d020000000400000001 00000000";
constexpr Text item_b = "42007901000000184200c208000000085a5a5a5a5a5a5a5a 4200940100000000";
const OwnedBytes a = test::from_hex({item_a});
const OwnedBytes both = test::from_hex({item_a, item_b});

std::string written(Bytes ttlv, Encoding to) { return test::text_of(write_messages(ttlv, to)); }

Messages read(Text text, Encoding from) { return read_messages(bytes_of(text), from); }

}  // namespace

TEST_CASE("the form of an input is found out") {
  const struct {
    std::string input;
    Encoding is;
  } cases[] = {
      {std::string(text_of(a)), Encoding::ttlv},
      {std::string("\x54\x00\x01", 3), Encoding::ttlv},
      {std::string("<\0", 2), Encoding::ttlv},
      {"\xef\xbb\xbf \r\n<KMIP/>", Encoding::xml},
      {"<a", Encoding::xml},
      {std::string("\xff\xfe<\0", 4), Encoding::xml},
      {" {", Encoding::json},
      {"\n[", Encoding::json},
      {"42 00 0d 02", Encoding::hex},
      {"0x42000d02", Encoding::hex},
      {"42000D\n020000", Encoding::hex},
      {"QgANAgAAAAQAAAAB", Encoding::base64},
      {"VAABAg==", Encoding::base64},
      {"BATCH", Encoding::base64},
  };
  for (const auto& [input, is] : cases) {
    CAPTURE(input);
    CHECK(detect(bytes_of(input)) == is);
  }
  for (const Text known : {"ttlv", "hex", "base64", "xml", "json", "tree"})
    CHECK(name(*encoding_named(known)) == known);
  CHECK_FALSE(encoding_named("yaml"));
}

TEST_CASE("messages in one form come back from every other") {
  for (const Bytes messages : {Bytes(a), Bytes(both)})
    for (const Encoding encoding :
         {Encoding::ttlv, Encoding::hex, Encoding::base64, Encoding::xml, Encoding::json}) {
      CAPTURE(name(encoding));
      const auto text = write_messages(messages, encoding);
      REQUIRE(text);
      CHECK(detect(text->view()) == encoding);
      const Messages again = read_messages(text->view(), encoding);
      CHECK_FALSE(again.damage);
      CHECK(test::to_hex(again.ttlv.view()) == test::to_hex(messages));
    }
}

TEST_CASE("one line for each message") {
  CHECK(
      written(both, Encoding::hex) ==
      "42000d02000000040000000100000000\n42007901000000184200c208000000085a5a5a5a5a5a5a5a4200940100000000\n");
  CHECK(written(both, Encoding::base64) ==
        "QgANAgAAAAQAAAABAAAAAA==\nQgB5AQAAABhCAMIIAAAACFpaWlpaWlpaQgCUAQAAAAA=\n");
}

TEST_CASE("trees show secrets on request, and have a line between them") {
  const Text tree =
      "    0  BatchCount  Integer  1\n\n"
      "    0  RequestPayload  Structure, 24 bytes\n"
      "    8    Data  ByteString  {}\n"
      "   24    UniqueIdentifier  Structure, 0 bytes\n";
  CHECK(written(both, Encoding::tree) == fmt::format(fmt::runtime(tree), "<secret, 8 bytes>"));
  const Reveal reveal{};
  CHECK(test::text_of(write_messages(both, Encoding::tree, &reveal)) ==
        fmt::format(fmt::runtime(tree), "5a5a5a5a5a5a5a5a"));
}

TEST_CASE("hexadecimal and base64 as people keep them") {
  const Encoding hex = Encoding::hex;
  const Encoding base64 = Encoding::base64;
  const std::pair<Text, Encoding> cases[] = {
      {"42000D 02 00000004\n  00000001 00000000\n", hex},
      {"0x42000d020000000400000001 00000000\r\n", hex},
      {"\xef\xbb\xbf"
       "42000d02000000040000000100000000",
       hex},
      {"QgANAgAAAAQAAAABAAAAAA==", base64},
      {"QgAN\nAgAAAAQA\r\nAAABAAAAAA==\n", base64},
      {"QgANAgAAAAQAAAABAAAAAA", base64},
  };
  for (const auto& [text, encoding] : cases) {
    CAPTURE(text);
    const Messages messages = read(text, encoding);
    CHECK_FALSE(messages.damage);
    CHECK(test::to_hex(messages.ttlv.view()) == test::to_hex(a));
  }
  const OwnedBytes item = test::from_hex({"540001 08 00000003 fbffbf 0000000000"});
  CHECK(test::to_hex(read("VAABCAAAAAP7/78AAAAAAA==", base64).ttlv.view()) == test::to_hex(item));
  CHECK(test::to_hex(read("VAABCAAAAAP7_78AAAAAAA", base64).ttlv.view()) == test::to_hex(item));
}

TEST_CASE("what stands before the damage is kept, and the place is named") {
  const std::string good = test::to_hex(a);
  const struct {
    std::string text;
    Encoding from;
    std::string error;
    std::string damaged;
  } cases[] = {
      {"", Encoding::ttlv, "there is no message in the input", ""},
      {" \n", Encoding::hex, "there is no message in the input", ""},
      {"", Encoding::xml, "the XML holds no message", ""},
      {good + "4200", Encoding::hex, "message 2 is not valid KMIP: item cut short at byte 0", "4200"},
      {good + "42007801000000104200770200000008 0000000100000000", Encoding::hex,
       "message 2 is not valid KMIP: impossible length at byte 8: RequestMessage/RequestHeader",
       "420078010000001042007702000000080000000100000000"},
      {good + "\n4200y", Encoding::hex, "line 2: not a hexadecimal digit", "4200"},
      {good + "420", Encoding::hex, "the last byte has only one hexadecimal digit", "42"},
      {"!", Encoding::base64,
       "this is neither TTLV, XML, JSON, hexadecimal nor base64; name its form: --from xml, say", ""},
      {"x", Encoding::tree, "a tree cannot be read back; use xml or json", ""},
  };
  for (const auto& [text, from, error, damaged] : cases) {
    CAPTURE(text);
    const Messages messages = read(text, from);
    REQUIRE(messages.damage);
    CHECK(describe(*messages.damage) == error);
    CHECK(test::to_hex(messages.ttlv.view()) == (text.starts_with(good) ? good : ""));
    CHECK(test::to_hex(messages.damaged.view()) == damaged);
  }
  CHECK(written(test::from_hex({"42007801000000104200770200000008 0000000100000000"}), Encoding::tree) ==
        "    0  RequestMessage  Structure, 16 bytes\n"
        "damaged: impossible length at byte 8: RequestMessage/RequestHeader\n");
}

TEST_CASE("each message has the limits to itself") {
  const Limits limits{.message = 32, .elements = 3};
  const OwnedBytes two = test::from_hex({item_b, item_b});
  CHECK_FALSE(read_messages(two, Encoding::ttlv, Variables(), limits).damage);
  const Messages messages = read_messages(two, Encoding::ttlv, Variables(), {.message = 31});
  REQUIRE(messages.damage);
  CHECK(describe(*messages.damage) == "the message is not valid KMIP: too long at byte 0");
}
