// Managed objects and the key block inside them (KMIP 1.4 §2.1.3 to §2.2; 2.1 §2, §3).
#pragma once

#include <array>
#include <optional>

#include <kmip/model/attributes.h>
#include <kmip/model/common.h>
#include <kmip/model/transparent_key.h>

namespace keyway::kmip {

// Key Material is bytes in the raw and encoded formats, a structure in the transparent ones. Exactly one of
// the members is set. 1.4 §2.1.4, 2.1 §3.2
struct KeyValue {
  std::optional<Secret> key_material;
  Boxed<TransparentKey> transparent;
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

// 1.4 §2.2.1, 2.1 §2.1
struct Certificate {
  CertificateType certificate_type{};
  Bytes certificate_value;
};
template <>
struct Described<Certificate> {
  static const Shape shape;
};

// 2.1 §2.2. From 2.0.
struct CertificateRequest {
  CertificateRequestType certificate_request_type{};
  Bytes certificate_request_value;
};
template <>
struct Described<CertificateRequest> {
  static const Shape shape;
};

// 1.4 §2.2.3, 2.1 §2.6
struct PublicKey {
  KeyBlock key_block;
};
template <>
struct Described<PublicKey> {
  static const Shape shape;
};

// 1.4 §2.2.4, 2.1 §2.5
struct PrivateKey {
  KeyBlock key_block;
};
template <>
struct Described<PrivateKey> {
  static const Shape shape;
};

// 1.4 §2.2.5, 2.1 §2.8
struct SplitKey {
  std::int32_t split_key_parts = 0;
  std::int32_t key_part_identifier = 0;
  std::int32_t split_key_threshold = 0;
  SplitKeyMethod split_key_method{};
  std::optional<BigInteger> prime_field_size;
  KeyBlock key_block;
};
template <>
struct Described<SplitKey> {
  static const Shape shape;
};

// 1.4 §2.2.8, 2.1 §2.3
struct OpaqueObject {
  OpaqueDataType opaque_data_type{};
  Bytes opaque_data_value;
};
template <>
struct Described<OpaqueObject> {
  static const Shape shape;
};

// 1.4 §2.2.9, 2.1 §2.4. From 1.2.
struct PgpKey {
  std::int32_t pgp_key_version = 0;
  KeyBlock key_block;
};
template <>
struct Described<PgpKey> {
  static const Shape shape;
};

// Template of 1.x (1.4 §2.2.6): attributes under a name. Deprecated in 1.3.
struct Template {
  Attributes attributes;
};
template <>
struct Described<Template> {
  static const Shape shape;
};

// ManagedObject is one of the kinds of object, named by the Object Type beside it. Exactly one is set.
// 1.4 §2.2, 2.1 §2
struct ManagedObject {
  Boxed<Certificate> certificate;
  std::optional<SymmetricKey> symmetric_key;
  Boxed<PublicKey> public_key;
  Boxed<PrivateKey> private_key;
  Boxed<SplitKey> split_key;
  Boxed<Template> template_;  // to 1.4
  std::optional<SecretData> secret_data;
  Boxed<OpaqueObject> opaque_object;
  Boxed<PgpKey> pgp_key;                          // from 1.2
  Boxed<CertificateRequest> certificate_request;  // from 2.0

  // key_block is that of whichever is set; null when none is, or it has none.
  const KeyBlock* key_block() const;
  // type is the kind of the one that is set; none when nothing is.
  std::optional<ObjectType> type() const;
};

// managed_object makes the rows of a ManagedObject, for the payloads that hold one. They are alternatives,
// of which one must be there from the version `required_from` on.
template <auto... Path>
constexpr std::array<Row, 10> managed_object(Version required_from = oldest_version) {
  std::array<Row, 10> group = {
      field<Path..., &ManagedObject::certificate>(Tag::Certificate),
      field<Path..., &ManagedObject::symmetric_key>(Tag::SymmetricKey),
      field<Path..., &ManagedObject::public_key>(Tag::PublicKey),
      field<Path..., &ManagedObject::private_key>(Tag::PrivateKey),
      field<Path..., &ManagedObject::split_key>(Tag::SplitKey),
      field<Path..., &ManagedObject::template_>(Tag::Template).until(Version::V1_4),
      field<Path..., &ManagedObject::secret_data>(Tag::SecretData),
      field<Path..., &ManagedObject::opaque_object>(Tag::OpaqueObject),
      field<Path..., &ManagedObject::pgp_key>(Tag::PGPKey).from(Version::V1_2),
      field<Path..., &ManagedObject::certificate_request>(Tag::CertificateRequest).from(Version::V2_0),
  };
  for (Row& row : group) row = row.must_from(required_from).one_of_a_kind();
  return group;
}

}  // namespace keyway::kmip
