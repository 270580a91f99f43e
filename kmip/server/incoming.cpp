#include <kmip/server/incoming.h>
#include <kmip/server/key_pair.h>
#include <kmip/server/new_object.h>
#include <kmip/server/object_attributes.h>

namespace keyway::kmip::server {

namespace {

bool is_taken(ObjectType type) {
  switch (type) {
    case ObjectType::SymmetricKey:
    case ObjectType::SecretData:
    case ObjectType::PrivateKey:
    case ObjectType::PublicKey:
    case ObjectType::Certificate:
    case ObjectType::OpaqueObject: return true;
    default: return false;
  }
}

// check_format refuses the forms of key that the server cannot hold. Those of key pairs are checked by
// reading.
Outcome<> check_format(const KeyBlock& block, ObjectType type) {
  const bool transparent = block.key_value && block.key_value->transparent;
  const KeyFormatType format = block.key_format_type;
  bool fits = !transparent;
  if (type == ObjectType::SymmetricKey)
    fits = format == (transparent ? KeyFormatType::TransparentSymmetricKey : KeyFormatType::Raw);
  else if (type == ObjectType::SecretData)
    fits = !transparent && (format == KeyFormatType::Raw || format == KeyFormatType::Opaque);
  if (fits) return {};
  return refuse(reason::unsupported_format, "a {} is not taken as {}", spec_name(type), spec_name(format));
}

Outcome<> check_key_block(const KeyBlock& block, ObjectType type) {
  if (block.key_wrapping_data || block.wrapped_key_value)
    return refuse(reason::unsupported_feature, "wrapped keys are not supported: send the key itself");
  if (block.key_compression_type)
    return refuse(reason::unsupported_compression, "no Key Compression Type is supported");
  if (auto good = check_format(block, type); !good) return good;
  if (block.key_value && block.key_value->attributes && !block.key_value->attributes->empty())
    return refuse(reason::unsupported_feature, "attributes inside a Key Value are not supported");
  const Secret* key = block.key_bytes();
  if (!key || key->empty()) return refuse(reason::invalid_field, "the object holds no key");
  return {};
}

// settle takes a value that may stand in the Key Block, in the attributes, or in both when they agree.
template <class T>
Outcome<> settle(std::optional<T>& attribute, const std::optional<T>& in_block, Tag tag) {
  if (attribute && in_block && *attribute != *in_block)
    return refuse(reason::invalid_field, "{} differs between the Key Block and the attributes", name(tag));
  if (!attribute) attribute = in_block;
  return {};
}

Outcome<> settle_symmetric(Object& object) {
  if (!object.algorithm) return refuse(reason::invalid_field, "a Symmetric Key needs its algorithm");
  const auto bits = static_cast<std::int64_t>(object.key.size()) * 8;
  if (*object.algorithm == CryptographicAlgorithm::AES) {
    if (object.length && *object.length != bits)
      return refuse(reason::invalid_field, "Cryptographic Length is {}, the key has {} bits", *object.length,
                    bits);
    if (bits != 128 && bits != 192 && bits != 256)
      return refuse(reason::invalid_field, "an AES key of {} bits", bits);
  }
  if (!object.length) object.length = static_cast<std::int32_t>(bits);
  return {};
}

Outcome<> settle_key(Object& object, const KeyBlock& block) {
  if (auto same = settle(object.algorithm, block.cryptographic_algorithm, Tag::CryptographicAlgorithm); !same)
    return same;
  if (auto same = settle(object.length, block.cryptographic_length, Tag::CryptographicLength); !same)
    return same;
  object.key = block.key_bytes()->duplicate();
  if (object.type == ObjectType::SymmetricKey) return settle_symmetric(object);
  if (!is_asymmetric(object.type)) return {};
  const auto key = read_key(object.type, object.format, object.key.reveal());
  if (!key) return std::unexpected(key.error());
  return settle_facts(object, *key);
}

// take_key is for everything that has a Key Block.
Outcome<> take_key(Object& object, const ManagedObject& sent, const Attributes& attributes, Version version) {
  const KeyBlock& block = *sent.key_block();
  if (auto good = check_key_block(block, object.type); !good) return good;
  object.format = block.key_format_type;
  if (sent.secret_data) object.secret_data_type = sent.secret_data->type;
  if (auto set = set_attributes(object, attributes, version); !set) return set;
  if (auto given = check_usage_given(attributes); !given) return given;
  return settle_key(object, block);
}

Outcome<> take_certificate(Object& object, const Certificate& sent, const Attributes& attributes,
                           Version version) {
  if (sent.certificate_type != CertificateType::X_509)
    return refuse(reason::unsupported_format, "only X.509 certificates are taken");
  auto facts = read_certificate(sent.certificate_value);
  if (!facts) return refuse(reason::invalid_field, "{}", facts.error().what);
  object.format = KeyFormatType::X_509;
  object.certificate = std::move(*facts);
  object.certificate_length = static_cast<std::int32_t>(sent.certificate_value.size());
  object.key = Secret(sent.certificate_value);
  return set_attributes(object, attributes, version);
}

Outcome<> take_opaque(Object& object, const OpaqueObject& sent, const Attributes& attributes,
                      Version version) {
  if (sent.opaque_data_value.empty()) return refuse(reason::invalid_field, "the object holds no data");
  object.format = KeyFormatType::Opaque;
  object.opaque_data_type = sent.opaque_data_type;
  object.key = Secret(sent.opaque_data_value);
  return set_attributes(object, attributes, version);
}

}  // namespace

Outcome<Object> take_object(ObjectType type, const ManagedObject& sent, const Attributes& attributes,
                            Version version) {
  if (!is_taken(type))
    return refuse(reason::wrong_object_type, "objects of type {} are not taken here", spec_name(type));
  if (sent.type() != type)
    return refuse(reason::invalid_field, "the Object Type is not that of the object beside it");
  Object object;
  object.type = type;
  Outcome<> taken;
  if (sent.certificate)
    taken = take_certificate(object, *sent.certificate, attributes, version);
  else if (sent.opaque_object)
    taken = take_opaque(object, *sent.opaque_object, attributes, version);
  else
    taken = take_key(object, sent, attributes, version);
  if (!taken) return std::unexpected(taken.error());
  if (object.curve && !is_asymmetric(type))
    return refuse(reason::unsupported_attribute, "only keys on curves have Cryptographic Domain Parameters");
  if (object.asked_format && object.asked_format != object.format)
    return refuse(reason::invalid_attribute_value, "attribute Key Format Type is not that of the object");
  return object;
}

}  // namespace keyway::kmip::server
