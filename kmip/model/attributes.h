// Attributes: one C++ type with the two encodings of the standard. KMIP 1.x names each attribute in text
// inside Attribute structures (1.4 §2.1.1, §2.1.8); 2.x puts them directly under their own tags (2.1 §5,
// §7.1).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <kmip/ttlv/codec.h>

namespace keyway::kmip {

// AttributeId says which attribute: a standard one by its tag, or a custom one (tag Attribute) by vendor and
// name. 1.x writes custom ones "x-NAME" and "y-NAME", which are vendor "x" and "y" here and in 2.x.
struct AttributeId {
  Tag tag = Tag::Attribute;
  std::string vendor;
  std::string name;

  AttributeId() = default;
  AttributeId(Tag standard) : tag(standard) {}
  AttributeId(std::string vendor_, std::string name_) : vendor(std::move(vendor_)), name(std::move(name_)) {}

  bool is_custom() const { return tag == Tag::Attribute; }
  friend bool operator==(const AttributeId&, const AttributeId&) = default;

  // named reads a 1.x Attribute Name, a normalized tag name, or "vendor:name". Never fails: what is no
  // standard name is a custom one.
  static AttributeId named(Text text);
};
// to_string is the 1.x Attribute Name where there is one, else "vendor:name" or the tag's name.
std::string to_string(const AttributeId& id);

// Attributes owns its values, in wiping memory, in the order they were added. Views that it gives out live
// until it is changed or destroyed. Movable; not thread-safe.
class Attributes {
 public:
  struct View {
    Tag tag{};          // Tag::Attribute for a custom one, Tag::TemplateAttribute for the name of a template
    Text vendor, name;  // of a custom one
    std::optional<std::int32_t> index;  // 1.x only
    std::optional<Raw> value;           // absent only where a notice says that an attribute is gone
    AttributeId id() const;
  };

  // error is the first value that could not be encoded when it was added (a text that is not UTF-8); null
  // when there is none. Encoding the list fails with it, so that no attribute is left out in silence.
  const CodecError* error() const { return error_ ? &*error_ : nullptr; }

  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  View operator[](std::size_t i) const;

  // add appends one attribute (or one more instance) with a typed value; see error().
  template <class T>
  Attributes& add(Tag tag, const T& value) & {
    return append(tag, {}, {}, {}, [&](SecretBuffer& out) { return write(out, tag, value); });
  }
  template <class T>
  Attributes& add_custom(Text vendor, Text name, const T& value) & {
    return append(Tag::Attribute, vendor, name, {},
                  [&](SecretBuffer& out) { return write(out, Tag::AttributeValue, value); });
  }
  // add_raw appends a value that is already an item; its tag is replaced where the encoding wants another.
  void add_raw(Tag tag, Text vendor, Text name, std::optional<std::int32_t> index, const Raw* value);

  // get is the first instance of a standard attribute as a T; none when it is absent or of another type.
  template <class T>
  std::optional<T> get(Tag tag) const {
    for (std::size_t i = 0; i < entries_.size(); ++i)
      if (entries_[i].tag == tag)
        if (auto value = read<T>((*this)[i])) return value;
    return std::nullopt;
  }
  template <class T>
  std::vector<T> all(Tag tag) const {
    std::vector<T> found;
    for (std::size_t i = 0; i < entries_.size(); ++i)
      if (entries_[i].tag == tag)
        if (auto value = read<T>((*this)[i])) found.push_back(std::move(*value));
    return found;
  }
  bool has(Tag tag) const;

 private:
  struct Entry {
    Tag tag{};
    std::string vendor, name;
    std::optional<std::int32_t> index;
    std::size_t start = 0, length = 0;  // of the value's item in values_; length 0: no value
  };

  template <class Write>
  Attributes& append(Tag tag, Text vendor, Text name, std::optional<std::int32_t> index, Write write) {
    Entry entry{tag, std::string(vendor), std::string(name), index, values_.size(), 0};
    if (const auto wrong = write(values_)) {
      values_.resize(entry.start);
      if (!error_) error_ = wrong;
    }
    entry.length = values_.size() - entry.start;
    entries_.push_back(std::move(entry));
    return *this;
  }
  // A lone value travels through a structure of one field, so that every type the codec knows can be one.
  template <class T>
  struct Holder {
    T value{};
  };
  template <class T>
  static std::optional<CodecError> write(SecretBuffer& out, Tag tag, const T& value) {
    const Row row = field<&Holder<T>::value>(tag);
    Encoder encoder(out, newest_version);
    return encoder.value(row, &value) ? std::nullopt : std::optional(encoder.error());
  }
  template <class T>
  static std::optional<T> read(const View& view) {
    if (!view.value) return std::nullopt;
    const Row row = field<&Holder<T>::value>(view.value->tag);
    if (row.type != view.value->type && row.type != Type{}) return std::nullopt;
    std::optional<T> value(std::in_place);
    Decoder decoder(Settings{newest_version, Mode::lenient, {}});
    if (!decoder.value(row, *view.value, &*value)) return std::nullopt;
    return value;
  }

  std::vector<Entry> entries_;
  SecretBuffer values_;
  std::optional<CodecError> error_;
};

// The encodings, for rows. Template-Attribute (1.x) and Attributes (2.x) are structures; attribute_items are
// the bare, repeated Attribute items of some 1.x payloads.
extern const Custom template_attribute_codec;
extern const Custom attribute_item_codec;
extern const Custom some_attribute_items_codec;
extern const Custom one_attribute_item_codec;
extern const Custom attributes_codec;
extern const Custom one_attribute_codec;

template <>
struct Wire<Attributes> {
  static constexpr Kind kind = Kind::custom;
  static constexpr Type type = Type::Structure;
  static constexpr const Shape* shape = nullptr;
  static constexpr const Custom* custom = &attributes_codec;
};

// Row makers: each structure that holds attributes has two of them, one for each generation.
template <auto... Path>
constexpr Row template_attribute(Tag tag = Tag::TemplateAttribute) {
  Row row = field<Path...>(tag).until(Version::V1_4);
  row.custom = &template_attribute_codec;
  return row;
}
template <auto... Path>
constexpr Row attributes(Tag tag = Tag::Attributes) {
  return field<Path...>(tag).from(Version::V2_0);
}
template <auto First, auto... Rest>
constexpr Row attribute_items() {
  using Structure = decltype(detail::structure_of(First));
  Row row = field<First, Rest...>(Tag::Attribute).until(Version::V1_4).may();
  row.custom = &attribute_item_codec;
  row.cardinality = Cardinality::many;
  row.add = [](void* s) -> void* {
    auto& member = detail::reach<First, Rest...>(*static_cast<Structure*>(s));
    if constexpr (requires { member.emplace(); }) {
      if (!member) member.emplace();
      return &*member;
    } else {
      return &member;
    }
  };
  return row;
}

// The same where at least one has to be there.
template <auto... Path>
constexpr Row some_attribute_items() {
  Row row = attribute_items<Path...>().must();
  row.custom = &some_attribute_items_codec;
  return row;
}

// The same for payloads about exactly one attribute: New Attribute and Current Attribute (2.1 §5.6, §5.7), or
// one Attribute item in 1.x.
template <auto... Path>
constexpr Row one_attribute(Tag tag) {
  Row row = attributes<Path...>(tag);
  row.custom = &one_attribute_codec;
  return row;
}
template <auto... Path>
constexpr Row one_attribute_item() {
  Row row = field<Path...>(Tag::Attribute).until(Version::V1_4);
  row.custom = &one_attribute_item_codec;
  return row;
}

// A list of attribute identifiers: Attribute Name texts in 1.x, Attribute References in 2.x (2.1 §5.5).
struct AttributeIds {
  std::vector<AttributeId> ids;
};
namespace detail {
// An empty list is no field at all.
template <>
struct Member<AttributeIds> {
  using Value = AttributeIds;
  static constexpr Cardinality cardinality = Cardinality::one;
  static void* add(AttributeIds& member) { return &member; }
  static const void* at(const AttributeIds& member, std::size_t i) {
    return i == 0 && !member.ids.empty() ? &member : nullptr;
  }
};
}  // namespace detail

extern const Custom attribute_name_codec;
extern const Custom attribute_reference_codec;
extern const Custom one_attribute_name_codec;
extern const Custom one_attribute_reference_codec;
template <>
struct Wire<AttributeIds> {
  static constexpr Kind kind = Kind::custom;
  static constexpr Type type = Type{};
  static constexpr const Shape* shape = nullptr;
  static constexpr const Custom* custom = &attribute_name_codec;
};
template <auto... Path>
constexpr Row attribute_names() {
  Row row = field<Path...>(Tag::AttributeName).of(Type::TextString).until(Version::V1_4).may();
  row.cardinality = Cardinality::many;
  return row;
}
template <auto... Path>
constexpr Row attribute_references() {
  Row row = field<Path...>(Tag::AttributeReference).from(Version::V2_0).may();
  row.custom = &attribute_reference_codec;
  row.cardinality = Cardinality::many;
  return row;
}
// For the payloads that name one attribute at most.
template <auto... Path>
constexpr Row one_attribute_name() {
  Row row = field<Path...>(Tag::AttributeName).of(Type::TextString).until(Version::V1_4).may();
  row.custom = &one_attribute_name_codec;
  return row;
}
template <auto... Path>
constexpr Row one_attribute_reference() {
  Row row = field<Path...>(Tag::AttributeReference).from(Version::V2_0).may();
  row.custom = &one_attribute_reference_codec;
  return row;
}

}  // namespace keyway::kmip
