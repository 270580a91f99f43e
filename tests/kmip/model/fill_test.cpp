// Every payload of every operation in every version, filled from its rows: what is written is read back the
// same.
#include <algorithm>
#include <optional>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <kmip/model/credential.h>
#include <kmip/model/operations.h>
#include <kmip/model/transparent_key.h>
#include <kmip/ttlv/codec.h>
#include <tests/kmip/fill.h>
#include <tests/kmip/hex.h>

using namespace keyway;
using namespace keyway::kmip;
using test::Extent;

namespace {

constexpr std::size_t rounds = 12;  // enough to come to each form of each field

// Numbers that differ from round to round and from field to field, the same in every run.
test::Choice choice_of(std::size_t round) {
  return [n = round](std::size_t limit) mutable {
    n = n * 1'103'515'245 + 12'345;
    return (n >> 16) % limit;
  };
}

void check_round_trip(const PayloadInfo& info, Version version, Extent extent, std::size_t round) {
  const auto value = info.make();
  test::fill(*info.shape, value.get(), version, extent, choice_of(round));
  SecretBuffer written;
  const auto done = encode(written, Tag::RequestPayload, *info.shape, value.get(), version);
  REQUIRE_MESSAGE(done, (done ? std::string() : describe(done.error())));

  const auto item = read_message(written.view(), Tag::RequestPayload, Limits{});
  REQUIRE(item);
  const auto read = info.make();
  const auto decoded = decode_item(*info.shape, *item, read.get(), Settings{version, Mode::strict, {}});
  REQUIRE_MESSAGE(decoded, (decoded ? std::string() : describe(decoded.error())));
  SecretBuffer again;
  REQUIRE(encode(again, Tag::RequestPayload, *info.shape, read.get(), version));
  CHECK(test::to_hex(again.view()) == test::to_hex(written.view()));

  // Lenient reading takes it too, and has nothing to forgive.
  Forgiven forgiven;
  const auto lenient = info.make();
  REQUIRE(decode_item(*info.shape, *item, lenient.get(), Settings{version, Mode::lenient, {}}, &forgiven));
  CHECK(forgiven.total() == 0);
}

template <class Visit>
void each_version(Operation operation, Visit visit) {
  const VersionRange versions = find(Enumeration::Operation, static_cast<std::uint32_t>(operation))->versions;
  for (auto v = versions.first; v <= newest_version; v = static_cast<Version>(static_cast<int>(v) + 1))
    visit(v);
}

// The payload with an item that nobody knows in front of, between and behind its fields.
OwnedBytes with_unknown_items(const Raw& payload) {
  SecretBuffer out;
  Writer writer(out);
  const auto unknown = [&] { writer.text(static_cast<Tag>(0x54ABCD), "unknown"); };
  {
    const auto scope = writer.structure(payload.tag);
    unknown();
    for (Reader reader = structure_content(payload); !reader.done(); unknown()) {
      Raw item;
      CodecError error;
      REQUIRE(reader.next(item, error));
      writer.bytes(item.tag, item.value, item.type);
    }
  }
  return owned(out.view());
}

// The payload with the items of its last field in front; none when it has one field only, or takes any.
std::optional<OwnedBytes> last_field_first(const Raw& payload) {
  std::vector<Raw> items;
  for (Reader reader = structure_content(payload); !reader.done();) {
    CodecError error;
    REQUIRE(reader.next(items.emplace_back(), error));
  }
  if (items.empty() || items.front().tag == items.back().tag || !find(items.back().tag)) return std::nullopt;
  const Tag last = items.back().tag;
  SecretBuffer out;
  Writer writer(out);
  {
    const auto scope = writer.structure(payload.tag);
    for (const bool first : {true, false})
      for (const Raw& item : items)
        if ((item.tag == last) == first) writer.bytes(item.tag, item.value, item.type);
  }
  return owned(out.view());
}

}  // namespace

TEST_CASE("every payload of every version is written and read back the same") {
  for (const OperationInfo& info : all_operations())
    each_version(info.operation, [&](Version version) {
      for (const PayloadInfo& payload : {info.request, info.response})
        for (const Extent extent : {Extent::required, Extent::all, Extent::chosen})
          for (std::size_t round = 0; round < rounds; ++round) {
            INFO(spec_name(info.operation), &payload == &info.request ? " request" : " response",
                 ", version ", name(version), ", round ", round);
            check_round_trip(payload, version, extent, round);
          }
    });
}

TEST_CASE("credential values and transparent keys are written and read back the same") {
  for (const CredentialType type :
       {CredentialType::UsernameAndPassword, CredentialType::Device, CredentialType::Attestation,
        CredentialType::OneTimePassword, CredentialType::HashedPassword, CredentialType::Ticket})
    for (const Extent extent : {Extent::required, Extent::all})
      check_round_trip(credential_value(type), Version::V2_1, extent, 1);
  for (const ValueInfo& format : values(Enumeration::KeyFormatType))
    if (const Shape* shape = transparent_key_shape(static_cast<KeyFormatType>(format.value)))
      for (const Extent extent : {Extent::required, Extent::all})
        check_round_trip({shape, payload_info<TransparentKey>.make}, Version::V1_4, extent, 1);
}

TEST_CASE("lenient reading skips what it does not know, wherever it stands, and counts it") {
  for (const OperationInfo& info : all_operations())
    each_version(info.operation, [&](Version version) {
      for (const PayloadInfo& payload : {info.request, info.response}) {
        INFO(spec_name(info.operation), ", version ", name(version));
        if (!payload.shape->rows.empty() && payload.shape->rows.back().takes_any()) continue;  // knows all
        const auto value = payload.make();
        test::fill(*payload.shape, value.get(), version, Extent::all, choice_of(3));
        SecretBuffer plain;
        REQUIRE(encode(plain, Tag::ResponsePayload, *payload.shape, value.get(), version));
        const auto item = read_message(plain.view(), Tag::ResponsePayload, Limits{});
        REQUIRE(item);
        const OwnedBytes noisy = with_unknown_items(*item);
        const auto noisy_item = read_message(noisy, Tag::ResponsePayload, Limits{});
        REQUIRE(noisy_item);

        const auto read = payload.make();
        Forgiven forgiven;
        const auto decoded = decode_item(*payload.shape, *noisy_item, read.get(),
                                         Settings{version, Mode::lenient, {}}, &forgiven);
        REQUIRE_MESSAGE(decoded, (decoded ? std::string() : describe(decoded.error())));
        CHECK(forgiven.unknown == forgiven.total());
        CHECK(forgiven.unknown >= 1);
        SecretBuffer again;
        REQUIRE(encode(again, Tag::ResponsePayload, *payload.shape, read.get(), version));
        CHECK(test::to_hex(again.view()) == test::to_hex(plain.view()));

        const auto strict = payload.make();
        const auto refused =
            decode_item(*payload.shape, *noisy_item, strict.get(), Settings{version, Mode::strict, {}});
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == Errc::unknown_tag);
      }
    });
}

TEST_CASE("lenient reading takes fields out of order, and counts them") {
  std::size_t reordered = 0;
  for (const OperationInfo& info : all_operations())
    each_version(info.operation, [&](Version version) {
      for (const PayloadInfo& payload : {info.request, info.response}) {
        INFO(spec_name(info.operation), ", version ", name(version));
        const auto value = payload.make();
        test::fill(*payload.shape, value.get(), version, Extent::all, choice_of(7));
        SecretBuffer plain;
        REQUIRE(encode(plain, Tag::RequestPayload, *payload.shape, value.get(), version));
        const auto item = read_message(plain.view(), Tag::RequestPayload, Limits{});
        REQUIRE(item);
        const auto mixed = last_field_first(*item);
        if (!mixed) continue;
        ++reordered;
        const auto mixed_item = read_message(*mixed, Tag::RequestPayload, Limits{});
        REQUIRE(mixed_item);

        const auto read = payload.make();
        Forgiven forgiven;
        const Settings lenient{version, Mode::lenient, {}};
        const auto decoded = decode_item(*payload.shape, *mixed_item, read.get(), lenient, &forgiven);
        REQUIRE_MESSAGE(decoded, (decoded ? std::string() : describe(decoded.error())));
        CHECK(forgiven.out_of_order >= 1);
        CHECK(forgiven.out_of_order == forgiven.total());
        SecretBuffer again;
        REQUIRE(encode(again, Tag::RequestPayload, *payload.shape, read.get(), version));
        CHECK(test::to_hex(again.view()) == test::to_hex(plain.view()));

        const Settings strict{version, Mode::strict, {}};
        const auto refused = decode_item(*payload.shape, *mixed_item, payload.make().get(), strict);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == Errc::out_of_order);
      }
    });
  CHECK(reordered > 200);
}

TEST_CASE("every truncation of every payload is an error inside it") {
  for (const OperationInfo& info : all_operations())
    each_version(info.operation, [&](Version version) {
      for (const PayloadInfo& payload : {info.request, info.response}) {
        INFO(spec_name(info.operation), ", version ", name(version));
        const auto value = payload.make();
        test::fill(*payload.shape, value.get(), version, Extent::all, choice_of(5));
        SecretBuffer whole;
        REQUIRE(encode(whole, Tag::RequestPayload, *payload.shape, value.get(), version));
        const Bytes content = whole.view().subspan(item_header_size);
        for (std::size_t size = 1; size < content.size(); size += 5) {
          const OwnedBytes cut(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(size));
          const Raw item{Tag::RequestPayload, Type::Structure, cut, 0};
          for (const Mode mode : {Mode::strict, Mode::lenient}) {
            const auto done =
                decode_item(*payload.shape, item, payload.make().get(), Settings{version, mode, {}});
            if (!done) REQUIRE(done.error().offset <= item_header_size + size);
          }
        }
      }
    });
}
