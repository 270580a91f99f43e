#include <bit>

#include <kmip/model/common.h>
#include <kmip/text/attribute_text.h>
#include <kmip/text/names.h>
#include <kmip/text/value.h>

namespace keyway::kmip {

namespace {

Error without_meaning(Tag tag, std::string_view name, std::string_view text, const Error& why) {
  const TagInfo* info = find(tag);
  const bool secret = !info || info->sensitive;
  const std::string value = secret ? std::string() : fmt::format("'{}': ", printable(text, 64));
  return {ErrorKind::invalid_input,
          fmt::format("{}: {}{}", printable(name, 64), value, why.what),
          why.advice,
          {}};
}

Result<void> write_item(Tag tag, std::optional<Type> type, std::string_view text, std::string_view name,
                        Writer& out) {
  if (!type || *type == Type::Structure)
    return fail(ErrorKind::invalid_input, "{}: {} cannot be given on the command line", name,
                keyway::kmip::name(tag));
  if (auto done = read_value(tag, *type, text, {}, Variables(), out); !done)
    return std::unexpected(without_meaning(tag, name, text, done.error()));
  return {};
}

// "Field=value;Field=value", in the order of the structure.
Result<void> write_structure(Tag tag, std::string_view text, std::string_view name, Writer& out) {
  const auto scope = out.structure(tag);
  do {
    const std::string_view part = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    const auto equals = part.find('=');
    const auto field = tag_of(trimmed(part.substr(0, equals)));
    if (equals == std::string_view::npos || !field)
      return fail_with_advice(ErrorKind::invalid_input, "write its fields as Field=value;Field=value",
                              "{}: '{}' is no field of a structure", name,
                              printable(part.substr(0, equals), 64));
    if (auto done = write_item(*field, only_type(*field, {}), trimmed(part.substr(equals + 1)), name, out);
        !done)
      return done;
  } while (!text.empty());
  return {};
}

// A bare name may hold "=", too.
bool is_bare_name(std::string_view text) {
  const auto field = tag_of(trimmed(text.substr(0, text.find('='))));
  return text.find('=') == std::string_view::npos || (field != Tag::NameValue && field != Tag::NameType);
}

}  // namespace

Result<AttributeId> attribute_id(std::string_view name) {
  const auto id = AttributeId::named(name);
  if (!id.is_custom() || !id.vendor.empty()) return id;
  const AttributeInfo* known = attribute_by_name(name);
  if (!known)
    return fail_with_advice(ErrorKind::invalid_input,
                            "custom attributes are written x-NAME, y-NAME or VENDOR:NAME",
                            "'{}' is no attribute of the standard", printable(name, 64));
  return AttributeId(known->tag);
}

Result<void> add_attribute(Attributes& attributes, std::string_view name, std::string_view text) {
  const auto id = attribute_id(name);
  if (!id) return std::unexpected(id.error());
  if (id->is_custom()) {
    attributes.add_custom(id->vendor, id->name, Text(text));
    return {};
  }
  if (id->tag == Tag::Name && is_bare_name(text)) {
    attributes.add(Tag::Name, Name{.value = text});
    return {};
  }
  SecretBuffer bytes;
  Writer writer(bytes);
  // As an attribute an item may have fewer types than elsewhere.
  const unsigned types = find_attribute(id->tag)->types;
  const bool structured = (types >> static_cast<unsigned>(Type::Structure) & 1) != 0;
  const auto type =
      std::has_single_bit(types) ? static_cast<Type>(std::countr_zero(types)) : only_type(id->tag, {});
  auto written = structured ? write_structure(id->tag, text, name, writer)
                            : write_item(id->tag, type, text, name, writer);
  if (!written) return written;
  Raw item;
  CodecError error;
  Reader reader(bytes.view());
  if (!reader.next(item, error)) return std::unexpected(to_error(error, name));
  attributes.add_raw(id->tag, {}, {}, {}, &item);
  return {};
}

}  // namespace keyway::kmip
