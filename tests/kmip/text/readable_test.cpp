#include <doctest/doctest.h>

#include <kmip/text/readable.h>
#include <kmip/ttlv/writer.h>
#include <tests/kmip/hex.h>

using namespace keyway;
using namespace keyway::kmip;
using test::from_hex;

namespace {

constexpr auto vendor_tag = static_cast<Tag>(0x540001);
constexpr Text secret_text = "open sesame";
// Forty bytes that show in hexadecimal as 5a5a...: no offset or length looks like them.
const OwnedBytes secret_bytes(40, std::byte{0x5a});

std::string revealed(Bytes message) {
  const SecretBuffer lines = readable_with_secrets(message, Reveal());
  return std::string(text_of(lines.view()));
}

template <class Write>
SecretBuffer message_of(Write write) {
  SecretBuffer out;
  Writer writer(out);
  write(writer);
  return out;
}

// The last line without its line feed.
std::string last_line(const std::string& lines) {
  REQUIRE(lines.ends_with('\n'));
  const auto end = lines.size() - 1;
  const auto start = lines.rfind('\n', end - 1);
  return lines.substr(start == std::string::npos ? 0 : start + 1,
                      end - (start == std::string::npos ? 0 : start + 1));
}

std::string one_value(Tag tag, Type type, Text hex) {
  const OwnedBytes value = from_hex(hex);
  const auto message = message_of([&](Writer& w) { w.bytes(tag, value, type); });
  const std::string line = last_line(readable(message.view()));
  const std::string front = "    0  " + name(tag) + "  " + std::string(name(type)) + "  ";
  REQUIRE(line.starts_with(front));
  return line.substr(front.size());
}

}  // namespace

TEST_CASE("a request, one line for each item") {
  const OwnedBytes message = from_hex({
      "420078 01 00000080",                    // Request Message
      "420077 01 00000038",                    // Request Header
      "420069 01 00000020",                    // Protocol Version
      "42006A 02 00000004 00000001 00000000",  // Major
      "42006B 02 00000004 00000004 00000000",  // Minor
      "42000D 02 00000004 00000001 00000000",  // Batch Count
      "42000F 01 00000038",                    // Batch Item
      "42005C 05 00000004 0000001F 00000000",  // Operation: Encrypt
      "420079 01 00000020",                    // Request Payload
      "420094 07 00000004 6B657931 00000000",  // Unique Identifier: key1
      "4200C2 08 00000008 5A5A5A5A5A5A5A5A",   // Data
  });
  CHECK(readable(message) ==
        "    0  RequestMessage  Structure, 128 bytes\n"
        "    8    RequestHeader  Structure, 56 bytes\n"
        "   16      ProtocolVersion  Structure, 32 bytes\n"
        "   24        ProtocolVersionMajor  Integer  1\n"
        "   40        ProtocolVersionMinor  Integer  4\n"
        "   56      BatchCount  Integer  1\n"
        "   72    BatchItem  Structure, 56 bytes\n"
        "   80      Operation  Enumeration  Encrypt (0x0000001F)\n"
        "   96      RequestPayload  Structure, 32 bytes\n"
        "  104        UniqueIdentifier  TextString  \"key1\"\n"
        "  120        Data  ByteString  <secret, 8 bytes>\n");
}

TEST_CASE("values are shown by their type and by the names of their tag") {
  const struct {
    Tag tag;
    Type type;
    Text hex;
    std::string shown;
  } cases[] = {
      {Tag::BatchCount, Type::Integer, "FFFFFFFF", "-1"},
      {Tag::CryptographicUsageMask, Type::Integer, "0000000C", "Encrypt Decrypt (0x0000000C)"},
      {Tag::CryptographicUsageMask, Type::Integer, "80000004", "Encrypt 0x80000000 (0x80000004)"},
      {Tag::CryptographicUsageMask, Type::Integer, "00000000", "0"},
      {Tag::CryptographicAlgorithm, Type::Enumeration, "00000003", "AES (0x00000003)"},
      {Tag::CryptographicAlgorithm, Type::Enumeration, "80000003", "0x80000003"},
      {Tag::AttributeReference, Type::Enumeration, "0042008D", "State (0x42008D)"},
      {Tag::AttributeReference, Type::Enumeration, "00540001", "0x540001 (0x540001)"},
      {Tag::BatchOrderOption, Type::Boolean, "0000000000000001", "true"},
      {Tag::BatchOrderOption, Type::Boolean, "0000000000000000", "false"},
      {Tag::BatchOrderOption, Type::Boolean, "0000000000000002", "0000000000000002"},
      {Tag::UsageLimitsTotal, Type::LongInteger, "FFFFFFFFFFFFFFFE", "-2"},
      {Tag::Modulus, Type::BigInteger, "00000000000000FF", "00000000000000ff"},
      {Tag::LeaseTime, Type::Interval, "000D2F00", "864000 s"},
      {Tag::TimeStamp, Type::DateTime, "0000000047DA67F8", "2008-03-14T11:56:40Z (1205495800)"},
      {Tag::TimeStamp, Type::DateTime, "FFFFFFFFFFFFFFFF", "1969-12-31T23:59:59Z (-1)"},
      {Tag::TimeStamp, Type::DateTime, "7FFFFFFFFFFFFFFF", "(9223372036854775807)"},
      {Tag::TimeStamp, Type::DateTimeExtended, "FFFFFFFFFFFFFFFF",
       "1969-12-31T23:59:59.999999Z (-1s 999999us)"},
      {Tag::TimeStamp, Type::DateTimeExtended, "8000000000000000", "(-9223372036855s 224192us)"},
      {Tag::IVCounterNonce, Type::ByteString, "", "(empty)"},
      {Tag::IVCounterNonce, Type::ByteString, "0001AB", "0001ab"},
      {Tag::UniqueIdentifier, Type::TextString, "", "\"\""},
      {Tag::UniqueIdentifier, Type::Identifier, "6B31", "\"k1\""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.hex);
    CHECK(one_value(c.tag, c.type, c.hex) == c.shown);
  }
}

TEST_CASE("long values are cut and say how long they are") {
  const OwnedBytes long_bytes(33, std::byte{0xab});
  const std::string long_text(513, 'x');
  const auto message = message_of([&](Writer& w) {
    w.bytes(Tag::IVCounterNonce, long_bytes);
    w.text(Tag::UniqueIdentifier, long_text);
  });
  const std::string lines = readable(message.view());
  CHECK(lines.find("IVCounterNonce  ByteString  " + test::to_hex(Bytes(long_bytes).first(32)) +
                   "... 33 bytes\n") != std::string::npos);
  CHECK(lines.find("\"" + std::string(512, 'x') + "\"... 513 bytes\n") != std::string::npos);
}

TEST_CASE("text from outside cannot drive a terminal") {
  CHECK(one_value(Tag::ResultMessage, Type::TextString, "1B5B324A 0A FF C3A9") == "\"?[2J??\xc3\xa9\"");
  // Two-byte characters at every alignment to the pieces the text is shown in.
  for (std::size_t shift = 0; shift < 16; ++shift) {
    std::string text(shift, 'a');
    for (int i = 0; i < 20; ++i) text += "\xc3\xa9";
    const auto message = message_of([&](Writer& w) { w.text(Tag::ResultMessage, text); });
    CHECK(readable(message.view()) == "    0  ResultMessage  TextString  \"" + text + "\"\n");
  }
}

TEST_CASE("what is or may be secret shows its length only, until the caller reveals it") {
  const struct {
    std::string what;
    void (*write)(Writer&);
  } cases[] = {
      {"Key Material", [](Writer& w) { w.bytes(Tag::KeyMaterial, secret_bytes); }},
      {"Password", [](Writer& w) { w.text(Tag::Password, secret_text); }},
      {"a byte string below Key Value",
       [](Writer& w) {
         const auto scope = w.structure(Tag::KeyValue);
         w.bytes(Tag::IVCounterNonce, secret_bytes);
       }},
      {"the user's name and password below Credential Value",
       [](Writer& w) {
         const auto scope = w.structure(Tag::CredentialValue);
         w.text(Tag::Username, secret_text);
         w.text(Tag::Password, secret_text);
       }},
      {"deep below a sensitive structure",
       [](Writer& w) {
         const auto outer = w.structure(Tag::KeyMaterial);
         const auto inner = w.structure(Tag::Attribute);
         w.bytes(Tag::Modulus, secret_bytes, Type::BigInteger);
       }},
      {"a byte string under a vendor's tag", [](Writer& w) { w.bytes(vendor_tag, secret_bytes); }},
      {"a text under a vendor's tag", [](Writer& w) { w.text(vendor_tag, secret_text); }},
      {"an unknown type under a vendor's tag",
       [](Writer& w) { w.bytes(vendor_tag, secret_bytes, static_cast<Type>(0x5a)); }},
      {"bytes of a custom attribute in 1.x",
       [](Writer& w) {
         const auto scope = w.structure(Tag::Attribute);
         w.text(Tag::AttributeName, "x-token");
         w.bytes(Tag::AttributeValue, secret_bytes);
       }},
      {"bytes inside a structured custom attribute",
       [](Writer& w) {
         const auto scope = w.structure(Tag::Attribute);
         w.text(Tag::AttributeName, "x-token");
         const auto value = w.structure(Tag::AttributeValue);
         w.bytes(Tag::IVCounterNonce, secret_bytes);
       }},
      {"bytes of a vendor attribute in 2.x that borrows a standard name",
       [](Writer& w) {
         const auto scope = w.structure(Tag::Attribute);
         w.text(Tag::VendorIdentification, "acme");
         w.text(Tag::AttributeName, "Digest");
         w.bytes(Tag::AttributeValue, secret_bytes);
       }},
      {"bytes of an attribute without a name",
       [](Writer& w) {
         const auto scope = w.structure(Tag::Attribute);
         w.bytes(Tag::AttributeValue, secret_bytes);
       }},
  };
  for (const auto& c : cases) {
    CAPTURE(c.what);
    const auto message = message_of(c.write);
    const std::string lines = readable(message.view());
    CHECK(lines.find("<secret, ") != std::string::npos);
    CHECK(lines.find("5a5a") == std::string::npos);
    CHECK(lines.find(secret_text) == std::string::npos);
    const std::string open = revealed(message.view());
    CHECK(open.find("<secret") == std::string::npos);
    CHECK((open.find("5a5a5a5a") != std::string::npos || open.find(secret_text) != std::string::npos));
  }
}

TEST_CASE("a structure misread out of a secret shows nothing of it") {
  // The eight bytes after the Key Material's header are key bytes, read as an item.
  const OwnedBytes readable_part = from_hex({
      "420045 01 00000020",  // Key Value
      "ABCDEF 77 00000010",  // unknown tag and type, 16 bytes
      "5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A",
      "ABCDEF 5A 00FEDCBA",  // runs past the end
  });
  const std::string lines = readable(readable_part);
  CHECK(lines ==
        "    0  KeyValue  Structure, 32 bytes\n"
        "    8    <unknown tag>  <unknown type>  <secret, 16 bytes>\n"
        "damaged: item cut short at byte 32: KeyValue\n");
  CHECK(revealed(readable_part).find("0xABCDEF  type 0x77  5a5a") != std::string::npos);
}

TEST_CASE("what is not secret is shown beside what is") {
  const auto message = message_of([](Writer& w) {
    {
      const auto scope = w.structure(Tag::KeyValue);
      w.bytes(Tag::KeyMaterial, secret_bytes);
    }
    w.enumeration(Tag::CryptographicAlgorithm, 3);
    w.integer(vendor_tag, 7);
  });
  CHECK(readable(message.view()) ==
        "    0  KeyValue  Structure, 48 bytes\n"
        "    8    KeyMaterial  ByteString  <secret, 40 bytes>\n"
        "   56  CryptographicAlgorithm  Enumeration  AES (0x00000003)\n"
        "   72  0x540001  Integer  7\n");
}

TEST_CASE("an Attribute Value of 1.x is explained by the Attribute Name before it") {
  const auto message = message_of([](Writer& w) {
    {
      const auto scope = w.structure(Tag::Attribute);
      w.text(Tag::AttributeName, "Cryptographic Usage Mask");
      w.integer(Tag::AttributeValue, 12);
    }
    {
      const auto scope = w.structure(Tag::Attribute);
      w.text(Tag::AttributeName, "State");
      w.enumeration(Tag::AttributeValue, 2);
    }
    {
      const auto scope = w.structure(Tag::Attribute);
      w.text(Tag::AttributeName, "x-colour");
      w.text(Tag::AttributeValue, "blue");
    }
    // The next structure starts afresh: no name, no explanation.
    const auto scope = w.structure(Tag::Attribute);
    w.enumeration(Tag::AttributeValue, 2);
  });
  const std::string lines = readable(message.view());
  CHECK(lines.find("AttributeValue  Integer  Encrypt Decrypt (0x0000000C)\n") != std::string::npos);
  CHECK(lines.find("AttributeValue  Enumeration  Active (0x00000002)\n") != std::string::npos);
  CHECK(lines.find("AttributeValue  TextString  \"blue\"\n") != std::string::npos);
  CHECK(lines.find("AttributeValue  Enumeration  0x00000002\n") != std::string::npos);
}

TEST_CASE("a damaged message is shown up to the damage") {
  OwnedBytes message = from_hex({
      "42007B 01 00000020",
      "42000D 02 00000004 00000001 00000000",
      "42007D 07 00000003 6F6F7000 00000000",
  });
  CHECK(readable(message).find("damaged") == std::string::npos);
  message.pop_back();
  CHECK(readable(message) ==
        "    0  ResponseMessage  Structure, 24 bytes\n"
        "    8    BatchCount  Integer  1\n"
        "damaged: item cut short at byte 24: ResponseMessage/ResultMessage\n");
  message.resize(24);
  CHECK(readable(message) ==
        "    0  ResponseMessage  Structure, 16 bytes\n"
        "    8    BatchCount  Integer  1\n"
        "damaged: item cut short at byte 0: ResponseMessage\n");

  message = from_hex({
      "42007B 01 00000020",
      "42000D 02 00000004 00000001 00000000",
      "42007D 07 00000009 6F6F7000 00000000",
  });
  CHECK(readable(message) ==
        "    0  ResponseMessage  Structure, 32 bytes\n"
        "    8    BatchCount  Integer  1\n"
        "damaged: item cut short at byte 24: ResponseMessage/ResultMessage\n");
}

TEST_CASE("padding that is not zero is pointed out") {
  const OwnedBytes message = from_hex("42000D 02 00000004 00000001 00000100");
  CHECK(readable(message) == "    0  BatchCount  Integer  1  (padding is not zero)\n");
}

TEST_CASE("the limits hold for readable messages") {
  const auto message = message_of([](Writer& w) {
    const auto outer = w.structure(Tag::RequestMessage);
    const auto inner = w.structure(Tag::BatchItem);
    w.integer(Tag::BatchCount, 1);
  });
  CHECK(last_line(readable(message.view(), Limits{.depth = 2})) ==
        "damaged: nested too deeply at byte 16: RequestMessage/BatchItem/BatchCount");
  CHECK(last_line(readable(message.view(), Limits{.elements = 2})) ==
        "damaged: too many elements at byte 16: RequestMessage/BatchItem/BatchCount");
  CHECK(last_line(readable(message.view(), Limits{.message = 31})) == "damaged: too long at byte 0");
  CHECK(readable({}) == "");
}
