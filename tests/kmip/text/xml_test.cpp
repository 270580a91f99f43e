#include <doctest/doctest.h>

#include <tests/kmip/corpus.h>
#include <tests/kmip/text/support.h>

using namespace keyway;
using namespace keyway::kmip;
using test::from_hex;
using test::item_hex;
using test::xml_as_hex;

namespace {

// The request of KMIP Additional Message Encodings 1.0 §7.2.1, TIME 1, which the standard gives in all three
// encodings.
constexpr Text query_xml = R"(<RequestMessage>
  <RequestHeader>
    <ProtocolVersion>
      <ProtocolVersionMajor type="Integer" value="1"/>
      <ProtocolVersionMinor type="Integer" value="1"/>
    </ProtocolVersion>
    <MaximumResponseSize type="Integer" value="2048"/>
    <BatchCount type="Integer" value="1"/>
  </RequestHeader>
  <BatchItem>
    <Operation type="Enumeration" value="Query"/>
    <RequestPayload>
      <QueryFunction type="Enumeration" value="QueryOperations"/>
      <QueryFunction type="Enumeration" value="QueryObjects"/>
    </RequestPayload>
  </BatchItem>
</RequestMessage>
)";
const OwnedBytes query = from_hex({
    "42007801000000904200770100000048420069010000002042006a02000000040000000100000000",
    "42006b020000000400000001000000004200500200000004000008000000000042000d0200000004",
    "000000010000000042000f010000003842005c050000000400000018000000004200790100000020",
    "4200740500000004000000010000000042007405000000040000000200000000",
});

// One structure around items in XML.
std::string inside(Text structure, Text items) { return fmt::format("<{0}>{1}</{0}>", structure, items); }

constexpr Text one_item = R"(<BatchCount type="Integer" value="1"/>)";
const std::string one_item_hex = item_hex("42000d", "02", 4, "0000000100000000");

}  // namespace

TEST_CASE("the standard's example") {
  CHECK(xml_as_hex(query_xml) == test::to_hex(query));
  CHECK(test::text_of(write_xml(query)) == query_xml);
}

TEST_CASE("attributes of 1.x are read and written by their names") {
  const Text xml = R"(<TemplateAttribute>
  <Attribute>
    <AttributeName type="TextString" value="Cryptographic Algorithm"/>
    <AttributeValue type="Enumeration" value="AES"/>
  </Attribute>
  <Attribute>
    <AttributeName type="TextString" value="Cryptographic Usage Mask"/>
    <AttributeValue type="Integer" value="Encrypt Decrypt"/>
  </Attribute>
  <Attribute>
    <AttributeName type="TextString" value="x-Purpose"/>
    <AttributeValue type="Enumeration" value="0x00000003"/>
  </Attribute>
</TemplateAttribute>
)";
  const OwnedBytes bytes = from_hex({
      "420091 01 000000A0",
      "420008 01 00000030",
      "42000A 07 00000017 43727970746F67726170686963 20 416C676F726974686D 00",
      "42000B 05 00000004 00000003 00000000",
      "420008 01 00000030",
      "42000A 07 00000018 43727970746F67726170686963 20 5573616765 20 4D61736B",
      "42000B 02 00000004 0000000C 00000000",
      "420008 01 00000028",
      "42000A 07 00000009 782D507572706F7365 00000000000000",
      "42000B 05 00000004 00000003 00000000",
  });
  CHECK(xml_as_hex(xml) == test::to_hex(bytes));
  CHECK(test::text_of(write_xml(bytes)) == xml);

  CHECK(xml_as_hex(inside("Attribute", R"(<AttributeName value="CryptographicAlgorithm"/>
    <AttributeValue type="Enumeration" value="AES"/>)"))
            .ends_with("42000b05000000040000000300000000"));

  // However the name is written, it stays so.
  for (const auto& [written, known] : {std::pair<Text, bool>{"cryptographic algorithm", true},
                                       {"Cryptographic_Algorithm", true},
                                       {"x-Cryptographic Algorithm", false},
                                       {"y-cryptographicalgorithm", false}}) {
    CAPTURE(written);
    const std::string hex = xml_as_hex(
        inside("Attribute",
               fmt::format(R"(<AttributeName value="{}"/><AttributeValue type="Enumeration" value="AES"/>)",
                           written)));
    CHECK(hex.ends_with("42000b05000000040000000300000000") == known);
    CHECK(hex.contains(test::to_hex(bytes_of(written))) == known);
  }

  // Nobody knows whether a custom attribute is a secret.
  for (const Text item :
       {R"(<AttributeValue type="Integer" value="hunter2"/>)",
        R"(<AttributeValue><BatchCount type="Integer" value="hunter2"/></AttributeValue>)"}) {
    const std::string error =
        xml_as_hex(inside("Attribute", fmt::format(R"(<AttributeName value="x-PIN"/>{})", item)));
    CHECK(error.contains("this text is not an Integer"));
  }

  const std::string custom = inside("Attribute", R"(<VendorIdentification type="TextString" value="x"/>
    <AttributeName type="TextString" value="Cryptographic Algorithm"/>
    <AttributeValue type="Enumeration" value="AES"/>)");
  CHECK(
      xml_as_hex(custom) ==
      "line 3: Attribute/AttributeValue: this text cannot be looked up: nothing says which enumeration it is "
      "of; "
      "write the number: 0x00000001");
}

TEST_CASE("a 2.x Adjustment Value has the type of the attribute that is adjusted") {
  const std::string xml =
      inside("RequestPayload", R"(<AttributeReference type="Enumeration" value="ObjectType"/>
    <AdjustmentValue type="Enumeration" value="SymmetricKey"/>)");
  CHECK(xml_as_hex(xml) == item_hex("420079", "01", 32, "") +
                               item_hex("42013b", "05", 4, "0042005700000000") +
                               item_hex("420162", "05", 4, "0000000200000000"));
}

TEST_CASE("the ways to write an element") {
  const Text ways[] = {
      R"(<BatchCount type="Integer" value="1"/>)",
      R"(<BatchCount type='Integer' value='1'></BatchCount>)",
      R"(<BatchCount type="integer" value="1"><!-- one --></BatchCount>)",
      R"(<BatchCount type="0x02" value="1"/>)",
      R"(<BatchCount value="1"/>)",
      R"(<BatchCount type="Integer">1</BatchCount>)",
      R"(<BatchCount type="Integer"><![CDATA[1]]></BatchCount>)",
      R"(<BatchCount type="Integer" hex="00 00 00 01"/>)",
      R"(<batchcount type="Integer" value="1"/>)",
      R"(<TTLV tag="0x42000D" type="Integer" value="1"/>)",
      R"(<TTLV tag="0x42000d" name="Anything" type="Integer" value="1"/>)",
      R"(<TTLV tag="BatchCount" type="Integer" value="1"/>)",
      R"(<TTLV name="Batch Count" type="Integer" value="1"/>)",
      R"(<x42000D type="Integer" value="1"/>)",
      R"(<0x42000D type="Integer" value="1"></0x42000D>)",
      R"(<BatchCount xmlns="urn:oasis:tc:kmip:xmlns" type="Integer" value="1"/>)",
      R"(<k:BatchCount xmlns:k="urn:oasis:tc:kmip:xmlns" type="Integer" value="1"/>)",
      R"(<k:BatchCount xmlns:k="urn:oasis:tc:kmip:xmlns" k:type="Integer" k:value="1"/>)",
      R"(<BatchCount Type="Integer" VALUE="1"/>)",
      R"(<BatchCount xml:space="preserve" xsi:type="x" xsi:nil="false" type="Integer" value="1"/>)",
      "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<!-- <0x1> &#0; --><KMIP>\r\n"
      "<BatchCount\r\n  type=\"Integer\"\r\n  value=\"1\"/>\r\n</KMIP>\r\n",
  };
  for (const Text way : ways) {
    CAPTURE(way);
    CHECK(xml_as_hex(way) == one_item_hex);
  }
  CHECK(xml_as_hex(R"(<NameValue type="TextString"/>)") == item_hex("420055", "07", 0, ""));
  CHECK(xml_as_hex(R"(<NameValue value="a"/>)") == item_hex("420055", "07", 1, "6100000000000000"));
  CHECK(xml_as_hex("<RequestPayload/>") == item_hex("420079", "01", 0, ""));
  CHECK(xml_as_hex("<RequestPayload type=\"Structure\"> </RequestPayload>") ==
        item_hex("420079", "01", 0, ""));
  CHECK(xml_as_hex("<NameValue value=\"&amp;&lt;&gt;&quot;&apos;&#65;&#x42;\"/>") ==
        item_hex("420055", "07", 7, "263c3e2227414200"));
  CHECK(xml_as_hex("<!-- a & b --><?a & b?><NameValue type=\"TextString\"><![CDATA[&b;]]></NameValue>") ==
        item_hex("420055", "07", 3, "26623b0000000000"));
  CHECK(xml_as_hex("<NameValue type=\"TextString\"><![CDATA[<0x1>&#0;]]></NameValue>") ==
        item_hex("420055", "07", 10, "3c3078313e2623303b00000000000000").replace(14, 2, "09"));
}

TEST_CASE("several messages") {
  const OwnedBytes two = from_hex({one_item_hex, one_item_hex});
  CHECK(test::text_of(write_xml(two)) == fmt::format("<KMIP>\n  {0}\n  {0}\n</KMIP>\n", one_item));
  for (const std::string& xml :
       {fmt::format("<KMIP>{0}{0}</KMIP>", one_item), fmt::format("{0}\n{0}\n", one_item),
        fmt::format("<KMIP>{0}</KMIP><KMIP>{0}</KMIP>", one_item)})
    CHECK(xml_as_hex(xml) == test::to_hex(two));
}

TEST_CASE("line breaks, tabs and quotation marks in a text come back") {
  const OwnedBytes text = from_hex("420055 07 00000009 0a 09 0d 22 27 26 3c 3e 20 00000000000000");
  const std::string xml = test::text_of(write_xml(text));
  CHECK(xml == "<NameValue type=\"TextString\" value=\"&#10;&#9;&#13;&quot;'&amp;&lt;&gt; \"/>\n");
  CHECK(xml_as_hex(xml) == test::to_hex(text));
}

TEST_CASE("every message of the corpus comes back from XML") {
  for (const test::Sample& sample : test::corpus()) {
    CAPTURE(sample.name);
    const auto xml = write_xml(sample.bytes);
    REQUIRE(xml);
    REQUIRE(xml_as_hex(keyway::text_of(xml->view())) == test::to_hex(sample.bytes));
  }
}

TEST_CASE("mistakes name their line and their elements") {
  const struct {
    std::string xml;
    std::string error;
  } cases[] = {
      {"", "the XML holds no message"},
      {"<KMIP/>", "the XML holds no message"},
      {"<!-- nothing -->", "the XML holds no message"},
      {"hello", "line 1: text between the messages; put it into comments: <!-- -->"},
      {"<RequestMessage>\n  <BatchItem>\n    <Nonsense type=\"Integer\" "
       "value=\"1\"/>\n</BatchItem></RequestMessage>",
       "line 3: RequestMessage/BatchItem: \"Nonsense\" is not a tag; check the spelling, or write <TTLV "
       "tag=\"0x540001\" ...>"},
      {"<TTLV type=\"Integer\" value=\"1\"/>",
       "line 1: \"\" is not a tag; check the spelling, or write <TTLV tag=\"0x540001\" ...>"},
      {"<BatchCount tag=\"0x420001\" type=\"Integer\" value=\"1\"/>",
       "line 1: \"0x420001\" is not a tag; check the spelling, or write <TTLV tag=\"0x540001\" ...>"},
      {"<BatchCount type=\"Number\" value=\"1\"/>",
       "line 1: BatchCount: \"Number\" is not an item type; write one like TextString, or a number like "
       "0x0B"},
      {"<TTLV tag=\"0x540001\" value=\"1\"/>", "line 1: 0x540001: the type is missing; add type=\"...\""},
      {"<BatchCount type=\"Integer\"/>", "line 1: BatchCount: the value is missing; add value=\"...\""},
      {"<BatchCount type=\"Integer\" value=\"1\" value=\"2\"/>", "line 1: value is given twice"},
      {"<BatchCount type=\"Integer\" value=\"2\" k:Value=\"1\"/>", "line 1: k:Value is given twice"},
      {"<BatchItem>\n<NameValue type=\"TextString\" values=\"x\"/></BatchItem>",
       "line 2: BatchItem: \"values\" is not an attribute of an item; write tag, name, type, value or hex"},
      {"<BatchItem val=\"x\"/>",
       "line 1: \"val\" is not an attribute of an item; write tag, name, type, value or hex"},
      {"<BatchCount type=\"Integer\" value=\"1\" hex=\"00000001\"/>",
       "line 1: BatchCount: both value and hex are given; keep one of them"},
      {"<BatchCount type=\"Integer\" value=\"1\">1</BatchCount>",
       "line 1: BatchCount: a value, and text inside the element; keep one of them"},
      {"<BatchCount type=\"Integer\" hex=\"0001\"/>",
       "line 1: BatchCount: 2 bytes are not the value of an Integer; give as many bytes as the type has"},
      {"<BatchCount type=\"Integer\" value=\"1\"><BatchCount/></BatchCount>",
       "line 1: BatchCount: an item inside an item that is not a Structure"},
      {"<BatchItem type=\"Structure\" value=\"1\"/>",
       "line 1: BatchItem: a Structure has no value of its own; say its type, or put items inside it"},
      {"<BatchItem><BatchCount value=\"1\"/>text</BatchItem>",
       "line 1: BatchItem: text inside a Structure; say the item's type"},
      {"<!DOCTYPE x [<!ENTITY a \"b\">]><BatchItem/>", "line 1: a DOCTYPE is not accepted; remove it"},
      {"<NameValue value=\"&#0;\"/>",
       "line 1: a character reference that XML does not have; write text that XML cannot hold as "
       "hex=\"...\""},
      {"<NameValue value=\"&#xD800;\"/>",
       "line 1: a character reference that XML does not have; write text that XML cannot hold as "
       "hex=\"...\""},
      {"<NameValue value=\"&#4294967296;\"/>",
       "line 1: a character reference that XML does not have; write text that XML cannot hold as "
       "hex=\"...\""},
      {"<BatchItem>\n<NameValue value=\"caf&eacute;\"/></BatchItem>",
       "line 2: BatchItem: not well-formed XML: an '&' that starts no reference that XML has; write &amp; "
       "for '&'"},
      {"<BatchItem><NameValue type=\"TextString\">\na & b</NameValue></BatchItem>",
       "line 2: BatchItem/NameValue: not well-formed XML: an '&' that starts no reference that XML has; "
       "write "
       "&amp; for '&'"},
      {"<NameValue value=\"a &amp\"/>",
       "line 1: not well-formed XML: an '&' that starts no reference that XML has; write &amp; for '&'"},
      {"<NameValue value=\"\xff\"/>", "the XML is not UTF-8; convert it to UTF-8"},
      {std::string("<BatchItem/>\n\0", 14), "line 2: a NUL character is not XML"},
  };
  for (const auto& [xml, error] : cases) {
    CAPTURE(xml);
    CHECK(xml_as_hex(xml) == error);
  }
}

TEST_CASE("what came before a mistake is kept") {
  const struct {
    std::string rest;
    std::string error;
  } cases[] = {
      {"\n<BatchItem><Nonsense/></BatchItem>",
       "line 2: BatchItem: \"Nonsense\" is not a tag; check the spelling, or write <TTLV tag=\"0x540001\" "
       "...>"},
      {"\n<BatchItem><BatchCount value=\"1\"/>",
       "line 2: BatchItem: not well-formed XML: start-end tags mismatch"},
      {"\n<BatchItem><BatchCount value=\"1\"/></BatchIte",
       "line 2: BatchItem: not well-formed XML: start-end tags mismatch"},
      {"\n<NameValue value=\"caf&eacute;\"/>",
       "line 2: not well-formed XML: an '&' that starts no reference that XML has; write &amp; for '&'"},
      {"\n<BatchItem><NameValue value=\"&#0;\"/></BatchItem>",
       "line 2: BatchItem: a character reference that XML does not have; write text that XML cannot hold as "
       "hex=\"...\""},
      {"\n &",
       "line 2: not well-formed XML: an '&' that starts no reference that XML has; write &amp; for '&'"},
      {"\n\n<BatchItem x></BatchItem>",
       "line 3: BatchItem: not well-formed XML: error parsing element attribute"},
  };
  for (const Text front : {"", "<KMIP>"})
    for (const auto& [rest, error] : cases) {
      CAPTURE(rest);
      SecretBuffer out;
      const auto done = read_xml(fmt::format("{}{}{}", front, one_item, rest), out);
      REQUIRE_FALSE(done);
      CHECK(done.error().kind == ErrorKind::corrupt);
      CHECK(describe(done.error()) == error);
      CHECK(test::to_hex(out.view()) == one_item_hex);
    }
}

TEST_CASE("limits") {
  std::string deep;
  for (int i = 0; i < 5; ++i) deep += "<RequestPayload>";
  for (int i = 0; i < 5; ++i) deep += "</RequestPayload>";
  const Variables none;
  const auto read = [&](const std::string& xml, const Limits& limits) {
    return test::read_as_hex(read_xml, xml, none, limits);
  };
  CHECK(read(deep, {.depth = 5}).starts_with("420079"));
  CHECK(read(deep, {.depth = 4}).ends_with("too many structures inside one another"));
  const std::string three = inside("BatchItem", fmt::format("{0}{0}", one_item));
  CHECK(read(three, {.elements = 3}).starts_with("42000f"));
  CHECK(read(three, {.elements = 2}).ends_with("too many items in one message"));
  CHECK(read(three, {.message = 40}).starts_with("42000f"));
  CHECK(read(three, {.message = 39}).ends_with("the message is too long"));
  CHECK(read(three, {.message = 4}) == "the XML is too long; split it into several files");

  // So many that the parser would take many times the memory of the text.
  std::string many;
  for (int i = 0; i < 60; ++i) many += "<D/>";
  CHECK(read(many, {.elements = 2}) == "the XML is too long; split it into several files");

  // So deep that a walk without a limit would run out of stack; the parser has to bear it.
  std::string deeper;
  for (int i = 0; i < 200'000; ++i) deeper += "<D>";
  CHECK(xml_as_hex(deeper).starts_with("line 1: "));
}

TEST_CASE("damaged TTLV is not written") {
  OwnedBytes bytes = query;
  bytes[200 - 60] = std::byte{0xff};
  const auto xml = write_xml(Bytes(bytes).first(100));
  REQUIRE_FALSE(xml);
  CHECK(xml.error().kind == ErrorKind::corrupt);
  CHECK(describe(xml.error()) == "the message is not valid KMIP: item cut short at byte 0: RequestMessage");
}
