#include <core/utf8.h>
#include <kmip/model/identifier.h>

namespace keyway::kmip {

namespace {

bool decode_identifier(Decoder& decoder, const Raw& item, void* into) {
  auto& identifier = *static_cast<Identifier*>(into);
  if (item.type == Type::TextString) {
    if (decoder.strict() && !is_utf8(item.value)) return decoder.fail(Errc::bad_value, item);
    identifier.value = text_of(item.value);
    return true;
  }
  if (decoder.strict() && decoder.settings().version < Version::V2_0)
    return decoder.fail(Errc::bad_type, item);
  if (item.type == Type::Enumeration) {
    identifier.value = static_cast<UniqueIdentifier>(load32(item.value.data()));
    return true;
  }
  if (item.type == Type::Integer) {
    identifier.value = static_cast<std::int32_t>(load32(item.value.data()));
    return true;
  }
  return decoder.fail(Errc::bad_type, item);
}

bool encode_identifier(Encoder& encoder, Tag tag, const void* from) {
  const auto& identifier = *static_cast<const Identifier*>(from);
  if (const Text* text = identifier.text()) {
    if (!is_utf8(bytes_of(*text))) return encoder.fail(Errc::bad_value, tag);
    encoder.writer().text(tag, *text);
    return true;
  }
  if (encoder.version() < Version::V2_0) return encoder.fail(Errc::not_in_version, tag);
  if (const auto* placeholder = std::get_if<UniqueIdentifier>(&identifier.value))
    encoder.writer().enumeration(tag, static_cast<std::uint32_t>(*placeholder));
  else
    encoder.writer().integer(tag, std::get<std::int32_t>(identifier.value));
  return true;
}

}  // namespace

const Custom identifier_codec{decode_identifier, encode_identifier};

}  // namespace keyway::kmip
