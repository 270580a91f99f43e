// How values of every type are read and written, in both encodings.
#include <doctest/doctest.h>

#include <kmip/text/convert.h>
#include <kmip/text/value.h>
#include <tests/kmip/text/support.h>

using namespace keyway;
using namespace keyway::kmip;
using test::from_hex;
using test::item_hex;
using test::json_as_hex;
using test::xml_as_hex;

namespace {

std::string xml_item(Text tag, Text type, Text value) {
  return fmt::format(R"(<{} type="{}" value="{}"/>)", tag, type, value);
}
std::string json_item(Text tag, Text type, Text value) {
  return fmt::format(R"({{"tag":"{}", "type":"{}", "value":{}}})", tag, type, value);
}

struct Reading {
  Text type;
  Text value;
  Text hex;  // of type, length and value
};

constexpr Text names_everywhere = R"([{"tag":"BatchItem","value":[
  {"tag":"NameValue","type":"TextString","value":"$TEXT$ALSO"},
  {"tag":"MACSignature","type":"ByteString","value":"$BYTES"}]},
  {"tag":"BatchItem","value":[
  {"tag":"TimeStamp","type":"DateTime","value":"$NOW"},
  {"tag":"ObjectType","type":"Enumeration","value":"$TYPE"},
  {"tag":"TimeStamp","type":"DateTime","value":"$TIME+1"},
  {"tag":"Modulus","type":"BigInteger","value":"$NUMBER"},
  {"tag":"NameValue","type":"TextString","value":"$TEXT"}]}])";

constexpr Text names_in_texts = R"(<BatchItem>
  <NameValue type="TextString" value="$TEXT$ALSO"/>
  <MACSignature type="ByteString" value="$BYTES"/><TimeStamp type="DateTime" value="$NOW"/></BatchItem>)";

// The bytes after the tag.
std::string after_tag(const std::string& hex) { return hex.size() > 6 ? hex.substr(6) : hex; }
std::string plain(Text hex) { return test::to_hex(from_hex(hex)); }

}  // namespace

TEST_CASE("values in XML, as the standard writes them and as people do") {
  const struct {
    Text tag;
    Reading is;
  } cases[] = {
      {"BatchCount", {"Integer", "10", "02 00000004 0000000a00000000"}},
      {"CryptographicUsageMask", {"Integer", "", "02 00000004 0000000000000000"}},
      {"BatchCount", {"Integer", "-1", "02 00000004 ffffffff00000000"}},
      {"BatchCount", {"Integer", "+7", "02 00000004 0000000700000000"}},
      {"BatchCount", {"Integer", " 0x0000000A ", "02 00000004 0000000a00000000"}},
      {"BatchCount", {"Integer", "0xffffffff", "02 00000004 ffffffff00000000"}},
      {"CryptographicUsageMask",
       {"Integer", "Encrypt Decrypt CertificateSign", "02 00000004 0000100c00000000"}},
      {"CryptographicUsageMask",
       {"Integer", "Encrypt|Decrypt | CertificateSign", "02 00000004 0000100c00000000"}},
      {"CryptographicUsageMask",
       {"Integer", "CertificateSign 0x00000004 0x0000008", "02 00000004 0000100c00000000"}},
      {"CryptographicUsageMask", {"Integer", "0x0000100c", "02 00000004 0000100c00000000"}},
      {"CryptographicUsageMask", {"Integer", "12", "02 00000004 0000000c00000000"}},
      {"CryptographicUsageMask", {"Integer", "MAC Generate, mac_verify", "02 00000004 0000018000000000"}},
      {"CryptographicUsageMask", {"Integer", "Sign 0x80000000", "02 00000004 8000000100000000"}},
      {"StorageStatusMask", {"Integer", "On-line storage|ArchivalStorage", "02 00000004 0000000300000000"}},
      {"ProtectionStorageMask", {"Integer", "Software", "02 00000004 0000000100000000"}},
      {"ExtensionTag", {"Integer", "0x54FFFF", "02 00000004 0054ffff00000000"}},
      {"ExtensionTag", {"Integer", "UniqueIdentifier", "02 00000004 0042009400000000"}},
      {"ExtensionType", {"Integer", "TextString", "02 00000004 0000000700000000"}},
      {"ExtensionType", {"Enumeration", "Byte String", "05 00000004 0000000800000000"}},
      {"UsageLimitsCount", {"LongInteger", "1152921504606846976", "03 00000008 1000000000000000"}},
      {"UsageLimitsCount", {"LongInteger", "-2", "03 00000008 fffffffffffffffe"}},
      {"UsageLimitsCount", {"LongInteger", "0xfffffffffffffffe", "03 00000008 fffffffffffffffe"}},
      {"UsageLimitsCount", {"LongInteger", "-9223372036854775808", "03 00000008 8000000000000000"}},
      {"X", {"BigInteger", "0000000000000000", "04 00000008 0000000000000000"}},
      {"X", {"BigInteger", "0x00", "04 00000008 0000000000000000"}},
      {"X", {"BigInteger", "7f", "04 00000008 000000000000007f"}},
      {"X", {"BigInteger", "fF", "04 00000008 ffffffffffffffff"}},
      {"X", {"BigInteger", "010000000000000001", "04 00000010 00000000000000010000000000000001"}},
      {"ObjectType", {"Enumeration", "SymmetricKey", "05 00000004 0000000200000000"}},
      {"ObjectType", {"Enumeration", "Symmetric Key", "05 00000004 0000000200000000"}},
      {"ObjectType", {"Enumeration", "0x00000002", "05 00000004 0000000200000000"}},
      {"ObjectType", {"Enumeration", "2", "05 00000004 0000000200000000"}},
      {"CryptographicAlgorithm", {"Enumeration", "DES3", "05 00000004 0000000200000000"}},
      {"CryptographicAlgorithm", {"Enumeration", "3DES", "05 00000004 0000000200000000"}},
      {"HashingAlgorithm", {"Enumeration", "SHA-256", "05 00000004 0000000600000000"}},
      {"HashingAlgorithm", {"Enumeration", "SHA_3_256", "05 00000004 0000000f00000000"}},
      {"Operation", {"Enumeration", "Re-key", "05 00000004 0000000400000000"}},
      {"AttributeReference", {"Enumeration", "CryptographicAlgorithm", "05 00000004 0042002800000000"}},
      {"AttributeReference", {"Enumeration", "Cryptographic Length", "05 00000004 0042002a00000000"}},
      {"AttributeReference", {"Enumeration", "0x540001", "05 00000004 0054000100000000"}},
      {"Tag", {"Enumeration", "State", "05 00000004 0042008d00000000"}},
      {"UniqueIdentifier", {"Enumeration", "IDPlaceholder", "05 00000004 0000000100000000"}},
      {"UniqueIdentifier", {"Integer", "-1", "02 00000004 ffffffff00000000"}},
      {"BatchOrderOption", {"Boolean", "true", "06 00000008 0000000000000001"}},
      {"BatchOrderOption", {"Boolean", "False", "06 00000008 0000000000000000"}},
      {"BatchOrderOption", {"Boolean", "1", "06 00000008 0000000000000001"}},
      {"BatchOrderOption", {"Boolean", "0x0000000000000001", "06 00000008 0000000000000001"}},
      {"NameValue", {"TextString", "a &lt; b &#x26; c", "07 00000009 61203c2062202620 6300000000000000"}},
      {"NameValue", {"TextString", "", "07 00000000"}},
      {"NameValue", {"TextString", " x ", "07 00000003 2078200000000000"}},
      {"NameValue", {"TextString", "$NOW and 5$", "07 0000000b 244e4f5720616e64 2035240000000000"}},
      {"MACSignature", {"ByteString", "C50f77", "08 00000003 c50f770000000000"}},
      {"MACSignature", {"ByteString", " c5 0f\n77 ", "08 00000003 c50f770000000000"}},
      {"MACSignature", {"ByteString", "0xc50f77", "08 00000003 c50f770000000000"}},
      {"MACSignature", {"ByteString", "", "08 00000000"}},
      {"ArchiveDate", {"DateTime", "2001-01-01T10:00:00+10:00", "09 00000008 000000003a4fc880"}},
      {"ArchiveDate", {"DateTime", "2001-01-01T00:00:00Z", "09 00000008 000000003a4fc880"}},
      {"ArchiveDate", {"DateTime", "2000-12-31T19:00:00.999-0500", "09 00000008 000000003a4fc880"}},
      {"ArchiveDate", {"DateTime", "2001-01-01", "09 00000008 000000003a4fc880"}},
      {"ArchiveDate", {"DateTime", "978307200", "09 00000008 000000003a4fc880"}},
      {"ArchiveDate", {"DateTime", "0x000000003A4FC880", "09 00000008 000000003a4fc880"}},
      {"ArchiveDate", {"DateTime", "1969-12-31T23:59:59Z", "09 00000008 ffffffffffffffff"}},
      {"Offset", {"Interval", "27", "0a 00000004 0000001b00000000"}},
      {"Offset", {"Interval", "4294967295", "0a 00000004 ffffffff00000000"}},
      {"TimeStamp", {"DateTimeExtended", "1970-01-01T00:00:01.5Z", "0b 00000008 000000000016e360"}},
      {"ArchiveDate", {"DateTime", "1970-01-01T24:00:00Z", "09 00000008 0000000000015180"}},
      {"ArchiveDate", {"DateTime", "1969-12-31T24:00+01:00", "09 00000008 fffffffffffff1f0"}},
      {"ArchiveDate", {"DateTime", "2016-12-31T23:59:60Z", "09 00000008 0000000058684680"}},
      {"ArchiveDate", {"DateTime", "2017-01-01T05:29:60.5+05:30", "09 00000008 0000000058684680"}},
      {"TimeStamp", {"DateTimeExtended", "1969-12-31T24:00:00.000Z", "0b 00000008 0000000000000000"}},
      {"TimeStamp", {"Date-Time-Extended", "1969-12-31T23:59:59.9999999Z", "0b 00000008 ffffffffffffffff"}},
      {"UniqueIdentifier", {"Identifier", "k", "0c 00000001 6b00000000000000"}},
      {"UniqueIdentifier", {"Reference", "k", "0d 00000001 6b00000000000000"}},
      {"UniqueIdentifier", {"Name Reference", "k", "0e 00000001 6b00000000000000"}},
  };
  for (const auto& [tag, is] : cases) {
    CAPTURE(tag);
    CAPTURE(is.value);
    CHECK(after_tag(xml_as_hex(xml_item(tag, is.type, is.value))) == plain(is.hex));
  }
}

TEST_CASE("values in JSON") {
  const struct {
    Text tag;
    Reading is;
  } cases[] = {
      {"BatchCount", {"Integer", "10", "02 00000004 0000000a00000000"}},
      {"CryptographicUsageMask", {"Integer", "\"\"", "02 00000004 0000000000000000"}},
      {"BatchCount", {"Integer", "-10", "02 00000004 fffffff600000000"}},
      {"BatchCount", {"Integer", R"("0x0000000A")", "02 00000004 0000000a00000000"}},
      {"CryptographicUsageMask",
       {"Integer", R"("CertificateSign|0x0000000c")", "02 00000004 0000100c00000000"}},
      {"0x540001", {"LongInteger", R"("0xfffffffffffffffe")", "03 00000008 fffffffffffffffe"}},
      {"0x540001", {"LongInteger", "-2", "03 00000008 fffffffffffffffe"}},
      {"0x540001", {"LongInteger", "9007199254740993", "03 00000008 0020000000000001"}},
      {"X", {"BigInteger", "0", "04 00000008 0000000000000000"}},
      {"X", {"BigInteger", "-1", "04 00000008 ffffffffffffffff"}},
      {"X", {"BigInteger", R"("0x0000000000000001")", "04 00000008 0000000000000001"}},
      {"0x420057", {"Enumeration", "2", "05 00000004 0000000200000000"}},
      {"ObjectType", {"Enumeration", R"("SymmetricKey")", "05 00000004 0000000200000000"}},
      {"BatchOrderOption", {"Boolean", "true", "06 00000008 0000000000000001"}},
      {"BatchOrderOption", {"Boolean", R"("0x0000000000000001")", "06 00000008 0000000000000001"}},
      {"NameValue",
       {"TextString", R"("a\"\\\/\b\f\n\r\t")", "07 00000009 61225c2f080c0a0d 0900000000000000"}},
      {"NameValue",
       {"TextString", R"("\u0000\u00e9\u20ac\ud83d\uDE00")",
        "07 0000000a 00c3a9e282acf09f 9880000000000000"}},
      {"MACSignature", {"ByteString", R"("C50F77")", "08 00000003 c50f770000000000"}},
      {"ArchiveDate", {"DateTime", R"("0x000000003a505520")", "09 00000008 000000003a505520"}},
      {"ArchiveDate", {"DateTime", "978307200", "09 00000008 000000003a4fc880"}},
      {"Offset", {"Interval", R"("0x0000001b")", "0a 00000004 0000001b00000000"}},
  };
  for (const auto& [tag, is] : cases) {
    CAPTURE(tag);
    CAPTURE(is.value);
    CHECK(after_tag(json_as_hex(json_item(tag, is.type, is.value))) == plain(is.hex));
  }
}

TEST_CASE("values that are not of their type") {
  const struct {
    Text tag;
    Text type;
    Text value;
    std::string error;
  } cases[] = {
      {"BatchCount", "Integer", "4294967295", "\"4294967295\" is not an Integer; write a number of 32 bits"},
      {"BatchCount", "Integer", "", "\"\" is not an Integer; write a number of 32 bits"},
      {"BatchCount", "Integer", "1.0", "\"1.0\" is not an Integer; write a number of 32 bits"},
      {"BatchCount", "Integer", "0x", "\"0x\" is not an Integer; write a number of 32 bits"},
      {"CryptographicUsageMask", "Integer", "Encrypt Dance",
       "\"Encrypt Dance\" is not an Integer; write names of the mask separated by spaces or '|', or numbers"},
      {"ObjectType", "Enumeration", "Teapot",
       "\"Teapot\" is not a value of ObjectType; check the spelling, or write the number: 0x00000001"},
      {"ObjectType", "Enumeration", "-1",
       "\"-1\" is not a value of ObjectType; check the spelling, or write the number: 0x00000001"},
      {"BatchCount", "Enumeration", "One",
       "\"One\" cannot be looked up: nothing says which enumeration it is of; write the number: 0x00000001"},
      {"AttributeReference", "Enumeration", "Nonsense",
       "\"Nonsense\" is not a value of AttributeReference; check the spelling, or write the number: "
       "0x00000001"},
      {"UsageLimitsCount", "LongInteger", "9223372036854775808",
       "\"9223372036854775808\" is not a LongInteger; write a number of 64 bits"},
      {"X", "BigInteger", "",
       "this is not a BigInteger; write hexadecimal digits, two for each byte, 0000000000000000 for zero"},
      {"BatchOrderOption", "Boolean", "2", "\"2\" is not a Boolean; write true or false"},
      {"Offset", "Interval", "-1", "\"-1\" is not an Interval; write seconds, 0 to 4294967295"},
      {"MACSignature", "ByteString", "abc", "this is not hexadecimal; write two digits for each byte"},
      {"ArchiveDate", "DateTime", "2001-02-29T00:00:00Z",
       "\"2001-02-29T00:00:00Z\" is not a DateTime; write a date like 2001-01-01T10:00:00+10:00, or a "
       "number"},
      {"0x540001", "Integer", "hunter2", "this text is not an Integer; write a number of 32 bits"},
      {"0x540001", "Enumeration", "hunter2",
       "this text cannot be looked up: nothing says which enumeration it is of; write the number: "
       "0x00000001"},
      {"KeyMaterial", "Integer", "hunter2", "this text is not an Integer; write a number of 32 bits"},
  };
  for (const auto& [tag, type, value, error] : cases) {
    CAPTURE(value);
    CHECK(xml_as_hex(xml_item(tag, type, value)) == fmt::format("line 1: {}: {}", tag, error));
  }
}

TEST_CASE("times that no day has") {
  for (const Text time : {"24:00:01", "24:01:00", "24:00:00.5", "25:00:00", "23:60:00", "23:59:61",
                          "10:00:60", "23:59:60+01:00", "24:00:60"}) {
    CAPTURE(time);
    const std::string date = fmt::format("2016-12-31T{}", time);
    CHECK(xml_as_hex(xml_item("ArchiveDate", "DateTime", date)).contains("is not a DateTime"));
  }
}

TEST_CASE("every name of the registry is read back as the number it was written for") {
  Context none;
  const Variables variables;
  const auto read_back = [&](Tag tag, Type type, std::uint32_t number, Notation notation) {
    SecretBuffer item;
    Writer writer(item);
    if (type == Type::Integer)
      writer.integer(tag, static_cast<std::int32_t>(number));
    else
      writer.enumeration(tag, number);
    SecretBuffer text;
    write_value({tag, type, item.view().subspan(8, 4), 0}, find(tag), notation, text);
    SecretBuffer again;
    Writer back(again);
    const auto done = read_value(tag, type, text_of(text.view()), none, variables, back);
    CAPTURE(name(tag));
    CAPTURE(number);
    REQUIRE(done);
    REQUIRE(test::to_hex(again.view()) == test::to_hex(item.view()));
  };
  for (const TagInfo& tag : all_tags()) {
    CHECK(tag_of(tag_text(tag.tag)) == tag.tag);
    CHECK(tag_of(fmt::format("0x{:06x}", static_cast<std::uint32_t>(tag.tag))) == tag.tag);
    read_back(Tag::AttributeReference, Type::Enumeration, static_cast<std::uint32_t>(tag.tag), Notation::xml);
    if (tag.enumeration == Enumeration::none) continue;
    for (const ValueInfo& value : values(tag.enumeration))
      for (const Notation notation : {Notation::xml, Notation::json})
        read_back(tag.tag, is_mask(tag.enumeration) ? Type::Integer : Type::Enumeration, value.value,
                  notation);
  }
  for (const std::uint32_t bits : {0xffffffffU, 0x80000001U, 0x00ffffffU, 0U})
    for (const Notation notation : {Notation::xml, Notation::json})
      read_back(Tag::CryptographicUsageMask, Type::Integer, bits, notation);
  for (unsigned type = 0; type < 256; ++type)
    CHECK(type_of(type_text(static_cast<Type>(type))) == static_cast<Type>(type));
}

TEST_CASE("variables") {
  Variables variables{std::chrono::sys_seconds(std::chrono::seconds(1000))};
  REQUIRE(variables.set("KEY_1", Secret(Text("0a0b"))));
  REQUIRE(variables.set("KEY_10", Secret(Text("ff"))));
  REQUIRE(variables.set("START", Secret(Text("1970-01-01T00:01:00Z"))));
  const auto read = [&](Text tag, Text type, Text value) {
    return after_tag(test::read_as_hex(read_xml, xml_item(tag, type, value), variables));
  };
  CHECK(read("TimeStamp", "DateTime", "$NOW") == plain("09 00000008 00000000000003e8"));
  CHECK(read("TimeStamp", "DateTime", "$NOW+3600") == plain("09 00000008 00000000000011f8"));
  CHECK(read("TimeStamp", "DateTime", "$NOW-1001") == plain("09 00000008 ffffffffffffffff"));
  CHECK(read("TimeStamp", "DateTime", " $NOW - 1000 ") == plain("09 00000008 0000000000000000"));
  CHECK(read("TimeStamp", "DateTime", "$START-60") == plain("09 00000008 0000000000000000"));
  CHECK(read("TimeStamp", "DateTimeExtended", "$NOW-999") == plain("0b 00000008 00000000000f4240"));
  CHECK(read("MACSignature", "ByteString", "$KEY_1") == plain("08 00000002 0a0b000000000000"));
  CHECK(read("MACSignature", "ByteString", "$KEY_10$KEY_1") == plain("08 00000003 ff0a0b0000000000"));
  CHECK(read("NameValue", "TextString", "<$KEY_1>$KEY_2") == read("NameValue", "TextString", "<0a0b>$KEY_2"));
  CHECK(test::read_as_hex(read_xml, xml_item("MACSignature", "ByteString", "$KEY_2"), variables) ==
        "line 1: MACSignature: the variable KEY_2 has no value; give it one: --var KEY_2=VALUE");
  CHECK(test::read_as_hex(read_xml, xml_item("TimeStamp", "DateTime", "$LATER+1"), variables) ==
        "line 1: TimeStamp: the variable LATER has no value; give it one: --var LATER=VALUE");
  CHECK(test::read_as_hex(read_xml, xml_item("TimeStamp", "DateTime", "$NOW+9999999999999999999"), variables)
            .starts_with("line 1: TimeStamp: the variable NOW does not give a DateTime"));
  CHECK(test::read_as_hex(read_json, json_item("MACSignature", "ByteString", "\"$KEY_1\""), variables) ==
        item_hex("42004d", "08", 2, "0a0b000000000000"));
  variables.keep_unset();
  CHECK(read("MACSignature", "ByteString", "$K") == plain("08 00000002 244b000000000000"));
  CHECK(read("MACSignature", "ByteString", "0xFF$KEY_1$K") == plain("08 00000005 ff0a0b244b000000"));
  CHECK(read("MACSignature", "ByteString", "$1") ==
        ": MACSignature: this is not hexadecimal; write two digits for each byte");
  // What a variable holds is not told.
  for (const Text type : {"Integer", "Boolean", "DateTime", "Enumeration"}) {
    CAPTURE(type);
    CHECK(read("ObjectType", type, "$KEY_1").starts_with(": ObjectType: "));
    CHECK_FALSE(read("ObjectType", type, "$KEY_1 hunter2").contains("0a0b"));
  }
  for (const Text name : {"", "1A", "A-B", "A B"}) CHECK_FALSE(variables.set(std::string(name), Secret()));
}

TEST_CASE("variables without value are told, all at once") {
  Variables variables;
  variables.keep_unset();
  Messages messages = read_messages(bytes_of(names_in_texts), Encoding::xml, variables);
  CHECK_FALSE(messages.damage);
  CHECK(messages.unset == std::vector<std::string>{"ALSO", "BYTES", "TEXT"});

  messages = read_messages(bytes_of(names_everywhere), Encoding::json, variables);
  REQUIRE(messages.damage);
  CHECK(messages.damage->kind == ErrorKind::invalid_input);
  CHECK(
      describe(*messages.damage) ==
      "line 6: BatchItem/ObjectType: the variable TYPE has no value; neither have ALSO, BYTES, NUMBER, TEXT, "
      "TIME; give them values: --var ALSO=VALUE --var BYTES=VALUE --var NUMBER=VALUE --var TEXT=VALUE "
      "--var TIME=VALUE --var TYPE=VALUE");
  CHECK(messages.unset == std::vector<std::string>{"ALSO", "BYTES", "NUMBER", "TEXT", "TIME", "TYPE"});
  CHECK(messages.ttlv.size() == 8 + 24 + 16);
  CHECK(messages.damaged.size() == 8 + 16);

  // Another mistake ends the search: the names before it are told.
  for (const Encoding encoding : {Encoding::xml, Encoding::json}) {
    const std::string item = encoding == Encoding::xml ? xml_item("BatchCount", "Integer", "$COUNT")
                                                       : json_item("BatchCount", "Integer", "\"$COUNT\"");
    const std::string text = encoding == Encoding::xml
                                 ? fmt::format("<BatchItem>{}<Fly/></BatchItem>", item)
                                 : fmt::format(R"({{"tag":"BatchItem","value":[{},{{"tag":"Fly"}}]}})", item);
    messages = read_messages(bytes_of(text), encoding, variables);
    REQUIRE(messages.damage);
    CHECK(describe(*messages.damage) ==
          "line 1: BatchItem/BatchCount: the variable COUNT has no value; give it one: --var COUNT=VALUE");
    CHECK(messages.damaged.size() == 8);
  }

  // Who does not look at the names gets no bytes made of them.
  messages = read_messages(bytes_of(names_in_texts), Encoding::xml);
  REQUIRE(messages.damage);
  CHECK(describe(*messages.damage) ==
        "line 3: BatchItem/MACSignature: the variable BYTES has no value; neither have ALSO, TEXT; give them "
        "values: --var ALSO=VALUE --var BYTES=VALUE --var TEXT=VALUE");
}

TEST_CASE("what the standard's form cannot carry is written as hexadecimal bytes") {
  const struct {
    Text item;
    Text xml;
    Text json;
  } cases[] = {
      {"420055 07 00000002 6100000000000000", R"(<NameValue type="TextString" hex="6100"/>)",
       R"({"tag":"NameValue", "type":"TextString", "value":"a\u0000"})"},
      {"420055 07 00000003 efbfbf0000000000", R"(<NameValue type="TextString" hex="efbfbf"/>)", {}},
      {"420055 07 00000001 ff00000000000000", R"(<NameValue type="TextString" hex="ff"/>)",
       R"({"tag":"NameValue", "type":"TextString", "hex":"ff"})"},
      {"420055 06 00000008 0000000000000002", R"(<NameValue type="Boolean" hex="0000000000000002"/>)",
       R"({"tag":"NameValue", "type":"Boolean", "hex":"0000000000000002"})"},
      {"540001 7f 00000003 0102030000000000", R"(<TTLV tag="0x540001" type="0x7F" hex="010203"/>)",
       R"({"tag":"0x540001", "type":"0x7F", "hex":"010203"})"},
      {"420001 09 00000008 7fffffffffffffff",
       R"(<ActivationDate type="DateTime" value="0x7FFFFFFFFFFFFFFF"/>)",
       R"({"tag":"ActivationDate", "type":"DateTime", "value":"0x7FFFFFFFFFFFFFFF"})"},
  };
  for (const auto& [item, xml, json] : cases) {
    CAPTURE(item);
    const OwnedBytes bytes = from_hex(item);
    CHECK(test::text_of(write_xml(bytes)) == std::string(xml) + "\n");
    CHECK(xml_as_hex(xml) == test::to_hex(bytes));
    if (json.empty()) continue;
    CHECK(test::text_of(write_json(bytes)) == std::string(json) + "\n");
    CHECK(json_as_hex(json) == test::to_hex(bytes));
  }
}
