#include <functional>

#include <doctest/doctest.h>

#include <kmip/model/encrypt.h>
#include <kmip/model/get.h>
#include <kmip/model/message.h>
#include <tests/kmip/hex.h>

using namespace keyway;
using namespace keyway::kmip;
using enum Version;
using test::from_hex;
using test::to_hex;

namespace {

const OwnedBytes valid_response = from_hex({
    "42007C 01 00000048",                                    //  0 Response Payload
    "420094 07 00000003 6B6579 0000000000",                  //  8 Unique Identifier: key
    "4200C2 08 00000003 010203 0000000000",                  // 24 Data
    "42003D 08 00000008 0102030405060708",                   // 40 IV/Counter/Nonce
    "4200FF 08 00000010 0102030405060708 090A0B0C0D0E0F10",  // 56 Authenticated Encryption Tag
});

Decoded<EncryptResponse> decode(Bytes bytes, Version version = V1_4, Mode mode = Mode::strict,
                                Forgiven* forgiven = nullptr, Limits limits = {}) {
  return decode_message<EncryptResponse>(bytes, Tag::ResponsePayload, Settings{version, mode, limits},
                                         forgiven);
}

// The response with its items in the order given, by the names they are written down under.
OwnedBytes response_of(std::initializer_list<Text> items) {
  OwnedBytes inside = from_hex(items);
  SecretBuffer out;
  Writer(out).bytes(Tag::ResponsePayload, inside, Type::Structure);
  return owned(out.view());
}
constexpr Text identifier = "420094 07 00000003 6B6579 0000000000";
constexpr Text data = "4200C2 08 00000003 010203 0000000000";
constexpr Text tag = "4200FF 08 00000008 0102030405060708";
constexpr Text correlation = "4200D6 08 00000001 01 00000000000000";
constexpr Text unknown = "540001 02 00000004 00000001 00000000";

}  // namespace

TEST_CASE("Encrypt response: what it says") {
  const auto response = decode(valid_response);
  REQUIRE(response);
  CHECK(response->unique_identifier == "key");
  CHECK(to_hex(*response->data) == "010203");
  CHECK(to_hex(*response->iv_counter_nonce) == "0102030405060708");
  CHECK_FALSE(response->correlation_value);
  CHECK(response->authenticated_encryption_tag->size() == 16);
}

TEST_CASE("Encrypt response: each mistake names its element and its byte") {
  const struct {
    std::string mistake;
    std::size_t at;
    std::uint8_t is;
    Errc code;
    Tag tag;
    std::uint32_t offset;
  } cases[] = {
      {"another message", 2, 0x79, Errc::wrong_message, Tag::RequestPayload, 0},
      {"no structure", 3, 0x08, Errc::bad_type, Tag::ResponsePayload, 0},
      {"shorter than it says", 7, 0x50, Errc::truncated, Tag::ResponsePayload, 0},
      {"longer than it says", 7, 0x40, Errc::trailing_bytes, Tag::ResponsePayload, 72},
      {"identifier is a byte string", 11, 0x08, Errc::bad_type, Tag::UniqueIdentifier, 8},
      {"identifier runs past the end", 12, 0xff, Errc::truncated, Tag::UniqueIdentifier, 8},
      {"identifier is not UTF-8", 16, 0xff, Errc::bad_value, Tag::UniqueIdentifier, 8},
      {"data is a text string", 27, 0x07, Errc::bad_type, Tag::Data, 24},
      {"data has an unknown type", 27, 0x77, Errc::bad_type, Tag::Data, 24},
      {"padding is not zero", 37, 0x01, Errc::bad_padding, Tag::Data, 24},
      {"the last byte of padding is not zero", 39, 0x80, Errc::bad_padding, Tag::Data, 24},
      {"data is a field nobody knows", 24, 0x54, Errc::unknown_tag, static_cast<Tag>(0x5400c2), 24},
      {"the nonce is a second Data", 42, 0xc2, Errc::repeated, Tag::Data, 40},
      {"the nonce is an Integer of eight bytes", 43, 0x02, Errc::bad_length, Tag::IVCounterNonce, 40},
      {"the identifier is another field", 10, 0x95, Errc::unknown_tag, Tag::UsageLimits, 8},
  };
  for (const auto& c : cases) {
    CAPTURE(c.mistake);
    OwnedBytes bytes = valid_response;
    bytes[c.at] = std::byte{c.is};
    const auto r = decode(bytes);
    REQUIRE_FALSE(r);
    CAPTURE(describe(r.error()));
    CHECK(std::pair(r.error().code, r.error().offset) == std::pair(c.code, c.offset));
    CHECK(r.error().tag == c.tag);
    const bool inside = c.tag != Tag::ResponsePayload && c.tag != Tag::RequestPayload;
    CHECK(r.error().depth == (inside ? 1 : 0));
    if (inside) CHECK(r.error().path[0] == Tag::ResponsePayload);
  }
}

TEST_CASE("strict and lenient, case by case") {
  struct Outcome {
    std::optional<Errc> strict, lenient;  // none: decodes
    std::uint32_t offset = 0;
    Forgiven forgiven = {};
  };
  const struct {
    std::string what;
    OwnedBytes bytes;
    Version version;
    Outcome outcome;
  } cases[] = {
      {"nothing wrong", response_of({identifier, data, tag}), V1_4, {}},
      {"an unknown field",
       response_of({identifier, unknown, data}),
       V1_4,
       {Errc::unknown_tag, {}, 24, {.unknown = 1}}},
      {"two unknown fields",
       response_of({unknown, identifier, unknown}),
       V1_4,
       {Errc::unknown_tag, {}, 8, {.unknown = 2}}},
      {"an unknown field of an unknown type",
       response_of({identifier, "540001 77 00000001 01 00000000000000"}),
       V1_4,
       {Errc::unknown_tag, {}, 24, {.unknown = 1}}},
      {"fields out of order",
       response_of({data, identifier}),
       V1_4,
       {Errc::out_of_order, {}, 24, {.out_of_order = 1}}},
      {"a field of a later version",
       response_of({identifier, data, tag}),
       V1_3,
       {Errc::not_in_version, {}, 40, {.other_version = 1}}},
      {"a field of a later version, at a still earlier one",
       response_of({identifier, correlation, tag}),
       V1_2,
       {Errc::not_in_version, {}, 24, {.other_version = 2}}},
      {"a field twice", response_of({identifier, data, data}), V1_4, {Errc::repeated, Errc::repeated, 40}},
      {"a field twice, out of order",
       response_of({identifier, data, identifier}),
       V1_4,
       {Errc::repeated, Errc::repeated, 40}},
      {"a field of a later version twice",
       response_of({identifier, tag, tag}),
       V1_3,
       {Errc::not_in_version, Errc::repeated, 24}},
      {"a field twice, once of the wrong type",
       response_of({identifier, data, "4200C2 07 00000001 61 00000000000000"}),
       V1_4,
       {Errc::repeated, Errc::repeated, 40}},
      {"a required field missing", response_of({data}), V1_4, {Errc::missing, Errc::missing, 24}},
      {"nothing at all", response_of({}), V1_4, {Errc::missing, Errc::missing, 8}},
      {"a field of the wrong type",
       response_of({identifier, "4200C2 07 00000001 61 00000000000000"}),
       V1_4,
       {Errc::bad_type, Errc::bad_type, 24}},
      {"padding",
       response_of({"420094 07 00000003 6B6579 0000000001"}),
       V1_4,
       {Errc::bad_padding, {}, 8, {.padding = 1}}},
      {"text that is not UTF-8",
       response_of({"420094 07 00000003 FFFFFF 0000000000"}),
       V1_4,
       {Errc::bad_value, {}, 8}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.what);
    const auto strict = decode(c.bytes, c.version);
    CHECK(strict.has_value() == !c.outcome.strict);
    if (!strict) {
      CHECK(strict.error().code == *c.outcome.strict);
      CHECK(strict.error().offset == c.outcome.offset);
    }
    Forgiven forgiven;
    const auto lenient = decode(c.bytes, c.version, Mode::lenient, &forgiven);
    CHECK(lenient.has_value() == !c.outcome.lenient);
    if (!lenient) CHECK(lenient.error().code == *c.outcome.lenient);
    CHECK(forgiven.unknown == c.outcome.forgiven.unknown);
    CHECK(forgiven.out_of_order == c.outcome.forgiven.out_of_order);
    CHECK(forgiven.other_version == c.outcome.forgiven.other_version);
    CHECK(forgiven.padding == c.outcome.forgiven.padding);
    CHECK(forgiven.total() == c.outcome.forgiven.unknown + c.outcome.forgiven.out_of_order +
                                  c.outcome.forgiven.other_version + c.outcome.forgiven.padding);
  }
}

namespace {

// Every kind of field, to see each fail.
struct Everything {
  std::optional<bool> boolean;
  std::optional<Identifier> custom;
  std::optional<Raw> raw;
  std::vector<std::int32_t> numbers;
  std::optional<BigInteger> big;
  std::optional<Text> text;
  std::optional<Raw> structure;
  // Two forms of one field, and one field of two ages.
  std::optional<Secret> form_bytes;
  std::optional<std::int32_t> form_number;
  std::optional<bool> old_indicator;
  std::optional<AsynchronousIndicator> new_indicator;
};
constexpr Row everything_rows[] = {
    field<&Everything::boolean>(Tag::BatchOrderOption),
    field<&Everything::custom>(Tag::UniqueIdentifier),
    field<&Everything::raw>(Tag::LinkedObjectIdentifier),
    field<&Everything::numbers>(Tag::BatchCount),
    field<&Everything::big>(Tag::Modulus),
    field<&Everything::text>(Tag::ResultMessage),
    field<&Everything::structure>(Tag::VendorExtension).of(Type::Structure),
    field<&Everything::form_bytes>(Tag::KeyMaterial),
    field<&Everything::form_number>(Tag::KeyMaterial),
    field<&Everything::old_indicator>(Tag::AsynchronousIndicator).until(V1_4),
    field<&Everything::new_indicator>(Tag::AsynchronousIndicator).from(V2_0),
};
static_assert(well_formed(everything_rows));

}  // namespace

template <>
struct keyway::kmip::Described<Everything> {
  static constexpr Shape shape{everything_rows};
};

namespace {

Decoded<Everything> decode_everything(std::initializer_list<Text> items, Mode mode, Version version = V2_1) {
  SecretBuffer out;
  Writer(out).bytes(Tag::BatchItem, from_hex(items), Type::Structure);
  return decode_message<Everything>(out.view(), Tag::BatchItem, Settings{version, mode, {}});
}

}  // namespace

TEST_CASE("values that no mode takes, and those that lenient reading takes") {
  const struct {
    std::string mistake;
    Text item;
    Errc strict;
    std::optional<Errc> lenient;
  } cases[] = {
      {"a Boolean of two", "420010 06 00000008 0000000000000002", Errc::bad_value, Errc::bad_value},
      {"a Boolean of 2^32", "420010 06 00000008 0000000100000000", Errc::bad_value, Errc::bad_value},
      {"an identifier that is a date", "420094 09 00000008 0000000000000000", Errc::bad_type, Errc::bad_type},
      {"a raw field of an unknown type", "42004C 77 00000000", Errc::unknown_type, Errc::unknown_type},
      {"a raw field with an impossible Boolean", "42004C 06 00000008 0000000000000002", Errc::bad_value, {}},
      {"a raw structure with an item of an unknown type",
       "42009C 01 00000008 42000D 77 00000000",
       Errc::unknown_type,
       {}},
      {"a raw structure with an item past its end",
       "42009C 01 00000008 42000D 08 00000001",
       Errc::truncated,
       {}},
      {"a structured field that is a number", "42009C 02 00000004 00000001 00000000", Errc::bad_type,
       Errc::bad_type},
  };
  for (const auto& c : cases) {
    CAPTURE(c.mistake);
    const auto strict = decode_everything({c.item}, Mode::strict);
    REQUIRE_FALSE(strict);
    CHECK(strict.error().code == c.strict);
    CHECK(strict.error().offset >= 8);
    const auto lenient = decode_everything({c.item}, Mode::lenient);
    CHECK(lenient.has_value() == !c.lenient);
    if (!lenient) CHECK(lenient.error().code == *c.lenient);
  }
}

TEST_CASE("of two forms of one field a message holds one, in either mode and order") {
  constexpr Text bytes = "420043 08 00000001 01 00000000000000";
  constexpr Text number = "420043 02 00000004 00000001 00000000";
  constexpr Text old_form = "420007 06 00000008 0000000000000001";
  constexpr Text new_form = "420007 05 00000004 00000001 00000000";
  for (const Mode mode : {Mode::strict, Mode::lenient}) {
    CAPTURE(static_cast<int>(mode));
    CHECK(decode_everything({bytes}, mode)->form_bytes);
    CHECK(decode_everything({number}, mode)->form_number);
    for (const auto& both : {std::pair(bytes, number), std::pair(number, bytes), std::pair(number, number)}) {
      const auto decoded = decode_everything({both.first, both.second}, mode);
      REQUIRE_FALSE(decoded);
      CHECK(decoded.error().code == Errc::repeated);
      CHECK(decoded.error().offset == 24);
    }
    for (const Version version : {V1_4, V2_0})
      for (const auto& both : {std::pair(old_form, new_form), std::pair(new_form, old_form)}) {
        const auto decoded = decode_everything({both.first, both.second}, mode, version);
        REQUIRE_FALSE(decoded);
        const bool first_is_current = (both.first == old_form) == (version < V2_0);
        CHECK(decoded.error().code ==
              (mode == Mode::strict && !first_is_current ? Errc::not_in_version : Errc::repeated));
      }
  }
  CHECK(decode_everything({new_form}, Mode::lenient, V1_4)->new_indicator ==
        AsynchronousIndicator::Mandatory);
  CHECK(decode_everything({old_form}, Mode::lenient, V2_0)->old_indicator == true);
}

TEST_CASE("a repeated field stands in one row of the order") {
  constexpr Text number = "42000D 02 00000004 00000001 00000000";
  constexpr Text text = "42007D 07 00000001 61 00000000000000";
  CHECK(decode_everything({number, number, text}, Mode::strict)->numbers.size() == 2);
  const auto torn = decode_everything({number, text, number}, Mode::strict);
  REQUIRE_FALSE(torn);
  CHECK(torn.error().code == Errc::out_of_order);
  CHECK(decode_everything({number, text, number}, Mode::lenient)->numbers.size() == 2);
}

TEST_CASE("the limits stop a message that asks too much") {
  const auto depth = decode(valid_response, V1_4, Mode::strict, nullptr, Limits{.depth = 0});
  REQUIRE_FALSE(depth);
  CHECK(depth.error().code == Errc::too_deep);
  CHECK(decode(valid_response, V1_4, Mode::strict, nullptr, Limits{.depth = 1}));

  const auto elements = decode(valid_response, V1_4, Mode::lenient, nullptr, Limits{.elements = 3});
  REQUIRE_FALSE(elements);
  CHECK(elements.error().code == Errc::too_many);
  CHECK(elements.error().offset == 56);
  CHECK(decode(valid_response, V1_4, Mode::lenient, nullptr, Limits{.elements = 4}));

  const auto size = decode(valid_response, V1_4, Mode::strict, nullptr, Limits{.message = 79});
  REQUIRE_FALSE(size);
  CHECK(size.error().code == Errc::too_long);
  CHECK(decode(valid_response, V1_4, Mode::strict, nullptr, Limits{.message = 80}));
}

TEST_CASE("the depth limit counts the levels inside a field that stays raw") {
  SecretBuffer out;
  Writer writer(out);
  {
    const auto message = writer.structure(Tag::BatchItem);
    const auto raw = writer.structure(Tag::VendorExtension);
    const auto inner = writer.structure(Tag::BatchItem);
    writer.integer(Tag::BatchCount, 1);
  }
  const auto depth = [&](std::uint32_t limit) {
    return decode_message<Everything>(out.view(), Tag::BatchItem,
                                      Settings{V2_1, Mode::strict, Limits{.depth = limit}});
  };
  CHECK(depth(4));
  const auto refused = depth(3);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::too_deep);
  CHECK(refused.error().offset == 24);
  CHECK_FALSE(depth(1));
}

TEST_CASE("a message is one item") {
  OwnedBytes two = valid_response;
  two.insert(two.end(), valid_response.begin(), valid_response.end());
  const auto r = decode(two);
  REQUIRE_FALSE(r);
  CHECK(r.error().code == Errc::trailing_bytes);
  CHECK(r.error().offset == valid_response.size());
  CHECK(decode({}).error().code == Errc::truncated);
}

TEST_CASE("an error names all parents, outermost first") {
  const OwnedBytes bytes = from_hex({
      "42007B 01 00000060",                     //  0 Response Message
      "42007A 01 00000048",                     //  8 Response Header
      "420069 01 00000020",                     // 16 Protocol Version
      "42006A 02 00000004 00000001 00000000",   // 24 Major
      "42006B 05 00000004 00000004 00000000",   // 40 Minor, as an Enumeration
      "420092 09 00000008 0000000000000001",    // 56 Time Stamp
      "42000D 02 00000004 00000001 00000000",   // 72 Batch Count
      "42000F 01 00000008 42007F 08 00000000",  // 88 Batch Item
  });
  const auto r =
      decode_message<ResponseMessage>(bytes, Tag::ResponseMessage, Settings{V1_4, Mode::lenient, {}});
  REQUIRE_FALSE(r);
  CHECK(describe(r.error()) ==
        "wrong item type at byte 40: ResponseMessage/ResponseHeader/ProtocolVersion/ProtocolVersionMinor");
}

TEST_CASE("writing refuses what cannot be, and leaves the buffer as it was") {
  const OwnedBytes seven(7, std::byte{0});
  const struct {
    std::string mistake;
    std::function<void(Everything&)> set;
    Version version;
    Errc code;
    Tag tag;
  } cases[] = {
      {"text that is not UTF-8", [](Everything& e) { e.text = "\xff"; }, V2_1, Errc::bad_value,
       Tag::ResultMessage},
      {"an identifier that is not UTF-8", [](Everything& e) { e.custom = "\xff"; }, V2_1, Errc::bad_value,
       Tag::UniqueIdentifier},
      {"an identifier by position in 1.x", [](Everything& e) { e.custom = std::int32_t{1}; }, V1_4,
       Errc::not_in_version, Tag::UniqueIdentifier},
      {"a raw field that was never set", [](Everything& e) { e.raw.emplace(); }, V2_1, Errc::unknown_type,
       Tag::LinkedObjectIdentifier},
      {"a raw field of a type of 3.0", [](Everything& e) { e.raw = Raw{Tag{}, Type::Reference, {}, 0}; },
       V2_1, Errc::unknown_type, Tag::LinkedObjectIdentifier},
      {"a raw field of an impossible length",
       [&](Everything& e) { e.raw = Raw{Tag{}, Type::Integer, seven, 0}; }, V2_1, Errc::bad_length,
       Tag::LinkedObjectIdentifier},
      {"a raw field of another type",
       [&](Everything& e) { e.structure = Raw{Tag{}, Type::ByteString, seven, 0}; }, V2_1, Errc::bad_type,
       Tag::VendorExtension},
      {"a Big Integer of seven bytes", [&](Everything& e) { e.big = BigInteger{seven}; }, V2_1,
       Errc::bad_length, Tag::Modulus},
      {"an empty Big Integer", [](Everything& e) { e.big.emplace(); }, V2_1, Errc::bad_length, Tag::Modulus},
      {"the old form of a field", [](Everything& e) { e.old_indicator = true; }, V2_0, Errc::not_in_version,
       Tag::AsynchronousIndicator},
      {"the new form of a field", [](Everything& e) { e.new_indicator = AsynchronousIndicator::Optional; },
       V1_4, Errc::not_in_version, Tag::AsynchronousIndicator},
  };
  for (const auto& c : cases) {
    CAPTURE(c.mistake);
    Everything value;
    c.set(value);
    SecretBuffer out;
    out.append(Text("before"));
    const auto done = encode(out, Tag::BatchItem, value, c.version);
    REQUIRE_FALSE(done);
    CHECK(done.error().code == c.code);
    CHECK(done.error().tag == c.tag);
    CHECK(done.error().path[0] == Tag::BatchItem);
    CHECK(text_of(out.view()) == "before");
  }
}
