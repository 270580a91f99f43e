#include <algorithm>

#include <core/utf8.h>
#include <kmip/model/attribute_values.h>
#include <kmip/model/attributes.h>
#include <kmip/model/common.h>

namespace keyway::kmip {

namespace {

// Attribute of 1.x (1.4 §2.1.1), and of 2.x for vendor attributes (2.1 §4.60).
struct NamedAttribute {
  Text name;
  std::optional<std::int32_t> index;
  std::optional<Raw> value;
};
struct VendorAttribute {
  Text vendor;
  Text name;
  std::optional<Raw> value;
};
struct VendorReference {
  Text vendor;
  Text name;
};

constexpr Row named_attribute_rows[] = {
    field<&NamedAttribute::name>(Tag::AttributeName),
    field<&NamedAttribute::index>(Tag::AttributeIndex),
    field<&NamedAttribute::value>(Tag::AttributeValue),
};
static_assert(well_formed(named_attribute_rows));
constexpr Shape named_attribute{named_attribute_rows};

constexpr Row vendor_attribute_rows[] = {
    field<&VendorAttribute::vendor>(Tag::VendorIdentification),
    field<&VendorAttribute::name>(Tag::AttributeName),
    field<&VendorAttribute::value>(Tag::AttributeValue),
};
static_assert(well_formed(vendor_attribute_rows));
constexpr Shape vendor_attribute{vendor_attribute_rows};

constexpr Row vendor_reference_rows[] = {
    field<&VendorReference::vendor>(Tag::VendorIdentification),
    field<&VendorReference::name>(Tag::AttributeName),
};
static_assert(well_formed(vendor_reference_rows));
constexpr Shape vendor_reference{vendor_reference_rows};

// The structures that attribute values can be, so that a request never carries a field of another version.
template <class T>
std::optional<CodecError> check(const Raw& value, Version version) {
  const auto decoded = decode_item<T>(value, Settings{version, Mode::strict, {}});
  return decoded ? std::nullopt : std::optional(decoded.error());
}
struct StructuredAttribute {
  Tag tag;
  std::optional<CodecError> (*check)(const Raw& value, Version version);
};
constexpr StructuredAttribute structured_attributes[] = {
    {Tag::Name, check<Name>},
    {Tag::CryptographicParameters, check<CryptographicParameters>},
    {Tag::CryptographicDomainParameters, check<CryptographicDomainParameters>},
    {Tag::CertificateIdentifier, check<CertificateIdentifier>},
    {Tag::CertificateSubject, check<CertificateSubject>},
    {Tag::CertificateIssuer, check<CertificateIssuer>},
    {Tag::X_509CertificateIdentifier, check<X509CertificateIdentifier>},
    {Tag::X_509CertificateSubject, check<X509CertificateSubject>},
    {Tag::X_509CertificateIssuer, check<X509CertificateIssuer>},
    {Tag::Digest, check<Digest>},
    {Tag::UsageLimits, check<UsageLimits>},
    {Tag::RevocationReason, check<RevocationReason>},
    {Tag::Link, check<Link>},
    {Tag::ApplicationSpecificInformation, check<ApplicationSpecificInformation>},
    {Tag::AlternativeName, check<AlternativeName>},
    {Tag::KeyValueLocation, check<KeyValueLocation>},
    {Tag::RandomNumberGenerator, check<RngParameters>},
    {Tag::RotateName, check<RotateName>},
};

bool type_allowed(std::uint16_t types, Type type) {
  return is_standard(type) && (types >> static_cast<unsigned>(type) & 1) != 0;
}

// check_standard says whether a standard attribute may travel in `version` with this value, or without one.
// What strict reading takes and what writing takes are the same: both ask here.
std::optional<CodecError> check_standard(Tag tag, const Raw* value, Version version) {
  const AttributeInfo* info = find_attribute(tag);
  if (!info) return CodecError{.code = Errc::unknown_tag, .tag = tag};
  if (!info->versions.holds(version)) return CodecError{.code = Errc::not_in_version, .tag = tag};
  if (!value) return std::nullopt;
  if (!type_allowed(info->types, value->type))
    return CodecError{.code = Errc::bad_type, .tag = value->tag, .offset = value->offset};
  const auto* structured = std::ranges::find(structured_attributes, tag, &StructuredAttribute::tag);
  return structured == std::end(structured_attributes) ? std::nullopt : structured->check(*value, version);
}

// What is wrong is noted as it is, but for its place: where writing stopped, not where the value was kept.
bool refuse(Encoder& encoder, CodecError error) {
  error.offset = static_cast<std::uint32_t>(encoder.out().size());
  encoder.error() = error;
  return false;
}

bool is_custom_prefix(Text name) { return name.starts_with("x-") || name.starts_with("y-"); }

// Reads an attribute's name as 1.x writes it.
AttributeId id_of_name(Text name) {
  if (const AttributeInfo* info = attribute_named(name)) return info->tag;
  if (is_custom_prefix(name)) return {std::string(name.substr(0, 1)), std::string(name.substr(2))};
  return {std::string(), std::string(name)};
}

// The 1.x name of an attribute; empty when it has none.
std::string name_in_1x(Tag tag, Text vendor, Text name) {
  if (tag != Tag::Attribute) {
    const AttributeInfo* info = find_attribute(tag);
    return info ? std::string(info->name) : std::string();
  }
  if (vendor.empty()) return std::string(name);
  if (vendor == "x" || vendor == "y") return fmt::format("{}-{}", vendor, name);
  return {};
}

// The same while reading: `item` is what holds the attribute, for mistakes that are not inside the value.
bool check_standard(Decoder& decoder, const Raw& item, Tag tag, const Raw* value) {
  const auto wrong = check_standard(tag, value, decoder.settings().version);
  if (!wrong) return true;
  const bool inside = value && wrong->offset >= value->offset;
  if (!inside) return decoder.fail(wrong->code, item);
  decoder.error() = *wrong;
  return value == &item ? false : decoder.error().under(item.tag);
}

// What a 1.x Attribute item says.
bool read_named(Decoder& decoder, const Raw& item, Attributes& into) {
  NamedAttribute attribute;
  if (!decoder.structure(named_attribute, item, &attribute)) return false;
  const AttributeId id = id_of_name(attribute.name);
  const Raw* value = attribute.value ? &*attribute.value : nullptr;
  if (decoder.strict()) {
    if (attribute.name.empty()) return decoder.fail(Errc::bad_value, item);
    if (!id.is_custom() && !check_standard(decoder, item, id.tag, value)) return false;
  }
  into.add_raw(id.tag, id.vendor, id.name, attribute.index, value);
  return true;
}

bool decode_template_attribute(Decoder& decoder, const Raw& item, void* into) {
  auto& list = *static_cast<Attributes*>(into);
  bool attributes_began = false;
  for (Reader reader = structure_content(item); !reader.done();) {
    Raw child;
    if (!decoder.next(reader, child)) return decoder.error().under(item.tag);
    if (child.tag == Tag::Attribute && child.type == Type::Structure) {
      attributes_began = true;
      if (!read_named(decoder, child, list)) return decoder.error().under(item.tag);
    } else if (child.tag == Tag::Name && child.type == Type::Structure) {
      // The name of a Template object, whose attributes come first (deprecated in 1.3).
      if (attributes_began && decoder.strict())
        return decoder.fail(Errc::out_of_order, child), decoder.error().under(item.tag);
      if (!decoder.raw(child)) return decoder.error().under(item.tag);
      list.add_raw(Tag::TemplateAttribute, {}, {}, {}, &child);
    } else if (decoder.strict()) {
      return decoder.fail(Errc::unknown_tag, child), decoder.error().under(item.tag);
    } else {
      ++decoder.forgiven().unknown;
    }
  }
  return true;
}

bool encode_named(Encoder& encoder, const Attributes::View& view) {
  Writer& writer = encoder.writer();
  if (view.tag == Tag::TemplateAttribute) {
    writer.bytes(Tag::Name, view.value->value, Type::Structure);
    return true;
  }
  const std::string name = name_in_1x(view.tag, view.vendor, view.name);
  if (name.empty()) return encoder.fail(Errc::not_in_version, view.tag);
  if (view.tag != Tag::Attribute)
    if (const auto wrong = check_standard(view.tag, view.value ? &*view.value : nullptr, encoder.version()))
      return refuse(encoder, *wrong);
  const auto scope = writer.structure(Tag::Attribute);
  writer.text(Tag::AttributeName, name);
  if (view.index) writer.integer(Tag::AttributeIndex, *view.index);
  if (view.value) writer.bytes(Tag::AttributeValue, view.value->value, view.value->type);
  return true;
}

bool encode_template_attribute(Encoder& encoder, Tag tag, const void* from) {
  const auto& list = *static_cast<const Attributes*>(from);
  if (list.error()) return refuse(encoder, *list.error());
  const auto scope = encoder.writer().structure(tag);
  // Names of templates stand in front, wherever they were added.
  for (const bool names : {true, false})
    for (std::size_t i = 0; i < list.size(); ++i)
      if (const auto view = list[i]; (view.tag == Tag::TemplateAttribute) == names)
        if (!encode_named(encoder, view)) return encoder.error().under(tag);
  return true;
}

bool decode_attribute_item(Decoder& decoder, const Raw& item, void* into) {
  return read_named(decoder, item, *static_cast<Attributes*>(into));
}

bool encode_attribute_item(Encoder& encoder, Tag, const void* from) {
  const auto& list = *static_cast<const Attributes*>(from);
  if (list.error()) return refuse(encoder, *list.error());
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto view = list[i];
    if (view.tag == Tag::TemplateAttribute) return encoder.fail(Errc::not_in_version, view.tag);
    if (!encode_named(encoder, view)) return false;
  }
  return true;
}

bool read_vendor_attribute(Decoder& decoder, const Raw& item, Attributes& into) {
  VendorAttribute attribute;
  if (!decoder.structure(vendor_attribute, item, &attribute)) return false;
  if (decoder.strict() && attribute.vendor.empty()) return decoder.fail(Errc::bad_value, item);
  into.add_raw(Tag::Attribute, attribute.vendor, attribute.name, {},
               attribute.value ? &*attribute.value : nullptr);
  return true;
}

bool read_standard_attribute(Decoder& decoder, const Raw& item, Attributes& into) {
  // These two tags stand for something else inside an Attributes value: as items here they mean nothing.
  const bool impossible = item.tag == Tag::Attribute || item.tag == Tag::TemplateAttribute;
  if (decoder.strict()) {
    if (item.tag == Tag::Attribute) return decoder.fail(Errc::bad_type, item);
    if (!check_standard(decoder, item, item.tag, &item)) return false;
  } else if (impossible || !find_attribute(item.tag)) {
    ++decoder.forgiven().unknown;
  }
  if (impossible) return true;
  // One without an entry is kept all the same: a diagnosis wants to see it.
  if (!decoder.raw(item)) return false;
  into.add_raw(item.tag, {}, {}, {}, &item);
  return true;
}

bool decode_attributes(Decoder& decoder, const Raw& item, void* into) {
  auto& list = *static_cast<Attributes*>(into);
  for (Reader reader = structure_content(item); !reader.done();) {
    Raw child;
    if (!decoder.next(reader, child)) return decoder.error().under(item.tag);
    const bool vendor = child.tag == Tag::Attribute && child.type == Type::Structure;
    const bool good =
        vendor ? read_vendor_attribute(decoder, child, list) : read_standard_attribute(decoder, child, list);
    if (!good) return decoder.error().under(item.tag);
  }
  return true;
}

bool encode_vendor_attribute(Encoder& encoder, const Attributes::View& view) {
  if (view.vendor.empty()) return encoder.fail(Errc::not_in_version, view.tag);
  Writer& writer = encoder.writer();
  const auto scope = writer.structure(Tag::Attribute);
  writer.text(Tag::VendorIdentification, view.vendor);
  writer.text(Tag::AttributeName, view.name);
  if (view.value) writer.bytes(Tag::AttributeValue, view.value->value, view.value->type);
  return true;
}

bool encode_standard_attribute(Encoder& encoder, const Attributes::View& view) {
  if (!view.value) return encoder.fail(Errc::missing, view.tag);
  if (view.tag == Tag::TemplateAttribute) return encoder.fail(Errc::not_in_version, view.tag);
  if (const auto wrong = check_standard(view.tag, &*view.value, encoder.version()))
    return refuse(encoder, *wrong);
  encoder.writer().bytes(view.tag, view.value->value, view.value->type);
  return true;
}

bool encode_attributes(Encoder& encoder, Tag tag, const void* from) {
  const auto& list = *static_cast<const Attributes*>(from);
  if (list.error()) return refuse(encoder, *list.error());
  const auto scope = encoder.writer().structure(tag);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto view = list[i];
    const bool good = view.tag == Tag::Attribute ? encode_vendor_attribute(encoder, view)
                                                 : encode_standard_attribute(encoder, view);
    if (!good) return encoder.error().under(tag);
  }
  return true;
}

bool encode_some_attribute_items(Encoder& encoder, Tag tag, const void* from) {
  if (static_cast<const Attributes*>(from)->empty()) return encoder.fail(Errc::missing, tag);
  return encode_attribute_item(encoder, tag, from);
}

// The payloads that are about exactly one attribute.
bool encode_one_attribute_item(Encoder& encoder, Tag tag, const void* from) {
  if (static_cast<const Attributes*>(from)->size() > 1) return encoder.fail(Errc::repeated, tag);
  return encode_attribute_item(encoder, tag, from);
}

bool decode_one_attribute(Decoder& decoder, const Raw& item, void* into) {
  if (!decode_attributes(decoder, item, into)) return false;
  const std::size_t size = static_cast<const Attributes*>(into)->size();
  if (!decoder.strict() || size == 1) return true;
  return decoder.fail(size == 0 ? Errc::missing : Errc::repeated, item);
}

bool encode_one_attribute(Encoder& encoder, Tag tag, const void* from) {
  const auto& list = *static_cast<const Attributes*>(from);
  if (!list.error() && list.size() != 1)
    return encoder.fail(list.empty() ? Errc::missing : Errc::repeated, tag);
  return encode_attributes(encoder, tag, from);
}

// Naming an attribute that the version does not have is as wrong as sending it.
bool exists(const AttributeId& id, Version version) {
  if (id.is_custom()) return true;
  const AttributeInfo* info = find_attribute(id.tag);
  return !info || info->versions.holds(version);
}

bool decode_attribute_name(Decoder& decoder, const Raw& item, void* into) {
  if (item.type != Type::TextString) return decoder.fail(Errc::bad_type, item);
  if (decoder.strict() && !is_utf8(item.value)) return decoder.fail(Errc::bad_value, item);
  AttributeId id = id_of_name(text_of(item.value));
  if (decoder.strict()) {
    if (item.value.empty()) return decoder.fail(Errc::bad_value, item);
    if (!exists(id, decoder.settings().version)) return decoder.fail(Errc::not_in_version, item);
  }
  static_cast<AttributeIds*>(into)->ids.push_back(std::move(id));
  return true;
}

bool encode_attribute_name(Encoder& encoder, Tag tag, const void* from) {
  for (const AttributeId& id : static_cast<const AttributeIds*>(from)->ids) {
    const std::string name = name_in_1x(id.tag, id.vendor, id.name);
    if (name.empty() || !exists(id, encoder.version())) return encoder.fail(Errc::not_in_version, id.tag);
    encoder.writer().text(tag, name);
  }
  return true;
}

bool decode_attribute_reference(Decoder& decoder, const Raw& item, void* into) {
  auto& ids = static_cast<AttributeIds*>(into)->ids;
  if (item.type == Type::Enumeration) {
    const auto tag = static_cast<Tag>(load32(item.value.data()));
    // The tag Attribute alone names no attribute; custom ones are referred to by a structure.
    if (tag == Tag::Attribute) return decoder.fail(Errc::bad_value, item);
    if (decoder.strict() && !exists(tag, decoder.settings().version))
      return decoder.fail(Errc::not_in_version, item);
    ids.emplace_back(tag);
    return true;
  }
  VendorReference reference;
  if (!decoder.structure(vendor_reference, item, &reference)) return false;
  if (decoder.strict() && reference.vendor.empty()) return decoder.fail(Errc::bad_value, item);
  ids.emplace_back(std::string(reference.vendor), std::string(reference.name));
  return true;
}

bool encode_attribute_reference(Encoder& encoder, Tag tag, const void* from) {
  for (const AttributeId& id : static_cast<const AttributeIds*>(from)->ids) {
    if (id.is_custom() ? id.vendor.empty() : !exists(id, encoder.version()))
      return encoder.fail(Errc::not_in_version, id.tag);
    if (!id.is_custom()) {
      encoder.writer().enumeration(tag, static_cast<std::uint32_t>(id.tag));
      continue;
    }
    const auto scope = encoder.writer().structure(tag);
    encoder.writer().text(Tag::VendorIdentification, id.vendor);
    encoder.writer().text(Tag::AttributeName, id.name);
  }
  return true;
}

bool encode_one_attribute_name(Encoder& encoder, Tag tag, const void* from) {
  if (static_cast<const AttributeIds*>(from)->ids.size() > 1) return encoder.fail(Errc::repeated, tag);
  return encode_attribute_name(encoder, tag, from);
}

bool encode_one_attribute_reference(Encoder& encoder, Tag tag, const void* from) {
  if (static_cast<const AttributeIds*>(from)->ids.size() > 1) return encoder.fail(Errc::repeated, tag);
  return encode_attribute_reference(encoder, tag, from);
}

}  // namespace

const Custom template_attribute_codec{decode_template_attribute, encode_template_attribute};
const Custom attribute_item_codec{decode_attribute_item, encode_attribute_item};
const Custom some_attribute_items_codec{decode_attribute_item, encode_some_attribute_items};
const Custom one_attribute_item_codec{decode_attribute_item, encode_one_attribute_item};
const Custom one_attribute_codec{decode_one_attribute, encode_one_attribute};
const Custom attributes_codec{decode_attributes, encode_attributes};
const Custom attribute_name_codec{decode_attribute_name, encode_attribute_name};
const Custom attribute_reference_codec{decode_attribute_reference, encode_attribute_reference};
const Custom one_attribute_name_codec{decode_attribute_name, encode_one_attribute_name};
const Custom one_attribute_reference_codec{decode_attribute_reference, encode_one_attribute_reference};

AttributeId AttributeId::named(Text text) {
  if (const AttributeInfo* info = attribute_named(text)) return info->tag;
  if (const auto tag = tag_named(text); tag && find_attribute(*tag)) return *tag;
  if (const auto colon = text.find(':'); colon != Text::npos)
    return {std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
  return id_of_name(text);
}

std::string to_string(const AttributeId& id) {
  if (id.is_custom() && !id.vendor.empty() && id.vendor != "x" && id.vendor != "y")
    return fmt::format("{}:{}", id.vendor, id.name);
  std::string text = name_in_1x(id.tag, id.vendor, id.name);
  return text.empty() ? name(id.tag) : text;
}

AttributeId Attributes::View::id() const {
  if (tag != Tag::Attribute) return tag;
  return {std::string(vendor), std::string(name)};
}

Attributes::View Attributes::operator[](std::size_t i) const {
  const Entry& entry = entries_[i];
  View view{entry.tag, entry.vendor, entry.name, entry.index, {}};
  if (entry.length > 0) {
    // What was added was a whole item, so that reading it back cannot fail.
    Reader reader(values_.view().subspan(entry.start, entry.length));
    CodecError error;
    reader.next(view.value.emplace(), error);
  }
  return view;
}

void Attributes::add_raw(Tag tag, Text vendor, Text name, std::optional<std::int32_t> index,
                         const Raw* value) {
  append(tag, vendor, name, index, [&](SecretBuffer& out) -> std::optional<CodecError> {
    if (!value) return std::nullopt;
    const Tag own = tag == Tag::Attribute           ? Tag::AttributeValue
                    : tag == Tag::TemplateAttribute ? Tag::Name
                                                    : tag;
    Encoder encoder(out, newest_version);
    return encoder.item(own, value->type, value->value) ? std::nullopt : std::optional(encoder.error());
  });
}

bool Attributes::has(Tag tag) const {
  return std::ranges::any_of(entries_, [tag](const Entry& entry) { return entry.tag == tag; });
}

}  // namespace keyway::kmip
