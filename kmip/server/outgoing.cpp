#include <kmip/server/key_pair.h>
#include <kmip/server/outgoing.h>

namespace keyway::kmip::server {

namespace {

// format_for is the Key Format Type to answer in: the one asked for, else that of the object.
Outcome<KeyFormatType> format_for(const Object& object, std::optional<KeyFormatType> asked) {
  if (is_asymmetric(object.type)) return asked.value_or(default_format(object));
  const bool symmetric = object.type == ObjectType::SymmetricKey;
  // The default of symmetric keys is Raw however they were registered (2.1 §4.26).
  const KeyFormatType format = asked.value_or(symmetric ? KeyFormatType::Raw : object.format);
  const KeyFormatType other = symmetric ? KeyFormatType::TransparentSymmetricKey : KeyFormatType::Opaque;
  if (format != KeyFormatType::Raw && format != other)
    return refuse(reason::unsupported_format, "a {} can be had as {} or {}", spec_name(object.type),
                  spec_name(KeyFormatType::Raw), spec_name(other));
  return format;
}

Outcome<Secret> material(const Object& object, KeyFormatType format) {
  if (!is_asymmetric(object.type) || format == object.format) return object.key.duplicate();
  const auto key = read_key(object.type, object.format, object.key.reveal());
  if (!key) return std::unexpected(key.error());
  return write_key(*key, object.type, format);
}

Outcome<KeyBlock> key_block_of(const Object& object, std::optional<KeyFormatType> asked) {
  const auto format = format_for(object, asked);
  if (!format) return std::unexpected(format.error());
  auto key = material(object, *format);
  if (!key) return std::unexpected(key.error());
  KeyBlock block;
  block.key_format_type = *format;
  KeyValue& value = block.key_value.emplace();
  if (*format == KeyFormatType::TransparentSymmetricKey)
    value.transparent.emplace().key = std::move(*key);
  else
    value.key_material = std::move(*key);
  block.cryptographic_algorithm = object.algorithm;
  block.cryptographic_length = object.length;
  return block;
}

// around puts a Key Block into the object it belongs to.
ManagedObject around(const Object& object, KeyBlock block) {
  ManagedObject shown;
  switch (object.type) {
    case ObjectType::SymmetricKey: shown.symmetric_key.emplace(SymmetricKey{std::move(block)}); break;
    case ObjectType::PrivateKey: shown.private_key.emplace(PrivateKey{std::move(block)}); break;
    case ObjectType::PublicKey: shown.public_key.emplace(PublicKey{std::move(block)}); break;
    default:
      shown.secret_data.emplace(
          SecretData{object.secret_data_type.value_or(SecretDataType::Password), std::move(block)});
  }
  return shown;
}

}  // namespace

Outcome<> check_showable(const Object& object) {
  if (object.is_destroyed())
    return refuse(reason::only_attributes, "the object is destroyed: only its attributes are left");
  if (object.sensitive)
    return refuse(reason::sensitive, "the object is Sensitive and this server cannot wrap it");
  if (!object.extractable) return refuse(reason::not_extractable, "the object is not Extractable");
  return {};
}

Outcome<ManagedObject> show_object(const Object& object, std::optional<KeyFormatType> asked) {
  ManagedObject shown;
  if (object.type == ObjectType::Certificate || object.type == ObjectType::OpaqueObject) {
    if (asked && asked != object.format)
      return refuse(reason::unsupported_format, "a {} cannot be had as {}", spec_name(object.type),
                    spec_name(*asked));
    if (object.type == ObjectType::Certificate)
      shown.certificate.emplace(Certificate{CertificateType::X_509, object.key.reveal()});
    else
      shown.opaque_object.emplace(OpaqueObject{object.opaque_data_type, object.key.reveal()});
    return shown;
  }
  auto block = key_block_of(object, asked);
  if (!block) return std::unexpected(block.error());
  return around(object, std::move(*block));
}

Outcome<ManagedObject> show_destroyed(const Object& object) {
  if (object.type == ObjectType::Certificate || object.type == ObjectType::OpaqueObject)
    return refuse(reason::only_attributes, "the object is destroyed: only its attributes are left");
  KeyBlock block;
  block.key_format_type = is_asymmetric(object.type) ? default_format(object) : KeyFormatType::Raw;
  block.cryptographic_algorithm = object.algorithm;
  block.cryptographic_length = object.length;
  return around(object, std::move(block));
}

}  // namespace keyway::kmip::server
