#include <set>

#include <doctest/doctest.h>

#include <kmip/spec/spec.h>
#include <kmip/spec/tables.h>

using namespace keyway::kmip;

TEST_CASE("every tag is found by its number and by both of its names") {
  REQUIRE(all_tags().size() > 400);
  std::set<Tag> numbers;
  for (const TagInfo& info : all_tags()) {
    CAPTURE(info.name);
    CHECK(numbers.insert(info.tag).second);
    REQUIRE(find(info.tag) != nullptr);
    CHECK(find(info.tag)->name == info.name);
    CHECK(name(info.tag) == info.name);
    CHECK(tag_named(info.name) == info.tag);
    CHECK(tag_named(info.spec_name) == info.tag);
    CHECK(info.versions.first <= info.versions.last);
    CHECK(info.types != 0);
    CHECK((info.types & 1u) == 0);  // there is no item type 0
  }
}

TEST_CASE("a tag without an entry is named by its number") {
  CHECK(find(static_cast<Tag>(0x540001)) == nullptr);
  CHECK(name(static_cast<Tag>(0x540001)) == "0x540001");
  CHECK(name(Tag{}) == "0x000000");
  CHECK_FALSE(tag_named("NoSuchTag"));
  CHECK_FALSE(tag_named(""));
}

TEST_CASE("tags of the specification's table") {
  const struct {
    Tag tag;
    std::uint32_t number;
    std::string_view name, spec_name;
  } cases[] = {
      {Tag::ActivationDate, 0x420001, "ActivationDate", "Activation Date"},
      {Tag::RequestMessage, 0x420078, "RequestMessage", "Request Message"},
      {Tag::ResponseMessage, 0x42007b, "ResponseMessage", "Response Message"},
      {Tag::UniqueIdentifier, 0x420094, "UniqueIdentifier", "Unique Identifier"},
      {Tag::IVCounterNonce, 0x42003d, "IVCounterNonce", "IV/Counter/Nonce"},
      {Tag::AuthenticatedEncryptionTag, 0x4200ff, "AuthenticatedEncryptionTag",
       "Authenticated Encryption Tag"},
      {Tag::Attributes, 0x420125, "Attributes", "Attributes"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(static_cast<std::uint32_t>(c.tag) == c.number);
    CHECK(find(c.tag)->name == c.name);
    CHECK(find(c.tag)->spec_name == c.spec_name);
  }
}

TEST_CASE("the sensitive tags are those whose values are keys, passwords or plaintext") {
  for (const Tag tag : {Tag::KeyMaterial, Tag::KeyValue, Tag::Password, Tag::CredentialValue, Tag::Data,
                        Tag::Key, Tag::PrivateExponent, Tag::OpaqueDataValue, Tag::TicketValue})
    CHECK_MESSAGE(find(tag)->sensitive, find(tag)->name);
  for (const Tag tag : {Tag::UniqueIdentifier, Tag::Username, Tag::IVCounterNonce,
                        Tag::AuthenticatedEncryptionTag, Tag::KeyBlock, Tag::Modulus})
    CHECK_FALSE_MESSAGE(find(tag)->sensitive, find(tag)->name);
}

TEST_CASE("every value of every enumeration and mask is found by its number and by both of its names") {
  REQUIRE(tables::enumerations.size() > 60);
  std::size_t masks = 0;
  for (std::size_t i = 1; i < tables::enumerations.size(); ++i) {
    const auto enumeration = static_cast<Enumeration>(i);
    CAPTURE(name(enumeration));
    masks += is_mask(enumeration);
    CHECK(values(enumeration).empty() == (enumeration == Enumeration::OpaqueDataType));  // left to vendors
    std::uint32_t before = 0;
    std::uint32_t bits = 0;
    for (const ValueInfo& value : values(enumeration)) {
      CAPTURE(value.name);
      CHECK((&value == &values(enumeration).front() || value.value > before));
      before = value.value;
      REQUIRE(find(enumeration, value.value) == &value);
      CHECK(value_name(enumeration, value.value) == value.name);
      CHECK(value_named(enumeration, value.name) == value.value);
      CHECK(value_named(enumeration, value.spec_name) == value.value);
      CHECK(value.versions.first <= value.versions.last);
      if (!is_mask(enumeration)) continue;
      CHECK((value.value & (value.value - 1)) == 0);
      CHECK((value.value & bits) == 0);
      bits |= value.value;
    }
  }
  CHECK(masks == 4);
}

TEST_CASE("every alias names a value that exists") {
  REQUIRE_FALSE(tables::aliases.empty());
  for (const tables::AliasInfo& alias : tables::aliases) {
    CAPTURE(alias.name);
    CHECK(find(alias.enumeration, alias.value) != nullptr);
    CHECK(value_named(alias.enumeration, alias.name) == alias.value);
  }
}

TEST_CASE("names of values are read in either spelling, in any letter case, and as numbers") {
  const struct {
    std::string_view text;
    std::optional<CryptographicAlgorithm> value;
  } cases[] = {
      {"AES", CryptographicAlgorithm::AES},
      {"aes", CryptographicAlgorithm::AES},
      {"3DES", CryptographicAlgorithm::DES3},
      {"DES3", CryptographicAlgorithm::DES3},
      {"0x00000003", CryptographicAlgorithm::AES},
      {"0X3", CryptographicAlgorithm::AES},
      {"0x80000001", static_cast<CryptographicAlgorithm>(0x80000001)},
      {"AESS", std::nullopt},
      {"", std::nullopt},
      {"0x", std::nullopt},
      {"0x3 ", std::nullopt},
      {"0x-3", std::nullopt},
      {"0x100000000", std::nullopt},
      {"3", std::nullopt},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(named<CryptographicAlgorithm>(c.text) == c.value);
  }
}

TEST_CASE("typed values know their names") {
  CHECK(name(Operation::GetAttributes) == "GetAttributes");
  CHECK(spec_name(Operation::GetAttributes) == "Get Attributes");
  CHECK(name(static_cast<Operation>(0x80000007)) == "0x80000007");
  CHECK(spec_name(static_cast<Operation>(0x80000007)) == "0x80000007");
  CHECK(name(Enumeration::Operation) == "Operation");
  CHECK(name(Enumeration::none) == "");
  CHECK(values(Enumeration::none).empty());
}

TEST_CASE("masks are listed by their bits") {
  const auto mask = CryptographicUsageMask::Encrypt | CryptographicUsageMask::Decrypt;
  const auto listed = [](std::uint32_t bits, std::string_view separator) {
    return mask_names(Enumeration::CryptographicUsageMask, bits, separator);
  };
  CHECK(has_all(mask, CryptographicUsageMask::Encrypt));
  CHECK_FALSE(has_all(mask, CryptographicUsageMask::Encrypt | CryptographicUsageMask::Sign));
  CHECK(listed(static_cast<std::uint32_t>(mask), " ") == "Encrypt Decrypt");
  CHECK(listed(static_cast<std::uint32_t>(mask), ", ") == "Encrypt, Decrypt");
  CHECK(listed(0, " ") == "");
  CHECK(listed(0x80000001, " ") == "Sign 0x80000000");
  CHECK(listed(0xc0000000, "|") == "0xC0000000");
}

TEST_CASE("every attribute is found by its tag and by its 1.x name") {
  REQUIRE(all_attributes().size() > 90);
  std::set<Tag> tags;
  for (const AttributeInfo& info : all_attributes()) {
    CAPTURE(info.name);
    CHECK(tags.insert(info.tag).second);
    CHECK(find_attribute(info.tag) == &info);
    CHECK(attribute_named(info.name) == &info);
    CHECK(find(info.tag) != nullptr);
    CHECK(info.versions.first <= info.versions.last);
  }
  CHECK(attribute_named("Cryptographic Usage Mask")->tag == Tag::CryptographicUsageMask);
  CHECK(attribute_named("cryptographic usage mask") == nullptr);  // 1.x names are exact
  CHECK(attribute_named("CryptographicUsageMask") == nullptr);
  CHECK(attribute_named("x-anything") == nullptr);
  CHECK(find_attribute(Tag::Attribute) == nullptr);
  CHECK(find_attribute(Tag::BatchCount) == nullptr);
}

TEST_CASE("protocol versions, both ways") {
  const struct {
    Version version;
    ProtocolNumber number;
    std::string_view name;
  } cases[] = {
      {Version::V1_0, {1, 0}, "1.0"}, {Version::V1_1, {1, 1}, "1.1"}, {Version::V1_2, {1, 2}, "1.2"},
      {Version::V1_3, {1, 3}, "1.3"}, {Version::V1_4, {1, 4}, "1.4"}, {Version::V2_0, {2, 0}, "2.0"},
      {Version::V2_1, {2, 1}, "2.1"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(number_of(c.version) == c.number);
    CHECK(version_of(c.number) == c.version);
    CHECK(name(c.version) == c.name);
    CHECK(version_named(c.name) == c.version);
    CHECK(to_string(c.number) == c.name);
  }
  // Known by name only: Keyway does not speak it.
  CHECK(name(Version::V3_0) == "3.0");
  CHECK_FALSE(version_named("3.0"));
  CHECK_FALSE(version_of({3, 0}));
  CHECK_FALSE(version_of({1, 5}));
  CHECK_FALSE(version_of({-1, 0}));
  for (const std::string_view text : {"", "1", "1.", "1.00", "01.4", "1.4 ", "2.2"})
    CHECK_FALSE(version_named(text));
  CHECK(to_string(ProtocolNumber{-3, 70}) == "-3.70");
}

TEST_CASE("item types have the names of the specification") {
  CHECK(name(Type::Structure) == "Structure");
  CHECK(name(Type::DateTimeExtended) == "DateTimeExtended");
  CHECK(name(Type::NameReference) == "NameReference");
  CHECK(name(Type{}) == "");
  CHECK(name(static_cast<Type>(0x0f)) == "");
  CHECK(name(static_cast<Type>(0xff)) == "");
}
