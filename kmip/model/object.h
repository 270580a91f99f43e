// Managed objects and the key block inside them (KMIP 1.4 §2.1.3 to §2.2; 2.1 §2, §3).
#pragma once

#include <optional>

#include <kmip/model/attributes.h>
#include <kmip/model/common.h>

namespace keyway::kmip {

// 1.4 §2.1.7.1, 2.1 §3.4.1
struct TransparentSymmetricKey {
  Secret key;
};
template <>
struct Described<TransparentSymmetricKey> {
  static const Shape shape;
};

// Key Material is bytes in the raw and encoded formats, a structure in the transparent ones. Exactly one of
// the members is set. 1.4 §2.1.4, 2.1 §3.2
struct KeyValue {
  std::optional<Secret> key_material;
  std::optional<TransparentSymmetricKey> transparent_symmetric_key;
  std::optional<Attributes> attributes;
};
template <>
struct Described<KeyValue> {
  static const Shape shape;
};

// 1.4 §2.1.5, 2.1 §3.3
struct EncryptionKeyInformation {
  Text unique_identifier;
  std::optional<CryptographicParameters> cryptographic_parameters;
};
template <>
struct Described<EncryptionKeyInformation> {
  static const Shape shape;
};

struct MacSignatureKeyInformation {
  std::optional<Text> unique_identifier;
  std::optional<CryptographicParameters> cryptographic_parameters;
};
template <>
struct Described<MacSignatureKeyInformation> {
  static const Shape shape;
};

struct KeyWrappingData {
  WrappingMethod wrapping_method{};
  std::optional<EncryptionKeyInformation> encryption_key_information;
  std::optional<MacSignatureKeyInformation> mac_signature_key_information;
  std::optional<Bytes> mac_signature;
  std::optional<Bytes> iv_counter_nonce;
  std::optional<EncodingOption> encoding_option;
};
template <>
struct Described<KeyWrappingData> {
  static const Shape shape;
};

// 1.4 §2.1.6, 2.1 §7.18. Attribute names stay texts through 2.1.
struct KeyWrappingSpecification {
  WrappingMethod wrapping_method{};
  std::optional<EncryptionKeyInformation> encryption_key_information;
  std::optional<MacSignatureKeyInformation> mac_signature_key_information;
  std::vector<Text> attribute_names;
  std::optional<EncodingOption> encoding_option;
};
template <>
struct Described<KeyWrappingSpecification> {
  static const Shape shape;
};

// 1.4 §2.1.3, 2.1 §3.1. Key Value is a structure in the clear and bytes when wrapped.
struct KeyBlock {
  KeyFormatType key_format_type = KeyFormatType::Raw;
  std::optional<KeyCompressionType> key_compression_type;
  std::optional<KeyValue> key_value;
  std::optional<Bytes> wrapped_key_value;
  std::optional<CryptographicAlgorithm> cryptographic_algorithm;
  std::optional<std::int32_t> cryptographic_length;  // bits
  std::optional<KeyWrappingData> key_wrapping_data;

  // key_bytes is the key itself, whichever format holds it; null when it is absent, wrapped or structured.
  const Secret* key_bytes() const;
};
template <>
struct Described<KeyBlock> {
  static const Shape shape;
};

// 1.4 §2.2.2, 2.1 §2.7
struct SymmetricKey {
  KeyBlock key_block;
};
template <>
struct Described<SymmetricKey> {
  static const Shape shape;
};

// 1.4 §2.2.7, 2.1 §2.5
struct SecretData {
  SecretDataType type = SecretDataType::Password;
  KeyBlock key_block;
};
template <>
struct Described<SecretData> {
  static const Shape shape;
};

// ManagedObject is one of the kinds of object, named by the Object Type beside it. Exactly one is set.
struct ManagedObject {
  std::optional<SymmetricKey> symmetric_key;
  std::optional<SecretData> secret_data;

  const KeyBlock* key_block() const;  // of whichever is set; null when none is
};

// The rows of a ManagedObject, for the payloads that hold one.
template <auto... Path>
constexpr Row symmetric_key_row() {
  return field<Path..., &ManagedObject::symmetric_key>(Tag::SymmetricKey);
}
template <auto... Path>
constexpr Row secret_data_row() {
  return field<Path..., &ManagedObject::secret_data>(Tag::SecretData);
}

}  // namespace keyway::kmip
