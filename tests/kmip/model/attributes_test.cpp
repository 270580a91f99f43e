#include <doctest/doctest.h>

#include <kmip/model/common.h>
#include <kmip/model/create.h>
#include <kmip/model/get_attribute_list.h>
#include <kmip/model/get_attributes.h>
#include <tests/kmip/hex.h>

using namespace keyway;
using namespace keyway::kmip;
using enum Version;
using test::from_hex;
using test::to_hex;

namespace {

// Create's payload carries a Template-Attribute in 1.x and Attributes in 2.x.
Decoded<OwnedBytes> written(const Attributes& list, Version version) {
  CreateRequest request;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto view = list[i];
    request.attributes.add_raw(view.tag, view.vendor, view.name, view.index,
                               view.value ? &*view.value : nullptr);
  }
  SecretBuffer out;
  if (const auto done = encode(out, Tag::RequestPayload, request, version); !done)
    return std::unexpected(done.error());
  return owned(out.view());
}

// The payload around `inside`, which is what a Template-Attribute or an Attributes structure holds.
OwnedBytes payload_with(Version version, const OwnedBytes& inside) {
  SecretBuffer out;
  Writer writer(out);
  {
    const auto payload = writer.structure(Tag::RequestPayload);
    writer.enumeration(Tag::ObjectType, static_cast<std::uint32_t>(ObjectType::SymmetricKey));
    writer.bytes(version < V2_0 ? Tag::TemplateAttribute : Tag::Attributes, inside, Type::Structure);
  }
  return owned(out.view());
}
constexpr std::uint32_t inside_at = 32;  // payload header, Object Type, header of the list

Decoded<CreateRequest> read(Bytes payload, Version version, Mode mode = Mode::strict,
                            Forgiven* forgiven = nullptr) {
  return decode_message<CreateRequest>(payload, Tag::RequestPayload, Settings{version, mode, {}}, forgiven);
}

Attributes sample() {
  Attributes list;
  list.add(Tag::CryptographicLength, std::int32_t{256});
  list.add(Tag::Name, Name{"k1", NameType::UninterpretedTextString});
  list.add_custom("x", "c", Text("blue"));
  return list;
}

}  // namespace

TEST_CASE("attributes of 1.x are named in text inside Attribute structures") {
  const OwnedBytes expected = payload_with(
      V1_4,
      from_hex({
          "420008 01 00000030",                                                    // Attribute
          "42000A 07 00000014 43727970746F67726170686963204C656E677468 00000000",  // Cryptographic Length
          "42000B 02 00000004 00000100 00000000",                                  // Attribute Value: 256
          "420008 01 00000038",                                                    // Attribute
          "42000A 07 00000004 4E616D65 00000000",                                  // Name
          "42000B 01 00000020",                                                    // Attribute Value
          "420055 07 00000002 6B31 000000000000",                                  // Name Value: k1
          "420054 05 00000004 00000001 00000000",                                  // Name Type
          "420008 01 00000020",                                                    // Attribute
          "42000A 07 00000003 782D63 0000000000",                                  // x-c
          "42000B 07 00000004 626C7565 00000000",                                  // Attribute Value: blue
      }));
  const auto bytes = written(sample(), V1_4);
  REQUIRE(bytes);
  CHECK(to_hex(*bytes) == to_hex(expected));
}

TEST_CASE("attributes of 2.x stand under their own tags") {
  const OwnedBytes expected =
      payload_with(V2_1, from_hex({
                             "42002A 02 00000004 00000100 00000000",  // Cryptographic Length: 256
                             "420053 01 00000020",                    // Name
                             "420055 07 00000002 6B31 000000000000",  // Name Value: k1
                             "420054 05 00000004 00000001 00000000",  // Name Type
                             "420008 01 00000030",                    // Attribute
                             "42009D 07 00000001 78 00000000000000",  // Vendor Identification: x
                             "42000A 07 00000001 63 00000000000000",  // Attribute Name: c
                             "42000B 07 00000004 626C7565 00000000",  // Attribute Value: blue
                         }));
  const auto bytes = written(sample(), V2_1);
  REQUIRE(bytes);
  CHECK(to_hex(*bytes) == to_hex(expected));
}

TEST_CASE("what one generation wrote, the other can write again") {
  const struct {
    Version from, to;
  } cases[] = {{V1_0, V2_1}, {V2_1, V1_0}, {V1_4, V2_0}, {V2_0, V1_4}};
  for (const auto& c : cases) {
    CAPTURE(name(c.from));
    CAPTURE(name(c.to));
    const auto first = written(sample(), c.from);
    REQUIRE(first);
    const auto decoded = read(*first, c.from);
    REQUIRE(decoded);
    const Attributes& list = decoded->attributes;
    REQUIRE(list.size() == 3);
    CHECK(list.get<std::int32_t>(Tag::CryptographicLength) == 256);
    CHECK(list.get<Name>(Tag::Name)->value == "k1");
    CHECK(list[2].vendor == "x");
    CHECK(list[2].name == "c");
    CHECK(text_of(list[2].value->value) == "blue");
    const auto second = written(list, c.to);
    const auto expected = written(sample(), c.to);
    REQUIRE(second);
    REQUIRE(expected);
    CHECK(to_hex(*second) == to_hex(*expected));
  }
}

TEST_CASE("typed values are found by tag; a value of another type is none") {
  Attributes list;
  CHECK(list.empty());
  list.add(Tag::ObjectGroup, Text("a")).add(Tag::ObjectGroup, Text("b"));
  list.add(Tag::State, State::Active).add(Tag::InitialDate, DateTime{5});
  CHECK(list.size() == 4);
  CHECK(list.has(Tag::State));
  CHECK_FALSE(list.has(Tag::Name));
  CHECK(list.get<Text>(Tag::ObjectGroup) == "a");
  CHECK(list.all<Text>(Tag::ObjectGroup) == std::vector<Text>{"a", "b"});
  CHECK(list.get<State>(Tag::State) == State::Active);
  CHECK(list.get<DateTime>(Tag::InitialDate) == DateTime{5});
  CHECK_FALSE(list.get<std::int32_t>(Tag::State));
  CHECK_FALSE(list.get<Text>(Tag::Name));
  CHECK(list.all<std::int32_t>(Tag::ObjectGroup).empty());
}

TEST_CASE("an index travels in 1.x and is gone in 2.x") {
  Attributes list;
  const OwnedBytes group = from_hex("62");
  const Raw value{Tag::ObjectGroup, Type::TextString, group, 0};
  list.add_raw(Tag::ObjectGroup, {}, {}, 3, &value);
  const auto old = written(list, V1_2);
  REQUIRE(old);
  const auto decoded = read(*old, V1_2);
  REQUIRE(decoded);
  CHECK(decoded->attributes[0].index == 3);
  const auto newer = written(decoded->attributes, V2_0);
  REQUIRE(newer);
  CHECK_FALSE(read(*newer, V2_0)->attributes[0].index);
}

TEST_CASE("strict reading of attributes: each mistake names its element and its byte") {
  const struct {
    std::string mistake;
    Version version;
    OwnedBytes inside;
    Errc code;
    std::uint32_t offset;  // from the list's first item
    std::string element;
  } cases[] = {
      {"an Attribute without a name", V1_4,
       from_hex({"420008 01 00000010", "42000B 02 00000004 00000100 00000000"}), Errc::missing, 24,
       "Attribute/AttributeName"},
      {"an empty name", V1_4,
       from_hex({"420008 01 00000018", "42000A 07 00000000", "42000B 02 00000004 00000100 00000000"}),
       Errc::bad_value, 0, "TemplateAttribute/Attribute"},
      {"a value of another type than the attribute has", V1_4,
       from_hex({"420008 01 00000020", "42000A 07 00000005 5374617465 000000",
                 "42000B 02 00000004 00000100 00000000"}),
       Errc::bad_type, 24, "Attribute/AttributeValue"},
      {"an attribute of a later version", V1_0,
       from_hex({"420008 01 00000020", "42000A 07 00000005 4672657368 000000",
                 "42000B 06 00000008 0000000000000001"}),
       Errc::not_in_version, 0, "TemplateAttribute/Attribute"},
      {"a field of a later version inside the value", V1_1,
       from_hex({"420008 01 00000038",
                 "42000A 07 00000018 43727970746F6772617068696320506172616D6574657273",  // Cryptographic
                                                                                         // Parameters
                 "42000B 01 00000010",
                 "420028 05 00000004 00000003 00000000"}),  // Cryptographic Algorithm came with 1.2
       Errc::not_in_version, 48, "AttributeValue/CryptographicAlgorithm"},
      {"a template's name after the attributes", V1_0,
       from_hex({"420008 01 00000020", "42000A 07 00000005 5374617465 000000",
                 "42000B 05 00000004 00000001 00000000", "420053 01 00000020",
                 "420055 07 00000001 61 00000000000000", "420054 05 00000004 00000001 00000000"}),
       Errc::out_of_order, 40, "TemplateAttribute/Name"},
      {"something else in a Template-Attribute", V1_4, from_hex("42000D 02 00000004 00000001 00000000"),
       Errc::unknown_tag, 0, "TemplateAttribute/BatchCount"},
      {"a tag that is no attribute", V2_0, from_hex("42000D 02 00000004 00000001 00000000"),
       Errc::unknown_tag, 0, "Attributes/BatchCount"},
      {"an attribute that this version no longer has", V2_0, from_hex("42005D 07 00000001 61 00000000000000"),
       Errc::not_in_version, 0, "Attributes/OperationPolicyName"},
      {"an attribute that this version does not have yet", V2_0,
       from_hex("42016A 0A 00000004 00000001 00000000"), Errc::not_in_version, 0,
       "Attributes/RotateInterval"},
      {"another type under the attribute's tag", V2_0, from_hex("42002A 05 00000004 00000100 00000000"),
       Errc::bad_type, 0, "Attributes/CryptographicLength"},
      {"an unknown field inside a structured attribute", V2_1,
       from_hex({"420053 01 00000030", "420055 07 00000001 61 00000000000000",
                 "420054 05 00000004 00000001 00000000", "42000D 02 00000004 00000001 00000000"}),
       Errc::unknown_tag, 40, "Name/BatchCount"},
      {"a vendor attribute without a vendor", V2_1,
       from_hex({"420008 01 00000018", "42009D 07 00000000", "42000A 07 00000001 61 00000000000000"}),
       Errc::bad_value, 0, "Attributes/Attribute"},
      {"a vendor attribute that is no structure", V2_1, from_hex("420008 02 00000004 00000001 00000000"),
       Errc::bad_type, 0, "Attributes/Attribute"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.mistake);
    const auto result = read(payload_with(c.version, c.inside), c.version);
    REQUIRE_FALSE(result);
    CAPTURE(describe(result.error()));
    CHECK(result.error().code == c.code);
    CHECK(result.error().offset == inside_at + c.offset);
    CHECK(describe(result.error()).ends_with(c.element));
    CHECK(describe(result.error()).find(": RequestPayload/") != std::string::npos);
  }
}

TEST_CASE("lenient reading keeps attributes it does not know and counts them") {
  Forgiven forgiven;
  const auto newer = read(payload_with(V2_0, from_hex({"540001 02 00000004 00000007 00000000",
                                                       "42016A 0A 00000004 00000001 00000000"})),
                          V2_0, Mode::lenient, &forgiven);
  REQUIRE(newer);
  CHECK(forgiven.unknown == 1);
  REQUIRE(newer->attributes.size() == 2);
  CHECK(newer->attributes.get<std::int32_t>(static_cast<Tag>(0x540001)) == 7);
  // Written again it would be a request that nobody specified.
  CHECK_FALSE(written(newer->attributes, V2_0));

  // Items that cannot be attributes are skipped.
  forgiven = {};
  const auto odd = read(payload_with(V2_0, from_hex({"420008 02 00000004 00000007 00000000",
                                                     "420091 02 00000004 00000001 00000000"})),
                        V2_0, Mode::lenient, &forgiven);
  REQUIRE(odd);
  CHECK(forgiven.unknown == 2);
  CHECK(odd->attributes.empty());
}

TEST_CASE("a name that is no standard one is a custom attribute") {
  const auto decoded =
      read(payload_with(V1_4, from_hex({"420008 01 00000020", "42000A 07 00000003 466F6F 0000000000",
                                        "42000B 02 00000004 00000007 00000000"})),
           V1_4);
  REQUIRE(decoded);
  const auto view = decoded->attributes[0];
  CHECK(view.id() == AttributeId("", "Foo"));
  CHECK(to_string(view.id()) == "Foo");
  REQUIRE(written(decoded->attributes, V1_4));
  // 2.x has no place for an attribute of nobody.
  const auto newer = written(decoded->attributes, V2_0);
  REQUIRE_FALSE(newer);
  CHECK(newer.error().code == Errc::not_in_version);
}

TEST_CASE("an attribute of another vendor exists in 2.x only") {
  Attributes list;
  list.add_custom("acme", "weight", std::int32_t{7});
  CHECK(written(list, V2_0));
  const auto older = written(list, V1_4);
  REQUIRE_FALSE(older);
  CHECK(older.error().code == Errc::not_in_version);
}

TEST_CASE("writing refuses what the version does not have") {
  const struct {
    std::string what;
    Version last_without, first_with;
    void (*add)(Attributes&);
  } cases[] = {
      {"an attribute of 1.1", V1_0, V1_1, [](Attributes& list) { list.add(Tag::Fresh, true); }},
      {"an attribute of 1.4", V1_3, V1_4, [](Attributes& list) { list.add(Tag::Sensitive, true); }},
      {"an attribute of 2.1", V2_0, V2_1,
       [](Attributes& list) { list.add(Tag::RotateInterval, Interval{60}); }},
      {"a field of 1.2 inside a value", V1_1, V1_2,
       [](Attributes& list) {
         CryptographicParameters parameters;
         parameters.cryptographic_algorithm = CryptographicAlgorithm::AES;
         list.add(Tag::CryptographicParameters, parameters);
       }},
      {"a field of 1.1 inside a value", V1_0, V1_1,
       [](Attributes& list) {
         list.add(Tag::Digest, Digest{HashingAlgorithm::SHA_256, {}, KeyFormatType::Raw});
       }},
  };
  for (const auto& c : cases) {
    CAPTURE(c.what);
    Attributes list;
    c.add(list);
    CHECK(written(list, c.first_with));
    const auto refused = written(list, c.last_without);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::not_in_version);
  }
  Attributes gone;
  gone.add(Tag::OperationPolicyName, Text("default"));
  CHECK(written(gone, V1_4));
  CHECK_FALSE(written(gone, V2_0));
  Attributes wrong_type;
  wrong_type.add(Tag::CryptographicLength, Text("256"));
  for (const Version version : {V1_0, V2_1}) {
    const auto refused = written(wrong_type, version);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::bad_type);
  }
}

TEST_CASE("attributes that a version has no place for are refused, not dropped") {
  CreateResponse response;
  response.unique_identifier = "k1";
  response.attributes.emplace().add(Tag::CryptographicLength, std::int32_t{256});
  SecretBuffer out;
  REQUIRE(encode(out, Tag::ResponsePayload, response, V1_4));
  out.clear();
  const auto refused = encode(out, Tag::ResponsePayload, response, V2_0);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::not_in_version);
  CHECK(refused.error().tag == Tag::TemplateAttribute);
}

TEST_CASE("a value that cannot be encoded makes the whole list fail") {
  for (const Version version : {V1_4, V2_1}) {
    Attributes list;
    list.add(Tag::CryptographicLength, std::int32_t{256});
    CHECK(list.error() == nullptr);
    list.add(Tag::ObjectGroup, Text("\xff"));
    list.add(Tag::State, State::Active);
    REQUIRE(list.error() != nullptr);
    CHECK(list.error()->code == Errc::bad_value);
    CHECK(list.get<State>(Tag::State) == State::Active);
    CreateRequest request;
    request.attributes = std::move(list);
    SecretBuffer out;
    const auto done = encode(out, Tag::RequestPayload, request, version);
    REQUIRE_FALSE(done);
    CHECK(describe(done.error()).ends_with("/ObjectGroup"));
    CHECK(out.empty());
  }
  Attributes list;
  const Raw impossible{Tag::State, Type::Enumeration, {}, 0};
  list.add_raw(Tag::State, {}, {}, {}, &impossible);
  REQUIRE(list.error() != nullptr);
  CHECK(list.error()->code == Errc::bad_length);
}

TEST_CASE("the names of templates stand in front in 1.x and nowhere in 2.x") {
  Attributes list;
  list.add(Tag::CryptographicLength, std::int32_t{256});
  const OwnedBytes name =
      from_hex({"420055 07 00000001 61 00000000000000", "420054 05 00000004 00000001 00000000"});
  const Raw value{Tag::Name, Type::Structure, name, 0};
  list.add_raw(Tag::TemplateAttribute, {}, {}, {}, &value);
  const auto old = written(list, V1_0);
  REQUIRE(old);
  const auto decoded = read(*old, V1_0);
  REQUIRE(decoded);
  CHECK(decoded->attributes[0].tag == Tag::TemplateAttribute);
  CHECK(decoded->attributes[1].tag == Tag::CryptographicLength);
  CHECK_FALSE(written(list, V2_0));
}

TEST_CASE("attribute identifiers are read from any spelling") {
  const struct {
    Text text;
    AttributeId id;
    std::string shown;
  } cases[] = {
      {"Cryptographic Usage Mask", Tag::CryptographicUsageMask, "Cryptographic Usage Mask"},
      {"CryptographicUsageMask", Tag::CryptographicUsageMask, "Cryptographic Usage Mask"},
      {"x-colour", {"x", "colour"}, "x-colour"},
      {"y-colour", {"y", "colour"}, "y-colour"},
      {"x:colour", {"x", "colour"}, "x-colour"},
      {"acme:weight", {"acme", "weight"}, "acme:weight"},
      {"Batch Count", {"", "Batch Count"}, "Batch Count"},  // a tag, but no attribute
      {"Foo", {"", "Foo"}, "Foo"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(AttributeId::named(c.text) == c.id);
    CHECK(to_string(c.id) == c.shown);
    CHECK(AttributeId::named(to_string(c.id)) == c.id);
  }
  CHECK(to_string(AttributeId(static_cast<Tag>(0x540001))) == "0x540001");
}

namespace {

Decoded<GetAttributesRequest> read_names(Bytes payload, Version version, Mode mode = Mode::strict) {
  return decode_message<GetAttributesRequest>(payload, Tag::RequestPayload, Settings{version, mode, {}});
}

}  // namespace

TEST_CASE("lists of attributes are names in 1.x and references in 2.x") {
  const GetAttributesRequest request{{}, {{Tag::State, {"x", "c"}}}};
  SecretBuffer old, newer;
  REQUIRE(encode(old, Tag::RequestPayload, request, V1_4));
  CHECK(to_hex(old.view()) == to_hex(from_hex({
                                  "420079 01 00000020",
                                  "42000A 07 00000005 5374617465 000000",  // State
                                  "42000A 07 00000003 782D63 0000000000",  // x-c
                              })));
  REQUIRE(encode(newer, Tag::RequestPayload, request, V2_1));
  CHECK(to_hex(newer.view()) == to_hex(from_hex({
                                    "420079 01 00000038",
                                    "42013B 05 00000004 0042008D 00000000",  // State
                                    "42013B 01 00000020",
                                    "42009D 07 00000001 78 00000000000000",  // vendor x
                                    "42000A 07 00000001 63 00000000000000",  // name c
                                })));
  for (const auto& [bytes, version] : {std::pair(old.view(), V1_4), std::pair(newer.view(), V2_1)}) {
    const auto decoded = read_names(bytes, version);
    REQUIRE(decoded);
    CHECK(decoded->names.ids == request.names.ids);
  }
}

TEST_CASE("a list of attributes names only what the version has") {
  const struct {
    std::string mistake;
    Version version;
    OwnedBytes payload;
    Errc code;
  } cases[] = {
      {"an empty name", V1_4, from_hex({"420079 01 00000008", "42000A 07 00000000"}), Errc::bad_value},
      {"a name of a later version", V1_0,
       from_hex({"420079 01 00000010", "42000A 07 00000005 4672657368 000000"}), Errc::not_in_version},
      {"a name that is no text", V1_4,
       from_hex({"420079 01 00000010", "42000A 08 00000005 4672657368 000000"}), Errc::bad_type},
      {"a name that is not UTF-8", V1_4,
       from_hex({"420079 01 00000010", "42000A 07 00000001 FF 00000000000000"}), Errc::bad_value},
      {"a reference to an attribute that is gone", V2_0,
       from_hex({"420079 01 00000010", "42013B 05 00000004 0042005D 00000000"}), Errc::not_in_version},
      {"a reference to the tag of custom attributes", V2_0,
       from_hex({"420079 01 00000010", "42013B 05 00000004 00420008 00000000"}), Errc::bad_value},
      {"a reference that is a text", V2_0,
       from_hex({"420079 01 00000010", "42013B 07 00000001 78 00000000000000"}), Errc::bad_type},
      {"a reference to an attribute of nobody", V2_0,
       from_hex({"420079 01 00000020", "42013B 01 00000018", "42009D 07 00000000",
                 "42000A 07 00000001 63 00000000000000"}),
       Errc::bad_value},
      {"a name in 2.x", V2_0, from_hex({"420079 01 00000010", "42000A 07 00000005 5374617465 000000"}),
       Errc::not_in_version},
  };
  for (const auto& c : cases) {
    CAPTURE(c.mistake);
    const auto decoded = read_names(c.payload, c.version);
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().code == c.code);
    CHECK(decoded.error().offset == 8);
  }

  const struct {
    AttributeId id;
    Version version;
  } refused[] = {{Tag::Fresh, V1_0},          {Tag::OperationPolicyName, V2_0},
                 {Tag::RotateInterval, V2_0}, {{"acme", "weight"}, V1_4},
                 {{"", "Foo"}, V2_1},         {static_cast<Tag>(0x540001), V1_4}};
  for (const auto& c : refused) {
    CAPTURE(to_string(c.id));
    SecretBuffer out;
    const auto done = encode(out, Tag::RequestPayload, GetAttributesRequest{{}, {{c.id}}}, c.version);
    REQUIRE_FALSE(done);
    CHECK(done.error().code == Errc::not_in_version);
    CHECK(out.empty());
  }
}

TEST_CASE("a type that is none is not taken for the type of an attribute") {
  // 0x22 and Integer, 0x02, are the same to a processor that shifts by the last five bits of a number.
  const OwnedBytes payload = payload_with(V2_1, from_hex({"42002A 22 00000004 00000100 00000000"}));
  const auto decoded = read(payload, V2_1);
  REQUIRE_FALSE(decoded);
  CHECK(decoded.error().code == Errc::bad_type);
}
