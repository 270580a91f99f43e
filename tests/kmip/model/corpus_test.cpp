// What holds for every message of the corpus, whole and damaged.
#include <algorithm>

#include <doctest/doctest.h>

#include <kmip/model/create.h>
#include <kmip/model/get_attributes.h>
#include <kmip/model/locate.h>
#include <kmip/model/message.h>
#include <kmip/model/operations.h>
#include <kmip/model/query.h>
#include <kmip/text/readable.h>
#include <kmip/ttlv/tree.h>
#include <tests/kmip/allocations.h>
#include <tests/kmip/corpus.h>
#include <tests/kmip/hex.h>
#include <tests/kmip/properties.h>

using namespace keyway;
using namespace keyway::kmip;
using test::Sample;

namespace {

constexpr Mode both_modes[] = {Mode::strict, Mode::lenient};

std::string violation(const Sample& sample, Bytes bytes, Mode mode) {
  return test::violation(bytes, sample.response, Settings{sample.version, mode, {}});
}

template <class T>
Decoded<void> decode_only(const Raw& item, const Settings& settings) {
  const auto decoded = decode_item<T>(item, settings);
  return decoded ? Decoded<void>() : std::unexpected(decoded.error());
}

// Decodes the message without its payloads.
std::optional<CodecError> decode(const Sample& sample, Bytes bytes, const Settings& settings,
                                 Forgiven* forgiven) {
  if (sample.response) {
    const auto decoded = decode_message<ResponseMessage>(bytes, Tag::ResponseMessage, settings, forgiven);
    return decoded ? std::nullopt : std::optional(decoded.error());
  }
  const auto decoded = decode_message<RequestMessage>(bytes, Tag::RequestMessage, settings, forgiven);
  return decoded ? std::nullopt : std::optional(decoded.error());
}

}  // namespace

TEST_CASE("every message decodes strictly and encodes to identical bytes") {
  for (const Sample& sample : test::corpus()) {
    CAPTURE(sample.name);
    CAPTURE(name(sample.version));
    for (const Mode mode : both_modes) {
      Forgiven forgiven;
      const auto error = decode(sample, sample.bytes, Settings{sample.version, mode, {}}, &forgiven);
      CHECK_MESSAGE(!error, (error ? describe(*error) : ""));
      CHECK(forgiven.total() == 0);
      CHECK(violation(sample, sample.bytes, mode) == "");
    }
    const std::string lines = readable(sample.bytes);
    CHECK(lines.find("damaged") == std::string::npos);
    CHECK(lines.find("  0x42") == std::string::npos);  // every tag of the standard has a name
  }
}

TEST_CASE("payloads decode strictly too") {
  for (const Sample& sample : test::corpus()) {
    CAPTURE(sample.name);
    CAPTURE(name(sample.version));
    const Settings settings{sample.version, Mode::strict, {}};
    const auto check = [&](const PayloadInfo& info, const Raw& payload) {
      const auto decoded = decode_item(*info.shape, payload, info.make().get(), settings);
      CHECK_MESSAGE(decoded.has_value(), (decoded ? "" : describe(decoded.error())));
    };
    if (sample.response) {
      const auto message = decode_message<ResponseMessage>(sample.bytes, Tag::ResponseMessage, settings);
      REQUIRE(message);
      for (const auto& item : message->items)
        if (item.payload) check(find_operation(item.operation.value())->response, *item.payload);
    } else {
      const auto message = decode_message<RequestMessage>(sample.bytes, Tag::RequestMessage, settings);
      REQUIRE(message);
      for (const auto& item : message->items) check(find_operation(item.operation)->request, item.payload);
    }
  }
}

TEST_CASE("every truncation is an error inside the input") {
  for (const Sample& sample : test::corpus()) {
    CAPTURE(sample.name);
    CAPTURE(name(sample.version));
    for (std::size_t size = 0; size < sample.bytes.size(); ++size) {
      // A buffer of its own, so that a read past the end is one past an allocation too.
      const OwnedBytes cut(sample.bytes.begin(), sample.bytes.begin() + static_cast<std::ptrdiff_t>(size));
      for (const Mode mode : both_modes) {
        const auto error = decode(sample, cut, Settings{sample.version, mode, {}}, nullptr);
        REQUIRE(error);
        REQUIRE(error->code == Errc::truncated);
        REQUIRE(error->offset <= size);
      }
    }
  }
}

TEST_CASE("every truncation inside a message of the right length keeps the properties") {
  for (const Sample& sample : test::corpus()) {
    CAPTURE(sample.name);
    CAPTURE(name(sample.version));
    for (std::size_t size = item_header_size; size < sample.bytes.size(); size += 8) {
      OwnedBytes cut(sample.bytes.begin(), sample.bytes.begin() + static_cast<std::ptrdiff_t>(size));
      store32(cut.data() + 4, static_cast<std::uint32_t>(size - item_header_size));
      for (const Mode mode : both_modes) REQUIRE(violation(sample, cut, mode) == "");
    }
  }
}

// At the versions that differ most every bit is changed, at the others one of each byte.
TEST_CASE("every changed bit makes an error inside the input or a valid message") {
  for (const Sample& sample : test::corpus()) {
    CAPTURE(sample.name);
    CAPTURE(name(sample.version));
    OwnedBytes changed = sample.bytes;
    const bool thorough = sample.version == Version::V1_0 || sample.version == Version::V1_4 ||
                          sample.version == newest_version;
    for (std::size_t bit = 0; bit < 8 * changed.size(); bit += thorough ? 1 : 9) {
      changed[bit / 8] ^= std::byte{1} << (bit % 8);
      for (const Mode mode : both_modes) {
        const std::string broken = violation(sample, changed, mode);
        if (!broken.empty()) FAIL("bit " << bit << ": " << broken);
      }
      changed[bit / 8] ^= std::byte{1} << (bit % 8);
    }
  }
}

TEST_CASE("no changed bit of a key block brings its key into a readable message") {
  const std::string in_text(text_of(test::corpus_key()).substr(8, 8));
  const std::string in_hex = test::to_hex(test::corpus_key().subspan(8, 8));
  const OwnedBytes block_header = test::from_hex("420040 01");
  std::size_t seen = 0;
  for (const Sample& sample : test::corpus()) {
    const auto block = std::ranges::search(sample.bytes, block_header);
    const auto key = std::ranges::search(sample.bytes, test::corpus_key());
    if (block.empty() || key.empty()) continue;
    ++seen;
    CAPTURE(sample.name);
    CAPTURE(name(sample.version));
    OwnedBytes changed = sample.bytes;
    const auto first = 8 * static_cast<std::size_t>(block.begin() - sample.bytes.begin());
    const auto last = 8 * static_cast<std::size_t>(key.begin() - sample.bytes.begin());
    for (std::size_t bit = first; bit < last; ++bit) {
      changed[bit / 8] ^= std::byte{1} << (bit % 8);
      const std::string lines = readable(changed);
      if (lines.find(in_text) != std::string::npos || lines.find(in_hex) != std::string::npos)
        FAIL("bit " << bit << " shows the key");
      changed[bit / 8] ^= std::byte{1} << (bit % 8);
    }
  }
  CHECK(seen >= 7 * 4);
}

namespace {

void decode_payload(const PayloadInfo& info, const Raw& payload, const Settings& settings) {
  static_cast<void>(decode_item(*info.shape, payload, info.make().get(), settings));
}

// Decodes the message and each payload as the operation beside it says.
void decode_all(bool response, Bytes bytes, const Settings& settings) {
  if (response) {
    const auto message = decode_message<ResponseMessage>(bytes, Tag::ResponseMessage, settings);
    if (!message) return;
    for (const ResponseBatchItem& item : message->items)
      if (const auto* info = find_operation(item.operation.value_or(Operation{})); info && item.payload)
        decode_payload(info->response, *item.payload, settings);
    return;
  }
  const auto message = decode_message<RequestMessage>(bytes, Tag::RequestMessage, settings);
  if (!message) return;
  for (const RequestBatchItem& item : message->items)
    if (const auto* info = find_operation(item.operation))
      decode_payload(info->request, item.payload, settings);
}

// Growing in steps asks for more than the final size in all; the bound is what an attacker could make of it.
std::size_t most_memory(std::size_t input) { return 64 * input + std::size_t{16} * 1024; }

}  // namespace

TEST_CASE("decoding never asks for memory out of proportion to its input") {
  for (const Sample& sample : test::corpus()) {
    CAPTURE(sample.name);
    CAPTURE(name(sample.version));
    OwnedBytes changed = sample.bytes;
    for (const Mode mode : both_modes) {
      const Settings settings{sample.version, mode, {}};
      for (std::size_t bit = 0; bit < 8 * changed.size(); bit += 3) {
        changed[bit / 8] ^= std::byte{1} << (bit % 8);
        const auto used = test::allocations_of([&] { decode_all(sample.response, changed, settings); });
        if (used.bytes > most_memory(changed.size())) FAIL("bit " << bit << ": " << used.bytes << " bytes");
        changed[bit / 8] ^= std::byte{1} << (bit % 8);
      }
    }
  }
}

TEST_CASE("the smallest items, repeated, cost no memory out of proportion") {
  const struct {
    std::string what;
    Version version;
    Tag list;  // of the structure around the items; none when they stand in the payload itself
    Tag item;
    Type type;
    Decoded<void> (*decode)(const Raw&, const Settings&);
  } cases[] = {
      {"identifiers", Version::V1_4, Tag{}, Tag::UniqueIdentifier, Type::TextString,
       decode_only<LocateResponse>},
      {"attribute names", Version::V1_4, Tag{}, Tag::AttributeName, Type::TextString,
       decode_only<GetAttributesRequest>},
      {"attributes", Version::V2_1, Tag::Attributes, Tag::ObjectGroup, Type::TextString,
       decode_only<CreateRequest>},
      {"unknown attributes", Version::V2_1, Tag::Attributes, static_cast<Tag>(0x540001), Type::ByteString,
       decode_only<CreateRequest>},
      {"profiles", Version::V1_4, Tag{}, Tag::ProfileInformation, Type::Structure,
       decode_only<QueryResponse>},
      {"unknown fields", Version::V1_4, Tag{}, static_cast<Tag>(0x540001), Type::ByteString,
       decode_only<QueryResponse>},
  };
  constexpr int repeats = 5'000;
  for (const auto& c : cases) {
    CAPTURE(c.what);
    SecretBuffer bytes;
    Writer writer(bytes);
    {
      const auto payload = writer.structure(Tag::ResponsePayload);
      if (c.list != Tag{}) writer.enumeration(Tag::ObjectType, 2);
      const auto write_items = [&] {
        for (int i = 0; i < repeats; ++i) writer.bytes(c.item, {}, c.type);
      };
      if (c.list != Tag{}) {
        const auto list = writer.structure(c.list);
        write_items();
      } else {
        write_items();
      }
    }
    const auto item = read_message(bytes.view(), Tag::ResponsePayload, Limits{});
    REQUIRE(item);
    const auto used = test::allocations_of(
        [&] { static_cast<void>(c.decode(*item, Settings{c.version, Mode::lenient, {}})); });
    CHECK(used.bytes <= most_memory(bytes.size()));
  }
}
