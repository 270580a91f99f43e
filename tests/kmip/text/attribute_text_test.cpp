// Attributes as people write them.
#include <doctest/doctest.h>

#include <kmip/model/common.h>
#include <kmip/text/attribute_text.h>
#include <kmip/text/readable.h>
#include <tests/kmip/text/support.h>

using namespace keyway;
using namespace keyway::kmip;

namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// The value of the one attribute that was added, as a tree; or the error as one line.
std::string added(std::string_view name, std::string_view text) {
  Attributes attributes;
  if (const auto done = add_attribute(attributes, name, text); !done) {
    CHECK(attributes.empty());
    CHECK(done.error().kind == ErrorKind::invalid_input);
    return describe(done.error());
  }
  REQUIRE(attributes.size() == 1);
  CHECK_FALSE(attributes.error());
  const auto value = attributes[0].value;
  REQUIRE(value);
  SecretBuffer item;
  Writer(item).bytes(attributes[0].tag, value->value, value->type);
  return readable(item.view());
}

}  // namespace

TEST_CASE("values by the type of the attribute") {
  const struct {
    std::string_view name, text, shows;
  } cases[] = {
      {"Cryptographic Length", "256", "CryptographicLength  Integer  256"},
      {"CryptographicLength", "0x100", "CryptographicLength  Integer  256"},
      {"Cryptographic Algorithm", "AES", "CryptographicAlgorithm  Enumeration  AES"},
      {"cryptographic algorithm", "AES", "CryptographicAlgorithm  Enumeration  AES"},
      {"Cryptographic_Algorithm", "AES", "CryptographicAlgorithm  Enumeration  AES"},
      {"x-cryptographic algorithm", "AES", "TextString  \"AES\""},
      {"Cryptographic Usage Mask", "Encrypt|Decrypt", "Integer  Encrypt Decrypt"},
      {"Cryptographic Usage Mask", "Encrypt,Decrypt", "Integer  Encrypt Decrypt"},
      {"Activation Date", "2030-01-02T03:04:05Z", "DateTime  2030-01-02T03:04:05Z"},
      {"Lease Time", "3600", "LeaseTime  Interval  3600"},
      {"Sensitive", "true", "Sensitive  Boolean  true"},
      {"Contact Information", "ops = us", "TextString  \"ops = us\""},
      {"Object Group", "", "ObjectGroup  TextString  \"\""},
      {"Name", "k1", "NameValue  TextString  \"k1\""},
      {"Name", "a=b;c", "NameValue  TextString  \"a=b;c\""},
      {"Name", "NameValue=a; NameType=URI", "NameType  Enumeration  URI"},
      {"Link", "LinkType=PublicKeyLink;LinkedObjectIdentifier=id-7",
       "LinkedObjectIdentifier  TextString  \"id-7\""},
      {"Link", " LinkType = PublicKeyLink ; LinkedObjectIdentifier = id-7 ;",
       "LinkType  Enumeration  PublicKeyLink"},
      {"x-note", "a=b", "TextString  \"a=b\""},
      {"acme:note", "hi", "TextString  \"hi\""},
  };
  for (const auto& one : cases) {
    CAPTURE(one.name);
    CAPTURE(one.text);
    const std::string shown = added(one.name, one.text);
    CAPTURE(shown);
    CHECK(contains(shown, one.shows));
  }
}

TEST_CASE("values that are none") {
  const struct {
    std::string_view name, text, says;
  } cases[] = {
      {"Cryptographic Length", "long", "Cryptographic Length: 'long': "},
      {"Cryptographic Length", "", "Cryptographic Length: '': "},
      {"Cryptographic Algorithm", "ROT13", "'ROT13'"},
      {"Cryptographic Usage Mask", "Encrypt|Fly", "'Encrypt|Fly'"},
      {"Activation Date", "tomorrow", "'tomorrow'"},
      {"Link", "", "'' is no field"},
      {"Link", "PublicKeyLink", "write its fields as Field=value;Field=value"},
      {"Link", "Colour=red", "'Colour' is no field of a structure"},
      {"Link", "LinkType=Rope", "'Rope'"},
      {"Link", "LinkType=PublicKeyLink;;", "'' is no field"},
      {"Name", "NameValue=a;NameType=Nick", "'Nick'"},
      {"Colour", "red", "'Colour' is no attribute of the standard"},
      {"", "red", "is no attribute"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.name);
    CAPTURE(one.text);
    const std::string shown = added(one.name, one.text);
    CAPTURE(shown);
    CHECK(contains(shown, one.says));
  }
}

TEST_CASE("attributes add up") {
  Attributes attributes;
  REQUIRE(add_attribute(attributes, "Name", "a"));
  REQUIRE(add_attribute(attributes, "Name", "b"));
  REQUIRE(add_attribute(attributes, "y-other", "c"));
  CHECK_FALSE(add_attribute(attributes, "Name", "NameType=Nick"));
  REQUIRE(attributes.size() == 3);
  CHECK(attributes.all<kmip::Name>(Tag::Name)[1].value == "b");
  CHECK(attributes[2].vendor == "y");
}

TEST_CASE("names of attributes") {
  CHECK(*attribute_id("Cryptographic Length") == AttributeId(Tag::CryptographicLength));
  CHECK(*attribute_id("CryptographicLength") == AttributeId(Tag::CryptographicLength));
  CHECK(*attribute_id("x-note") == AttributeId("x", "note"));
  CHECK(*attribute_id("acme:note") == AttributeId("acme", "note"));
  for (const char* bad : {"", "Colour", ":note", "z-note"}) {
    CAPTURE(bad);
    const auto id = attribute_id(bad);
    REQUIRE_FALSE(id);
    CHECK(id.error().kind == ErrorKind::invalid_input);
  }
}
