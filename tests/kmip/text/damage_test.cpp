// XML and JSON that are cut short or wrong in the middle: what stands before the damage is shown.
#include <doctest/doctest.h>

#include <kmip/text/convert.h>
#include <kmip/text/readable.h>
#include <kmip/ttlv/item.h>
#include <tests/kmip/text/support.h>

using namespace keyway;
using namespace keyway::kmip;

namespace {

const OwnedBytes message = test::from_hex({
    "420078 01 00000078",
    "420077 01 00000038 420069 01 00000020",
    "42006A 02 00000004 00000001 00000000",
    "42006B 02 00000004 00000004 00000000",
    "42000D 02 00000004 00000001 00000000",
    "42000F 01 00000030",
    "42005C 05 00000004 0000000A 00000000",
    "420079 01 00000018",
    "420094 07 0000000A 6B3E2F22 3C265D7B 5C7D 000000000000",
});

using Lines = std::vector<std::string>;

// The lines of a tree without offsets and sizes, which differ where a structure ends early.
Lines lines_of(Bytes ttlv) {
  const std::string tree = readable(ttlv);
  Lines lines;
  for (std::size_t at = 0; at < tree.size();) {
    const std::size_t end = std::min(tree.find('\n', at), tree.size());
    std::string line = tree.substr(at, end - at);
    line = line.substr(std::min(line.size(), line.find_first_not_of("0123456789 ")));
    lines.push_back(line.substr(0, line.find("Structure, ")));
    at = end + 1;
  }
  return lines;
}

bool begins_with(const Lines& all, const Lines& part) {
  return part.size() <= all.size() && std::equal(part.begin(), part.end(), all.begin());
}

Messages read(Text text, Encoding from) { return read_messages(bytes_of(text), from); }

}  // namespace

TEST_CASE("wherever a text is cut, the items before the cut are there") {
  const Lines all = lines_of(message);
  REQUIRE(all.size() == 10);
  for (const Encoding encoding : {Encoding::xml, Encoding::json}) {
    CAPTURE(name(encoding));
    const std::string whole = test::text_of(write_messages(message, encoding));
    const std::size_t end = whole.find_last_of(">}");
    std::size_t shown = 0;
    for (std::size_t size = 1; size <= end; ++size) {
      const std::string text = whole.substr(0, size);
      CAPTURE(text);
      const Messages messages = read(text, encoding);
      REQUIRE(messages.damage);
      CHECK(messages.damage->kind == ErrorKind::corrupt);
      CHECK(messages.ttlv.empty());
      const Lines part = lines_of(messages.damaged.view());
      CHECK(begins_with(all, part));
      CHECK(part.size() >= shown);
      shown = part.size();
    }
    CHECK(shown == all.size());
  }
}

TEST_CASE("messages before the one that is cut are whole") {
  for (const Encoding encoding : {Encoding::xml, Encoding::json}) {
    CAPTURE(name(encoding));
    OwnedBytes two = message;
    two.insert(two.end(), message.begin(), message.end());
    const std::string whole = test::text_of(write_messages(two, encoding));
    const std::size_t cut = whole.rfind("UniqueIdentifier");
    const Messages messages = read(whole.substr(0, cut), encoding);
    REQUIRE(messages.damage);
    CHECK(test::to_hex(messages.ttlv.view()) == test::to_hex(message));
    const Lines part = lines_of(messages.damaged.view());
    CHECK(part.size() == 9);
    CHECK(begins_with(lines_of(message), part));
  }
}

TEST_CASE("the error has line and path, and the items before it are kept") {
  const struct {
    Encoding from;
    Text text, error;
    std::size_t items;
  } cases[] = {
      {Encoding::xml,
       "<RequestMessage>\n<BatchItem><Operation type=\"Enumeration\" value=\"Get\"/>\n"
       "<RequestPayload><Offset type=\"Interval\" "
       "value=\"soon\"/></RequestPayload></BatchItem></RequestMessage>",
       "line 3: RequestMessage/BatchItem/RequestPayload/Offset: ", 4},
      {Encoding::xml,
       "<RequestMessage>\n<BatchItem><Operation type=\"Enumeration\" value=\"Get\"/>\n<RequestPayload>",
       "line 3: RequestMessage/BatchItem/RequestPayload: not well-formed XML: ", 4},
      {Encoding::xml,
       "<RequestMessage><!-- > --><BatchItem><Operation type='Enumeration' value='Get'/></Batch>",
       "line 1: RequestMessage/BatchItem: not well-formed XML: ", 3},
      {Encoding::xml, "<RequestMessage><UniqueIdentifier type='TextString' value='a/>",
       "line 1: RequestMessage: not well-formed XML: ", 1},
      {Encoding::xml, "<RequestMessage><UniqueIdentifier type='TextString'>half a na",
       "line 1: RequestMessage/UniqueIdentifier: not well-formed XML: ", 1},
      {Encoding::xml, "<RequestMessage><BatchItem><BatchCount type='Integer' value='x'/><BatchItem>",
       "line 1: RequestMessage/BatchItem/BatchCount: ", 2},
      {Encoding::xml, "<KMIP><RequestMessage><BatchCount type='Integer' value='1'/><Unique", "line 1: ", 2},
      {Encoding::json,
       R"({"tag":"RequestMessage","value":[{"tag":"BatchCount","type":"Integer","value":1},)"
       "\n"
       R"({"tag":"BatchCount","type":"Integer","value":"x"}]})",
       "line 2: RequestMessage/BatchCount: ", 2},
      {Encoding::json,
       R"([{"tag":"RequestMessage","value":[{"tag":"BatchCount","type":"Integer","value":1},)"
       "\n"
       R"({"tag":"BatchItem","value":[{"tag":"BatchCount","type":"Integer","value":1)",
       "line 2: RequestMessage/BatchItem", 3},
      {Encoding::json, R"({"tag":"RequestMessage","value":[{"value":[{"tag":"BatchCount"})",
       "line 1: RequestMessage", 1},
      {Encoding::json, R"({"value":[{"tag":"BatchCount","type":"Integer","value":1}], "tag)", "line 1: ", 0},
  };
  for (const auto& one : cases) {
    CAPTURE(one.text);
    const Messages messages = read(one.text, one.from);
    REQUIRE(messages.damage);
    const std::string error = describe(*messages.damage);
    CAPTURE(error);
    CHECK(messages.damage->kind == ErrorKind::corrupt);
    CHECK(error.starts_with(one.error));
    CHECK(messages.ttlv.empty());
    const Lines part = lines_of(messages.damaged.view());
    CHECK(part.size() == one.items);
    CHECK((part.empty() || part.back().find("damaged") == std::string::npos));
  }
}

// Many items and many elements that do not end: a search among these for each of those would take minutes,
// longer than a test may.
TEST_CASE("a text that is broken many times over is read in one go") {
  constexpr std::size_t items = 190'000;
  std::string text = "<Attributes>";
  for (std::size_t i = 0; i < items; ++i) text += "<D type=\"ByteString\"/>";
  for (std::size_t i = 0; i < 300'000; ++i) text += "<P>";
  const Messages messages = read(text, Encoding::xml);
  REQUIRE(messages.damage);
  CHECK(describe(*messages.damage).starts_with("line 1: Attributes/P/"));
  CHECK(describe(*messages.damage).ends_with("too many structures inside one another"));
  CHECK(messages.damaged.size() == item_header_size * (items + Limits{}.depth));
}

TEST_CASE("whatever sign stands anywhere, what is shown is whole items") {
  int damaged = 0;
  for (const Encoding encoding : {Encoding::xml, Encoding::json}) {
    const std::string whole = test::text_of(write_messages(message, encoding));
    for (std::size_t at = 0; at < whole.size(); ++at)
      for (const char sign : Text("<>\"'/&{}[]:,!-7 \\\xff")) {
        std::string text = whole;
        text[at] = sign;
        CAPTURE(text);
        const Messages messages = read(text, encoding);
        damaged += messages.damage ? 1 : 0;
        for (const SecretBuffer* part : {&messages.ttlv, &messages.damaged})
          for (const std::string& line : lines_of(part->view())) CHECK_FALSE(line.starts_with("damaged"));
      }
  }
  CHECK(damaged > 0);
}
