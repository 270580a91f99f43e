// Structures that several messages and attributes share.
#pragma once

#include <optional>

#include <kmip/model/identifier.h>

namespace keyway::kmip {

// 1.4 §3.2, 2.1 §4.35
struct Name {
  Text value;
  NameType type = NameType::UninterpretedTextString;
};
template <>
struct Described<Name> {
  static const Shape shape;
};

// 1.4 §3.6, 2.1 §4.16. IV Length is in bits, Tag Length in bytes.
struct CryptographicParameters {
  std::optional<BlockCipherMode> block_cipher_mode;
  std::optional<PaddingMethod> padding_method;
  std::optional<HashingAlgorithm> hashing_algorithm;
  std::optional<KeyRoleType> key_role_type;
  std::optional<DigitalSignatureAlgorithm> digital_signature_algorithm;
  std::optional<CryptographicAlgorithm> cryptographic_algorithm;
  std::optional<bool> random_iv;
  std::optional<std::int32_t> iv_length, tag_length, fixed_field_length, invocation_field_length,
      counter_length, initial_counter_value, salt_length;
  std::optional<MaskGenerator> mask_generator;
  std::optional<HashingAlgorithm> mask_generator_hashing_algorithm;
  std::optional<Bytes> p_source;
  std::optional<std::int32_t> trailer_field;
};
template <>
struct Described<CryptographicParameters> {
  static const Shape shape;
};

// 1.4 §3.31, 2.1 §4.43
struct RevocationReason {
  RevocationReasonCode code = RevocationReasonCode::Unspecified;
  std::optional<Text> message;
};
template <>
struct Described<RevocationReason> {
  static const Shape shape;
};

// 1.4 §3.36, 2.1 §4.6
struct ApplicationSpecificInformation {
  Text application_namespace;
  std::optional<Text> application_data;
};
template <>
struct Described<ApplicationSpecificInformation> {
  static const Shape shape;
};

// 1.4 §3.17, 2.1 §4.20
struct Digest {
  HashingAlgorithm hashing_algorithm = HashingAlgorithm::SHA_256;
  std::optional<Bytes> digest_value;
  std::optional<KeyFormatType> key_format_type;
};
template <>
struct Described<Digest> {
  static const Shape shape;
};

// 1.4 §3.35, 2.1 §4.31
struct Link {
  LinkType link_type{};
  Identifier linked_object_identifier;
};
template <>
struct Described<Link> {
  static const Shape shape;
};

// 1.4 §6.1, 2.1 §9.14
struct ProtocolVersion {
  std::int32_t major = 0;
  std::int32_t minor = 0;

  ProtocolVersion() = default;
  ProtocolVersion(ProtocolNumber number) : major(number.major), minor(number.minor) {}
  ProtocolVersion(Version version) : ProtocolVersion(number_of(version)) {}
  ProtocolNumber number() const { return {major, minor}; }
};
template <>
struct Described<ProtocolVersion> {
  static const Shape shape;
};

// 1.4 §2.1.14, 2.1 §7.22
struct Nonce {
  Bytes id;
  Bytes value;
};
template <>
struct Described<Nonce> {
  static const Shape shape;
};

// 1.4 §6.16, 2.1 §9.13
struct MessageExtension {
  Text vendor_identification;
  bool criticality_indicator = false;
  Raw vendor_extension;
};
template <>
struct Described<MessageExtension> {
  static const Shape shape;
};

}  // namespace keyway::kmip
