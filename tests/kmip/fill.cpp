#include <cstring>
#include <vector>

#include <kmip/model/attribute_values.h>
#include <kmip/model/attributes.h>
#include <kmip/model/common.h>
#include <kmip/model/identifier.h>
#include <tests/kmip/fill.h>

namespace keyway::test {

using namespace kmip;

namespace {

constexpr Text texts[] = {"49a1ca88-6bea-4fb2-b450-7e58802c3038", "", "volume-7", "R\xc3\xa9plique"};
constexpr Text byte_strings[] = {"sixteen byte tag", "", "x", "thirty-two bytes of some data..."};
// Big integers are whole words; the second one is negative.
constexpr Text big_integers[] = {Text("\0\0\0\0\0\1\0\1", 8), Text("\xff\xff\xff\xff\xff\xff\xff\xfe", 8),
                                 Text("\0\0\0\0\0\0\0\0\x80\0\0\0\0\0\0\1", 16)};
// One Integer under a tag that nobody knows, and a number by itself.
constexpr Text inside_a_structure("\x54\0\1\2\0\0\0\4\0\0\0\7\0\0\0\0", 16);
constexpr Text a_number("\0\0\0\5", 4);

class Filler {
 public:
  Filler(Version version, Extent extent, const Choice& choice)
      : version_(version), extent_(extent), choice_(choice) {}

  void structure(const Shape& shape, void* into) {
    const auto rows = shape.rows;
    for (std::size_t i = 0; i < rows.size();) {
      std::vector<const Row*> forms;
      const Row& first = rows[i];
      for (; i < rows.size() && (&rows[i] == &first || rows[i].alternative_to(first)); ++i)
        if (rows[i].versions.holds(version_)) forms.push_back(&rows[i]);
      if (!forms.empty()) field(*forms[choice_(forms.size())], into);
    }
  }

 private:
  template <std::size_t N>
  Text one_of(const Text (&list)[N]) {
    return list[choice_(N)];
  }

  void field(const Row& row, void* into) {
    std::size_t count = row.demanded(version_) || row.cardinality == Cardinality::one ? 1 : 0;
    const std::size_t most = row.repeats(version_) ? 2 : 1;
    if (extent_ == Extent::all) count = most;
    if (extent_ == Extent::chosen) count = count + choice_(most - count + 1);
    for (std::size_t i = 0; i < count; ++i) value(row, row.add(into));
  }

  void value(const Row& row, void* into) {
    switch (row.kind) {
      case Kind::integer:
        *static_cast<std::int32_t*>(into) = static_cast<std::int32_t>(choice_(9)) - 4;
        return;
      case Kind::long_integer:
        *static_cast<std::int64_t*>(into) = static_cast<std::int64_t>(choice_(9)) - 4;
        return;
      case Kind::big_integer: static_cast<BigInteger*>(into)->value = bytes_of(one_of(big_integers)); return;
      case Kind::enumeration:
      case Kind::mask: {
        const auto number = static_cast<std::uint32_t>(choice_(12));
        std::memcpy(into, &number, sizeof number);
        return;
      }
      case Kind::boolean: *static_cast<bool*>(into) = choice_(2) == 1; return;
      case Kind::text: *static_cast<Text*>(into) = one_of(texts); return;
      case Kind::bytes: *static_cast<Bytes*>(into) = bytes_of(one_of(byte_strings)); return;
      case Kind::secret: *static_cast<Secret*>(into) = Secret(one_of(byte_strings)); return;
      case Kind::date_time:
        static_cast<DateTime*>(into)->seconds = 1'205'495'800 + static_cast<int>(choice_(3));
        return;
      case Kind::date_time_extended: static_cast<DateTimeExtended*>(into)->microseconds = 1; return;
      case Kind::interval:
        static_cast<Interval*>(into)->seconds = static_cast<std::uint32_t>(choice_(9));
        return;
      case Kind::structure: structure(*row.shape, into); return;
      case Kind::raw: raw(row, *static_cast<Raw*>(into)); return;
      case Kind::custom: custom(*row.custom, into); return;
    }
  }

  void raw(const Row& row, Raw& item) {
    item.tag = row.takes_any() ? static_cast<Tag>(0x540009) : row.tag;
    item.type = row.type != Type{} ? row.type : choice_(2) == 0 ? Type::Structure : Type::Integer;
    item.value = bytes_of(item.type == Type::Structure ? inside_a_structure : a_number);
  }

  void custom(const Custom& codec, void* into) {
    if (&codec == &identifier_codec)
      identifier(*static_cast<Identifier*>(into));
    else if (&codec == &attribute_name_codec || &codec == &attribute_reference_codec ||
             &codec == &one_attribute_name_codec || &codec == &one_attribute_reference_codec)
      static_cast<AttributeIds*>(into)->ids.push_back(choice_(2) == 0 ? AttributeId(Tag::State)
                                                                      : AttributeId("x", "colour"));
    else if (&codec == &attributes_codec || &codec == &template_attribute_codec)
      for (std::size_t i = extent_ == Extent::required ? 0 : 1 + choice_(3); i > 0; --i)
        attribute(*static_cast<Attributes*>(into));
    else
      attribute(*static_cast<Attributes*>(into));
  }

  void identifier(Identifier& into) {
    const std::size_t form = version_ >= Version::V2_0 ? choice_(3) : 0;
    if (form == 0)
      into = Identifier(one_of(texts));
    else if (form == 1)
      into = Identifier(UniqueIdentifier::IDPlaceholder);
    else
      into = Identifier(std::int32_t{-1});
  }

  void attribute(Attributes& into) {
    switch (choice_(7)) {
      case 0: into.add(Tag::CryptographicAlgorithm, CryptographicAlgorithm::AES); return;
      case 1: into.add(Tag::CryptographicUsageMask, CryptographicUsageMask::Encrypt); return;
      case 2: into.add(Tag::Name, kmip::Name{one_of(texts), NameType::UninterpretedTextString}); return;
      case 3: into.add(Tag::InitialDate, DateTime{1'205'495'800}); return;
      case 4: into.add_custom("x", "colour", one_of(texts)); return;
      case 5: into.add(Tag::Link, Link{LinkType::PublicKeyLink, Identifier(texts[0])}); return;
      default: into.add(Tag::UsageLimits, UsageLimits{1000, 7, UsageLimitsUnit::Byte}); return;
    }
  }

  Version version_;
  Extent extent_;
  const Choice& choice_;
};

}  // namespace

void fill(const Shape& shape, void* structure, Version version, Extent extent, const Choice& choice) {
  Filler(version, extent, choice).structure(shape, structure);
}

}  // namespace keyway::test
