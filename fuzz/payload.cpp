// Every request and response payload in every version: the input chooses an operation and fills its payload
// from the field tables, and then what goes wrong with it on the way: items dropped, doubled, exchanged,
// under other tags, of other types, with other values, cut.
#include <fuzz/target.h>
#include <kmip/ttlv/codec.h>
#include <tests/kmip/fill.h>
#include <tests/kmip/properties.h>

namespace keyway::fuzz {

namespace {

using namespace kmip;

// Script hands out the input as choices; when it has run out every choice is the first one.
class Script {
 public:
  explicit Script(Bytes bytes) : left_(bytes) {}

  std::size_t choose(std::size_t n) {
    if (left_.empty() || n == 0) return 0;
    const auto byte = std::to_integer<std::size_t>(left_.front());
    left_ = left_.subspan(1);
    return byte % n;
  }

 private:
  Bytes left_;
};

enum class Harm : std::uint8_t { none, drop, twice, exchange, other_tag, other_type, other_value, stranger };

// Harmer writes the items of a structure again, most of them as they are.
class Harmer {
 public:
  Harmer(Script& script, const Shape& shape, Writer& out) : script_(script), shape_(shape), out_(out) {}

  void write(Reader reader) {
    while (!reader.done()) {
      Raw item = next(reader);
      switch (harm()) {
        case Harm::none: break;
        case Harm::drop: continue;
        case Harm::twice: put(item); break;
        case Harm::exchange:
          if (!reader.done()) put(next(reader));
          break;
        case Harm::other_tag:
          item.tag = shape_.rows.empty() ? item.tag : shape_.rows[script_.choose(shape_.rows.size())].tag;
          break;
        case Harm::other_type: item.type = static_cast<Type>(1 + script_.choose(11)); break;
        case Harm::other_value: put_changed(item); continue;
        case Harm::stranger: out_.text(static_cast<Tag>(0x54ABCD), "stranger"); break;
      }
      put(item);
    }
  }

 private:
  // One item in eight comes to harm.
  Harm harm() {
    const std::size_t n = script_.choose(64);
    return n < 8 ? static_cast<Harm>(n) : Harm::none;
  }

  static Raw next(Reader& reader) {
    Raw item;
    CodecError error;
    require(reader.next(item, error), "what was encoded can be read");
    return item;
  }

  void put(const Raw& item) {
    if (item.type != Type::Structure || item.value.size() % 8 != 0)
      return out_.bytes(item.tag, item.value, item.type);
    // Another item's value under the type Structure need not hold items.
    Reader inside = structure_content(item);
    if (!is_whole(inside)) return out_.bytes(item.tag, item.value, item.type);
    const auto scope = out_.structure(item.tag);
    write(inside);
  }

  static bool is_whole(Reader reader) {
    while (!reader.done()) {
      Raw item;
      CodecError error;
      if (!reader.next(item, error)) return false;
    }
    return true;
  }

  void put_changed(const Raw& item) {
    OwnedBytes value(item.value.begin(), item.value.end());
    if (!value.empty()) value[script_.choose(value.size())] ^= std::byte{1} << script_.choose(8);
    out_.bytes(item.tag, value, item.type);
  }

  Script& script_;
  const Shape& shape_;
  Writer& out_;
};

}  // namespace

}  // namespace keyway::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace keyway;
  using namespace keyway::fuzz;
  using namespace keyway::kmip;
  if (size > 4096) return 0;
  Script script(bytes_of(data, size));
  const OperationInfo& info = all_operations()[script.choose(all_operations().size())];
  const PayloadInfo& payload = script.choose(2) == 0 ? info.request : info.response;
  const auto versions = find(Enumeration::Operation, static_cast<std::uint32_t>(info.operation))->versions;
  const auto first = static_cast<std::size_t>(versions.first);
  const auto version =
      static_cast<Version>(first + script.choose(static_cast<std::size_t>(newest_version) - first + 1));

  const auto value = payload.make();
  test::fill(*payload.shape, value.get(), version, test::Extent::chosen,
             [&](std::size_t n) { return script.choose(n); });
  SecretBuffer good;
  const auto encoded = encode(good, Tag::RequestPayload, *payload.shape, value.get(), version);
  require(encoded.has_value(), "what was filled from the rows can be encoded");
  const Settings strict{version, Mode::strict, {}};
  const Settings lenient{version, Mode::lenient, {}};
  const auto item = read_message(good.view(), Tag::RequestPayload, Limits{});
  require(item.has_value(), "what was encoded can be read");
  require(decode_item(*payload.shape, *item, payload.make().get(), strict).has_value(),
          "what was filled from the rows is taken by strict decoding");

  SecretBuffer harmed;
  {
    Writer writer(harmed);
    const auto scope = writer.structure(Tag::RequestPayload);
    Harmer(script, *payload.shape, writer).write(structure_content(*item));
  }
  for (const Settings& settings : {strict, lenient})
    for (const Bytes bytes : {good.view(), harmed.view()}) {
      const std::string broken = test::payload_violation(bytes, payload, settings);
      require(broken.empty(), broken);
    }
  return 0;
}
