#include <kmip/model/object.h>

namespace keyway::kmip {

using enum Version;

constexpr Row key_value_rows[] = {
    field<&KeyValue::key_material>(Tag::KeyMaterial).must().one_of_a_kind(),
    field<&KeyValue::transparent>(Tag::KeyMaterial).secret().must().one_of_a_kind(),
    attributes<&KeyValue::attributes>(),
    attribute_items<&KeyValue::attributes>(),
};
static_assert(well_formed(key_value_rows));
constinit const Shape Described<KeyValue>::shape{key_value_rows};

constexpr Row encryption_key_information_rows[] = {
    field<&EncryptionKeyInformation::unique_identifier>(Tag::UniqueIdentifier),
    field<&EncryptionKeyInformation::cryptographic_parameters>(Tag::CryptographicParameters),
};
static_assert(well_formed(encryption_key_information_rows));
constinit const Shape Described<EncryptionKeyInformation>::shape{encryption_key_information_rows};

constexpr Row mac_signature_key_information_rows[] = {
    field<&MacSignatureKeyInformation::unique_identifier>(Tag::UniqueIdentifier),
    field<&MacSignatureKeyInformation::cryptographic_parameters>(Tag::CryptographicParameters),
};
static_assert(well_formed(mac_signature_key_information_rows));
constinit const Shape Described<MacSignatureKeyInformation>::shape{mac_signature_key_information_rows};

constexpr Row key_wrapping_data_rows[] = {
    field<&KeyWrappingData::wrapping_method>(Tag::WrappingMethod),
    field<&KeyWrappingData::encryption_key_information>(Tag::EncryptionKeyInformation),
    field<&KeyWrappingData::mac_signature_key_information>(Tag::MACSignatureKeyInformation),
    field<&KeyWrappingData::mac_signature>(Tag::MACSignature),
    field<&KeyWrappingData::iv_counter_nonce>(Tag::IVCounterNonce),
    field<&KeyWrappingData::encoding_option>(Tag::EncodingOption).from(V1_1),
};
static_assert(well_formed(key_wrapping_data_rows));
constinit const Shape Described<KeyWrappingData>::shape{key_wrapping_data_rows};

constexpr Row key_wrapping_specification_rows[] = {
    field<&KeyWrappingSpecification::wrapping_method>(Tag::WrappingMethod),
    field<&KeyWrappingSpecification::encryption_key_information>(Tag::EncryptionKeyInformation),
    field<&KeyWrappingSpecification::mac_signature_key_information>(Tag::MACSignatureKeyInformation),
    field<&KeyWrappingSpecification::attribute_names>(Tag::AttributeName),
    field<&KeyWrappingSpecification::encoding_option>(Tag::EncodingOption).from(V1_1),
};
static_assert(well_formed(key_wrapping_specification_rows));
constinit const Shape Described<KeyWrappingSpecification>::shape{key_wrapping_specification_rows};

constexpr Row key_block_rows[] = {
    field<&KeyBlock::key_format_type>(Tag::KeyFormatType),
    field<&KeyBlock::key_compression_type>(Tag::KeyCompressionType),
    field<&KeyBlock::key_value>(Tag::KeyValue).secret().must_until(V1_1).one_of_a_kind(),
    field<&KeyBlock::wrapped_key_value>(Tag::KeyValue).must_until(V1_1).one_of_a_kind(),
    field<&KeyBlock::cryptographic_algorithm>(Tag::CryptographicAlgorithm),
    field<&KeyBlock::cryptographic_length>(Tag::CryptographicLength),
    field<&KeyBlock::key_wrapping_data>(Tag::KeyWrappingData),
};
static_assert(well_formed(key_block_rows));
constinit const Shape Described<KeyBlock>::shape{key_block_rows};

constexpr Row symmetric_key_rows[] = {
    field<&SymmetricKey::key_block>(Tag::KeyBlock),
};
static_assert(well_formed(symmetric_key_rows));
constinit const Shape Described<SymmetricKey>::shape{symmetric_key_rows};

constexpr Row secret_data_rows[] = {
    field<&SecretData::type>(Tag::SecretDataType),
    field<&SecretData::key_block>(Tag::KeyBlock),
};
static_assert(well_formed(secret_data_rows));
constinit const Shape Described<SecretData>::shape{secret_data_rows};

constexpr Row certificate_rows[] = {
    field<&Certificate::certificate_type>(Tag::CertificateType),
    field<&Certificate::certificate_value>(Tag::CertificateValue),
};
static_assert(well_formed(certificate_rows));
constinit const Shape Described<Certificate>::shape{certificate_rows};

constexpr Row certificate_request_rows[] = {
    field<&CertificateRequest::certificate_request_type>(Tag::CertificateRequestType),
    field<&CertificateRequest::certificate_request_value>(Tag::CertificateRequestValue),
};
static_assert(well_formed(certificate_request_rows));
constinit const Shape Described<CertificateRequest>::shape{certificate_request_rows};

constexpr Row public_key_rows[] = {
    field<&PublicKey::key_block>(Tag::KeyBlock),
};
static_assert(well_formed(public_key_rows));
constinit const Shape Described<PublicKey>::shape{public_key_rows};

constexpr Row private_key_rows[] = {
    field<&PrivateKey::key_block>(Tag::KeyBlock),
};
static_assert(well_formed(private_key_rows));
constinit const Shape Described<PrivateKey>::shape{private_key_rows};

constexpr Row split_key_rows[] = {
    field<&SplitKey::split_key_parts>(Tag::SplitKeyParts),
    field<&SplitKey::key_part_identifier>(Tag::KeyPartIdentifier),
    field<&SplitKey::split_key_threshold>(Tag::SplitKeyThreshold),
    field<&SplitKey::split_key_method>(Tag::SplitKeyMethod),
    field<&SplitKey::prime_field_size>(Tag::PrimeFieldSize),
    field<&SplitKey::key_block>(Tag::KeyBlock),
};
static_assert(well_formed(split_key_rows));
constinit const Shape Described<SplitKey>::shape{split_key_rows};

constexpr Row opaque_object_rows[] = {
    field<&OpaqueObject::opaque_data_type>(Tag::OpaqueDataType),
    field<&OpaqueObject::opaque_data_value>(Tag::OpaqueDataValue).secret(),
};
static_assert(well_formed(opaque_object_rows));
constinit const Shape Described<OpaqueObject>::shape{opaque_object_rows};

constexpr Row pgp_key_rows[] = {
    field<&PgpKey::pgp_key_version>(Tag::PGPKeyVersion),
    field<&PgpKey::key_block>(Tag::KeyBlock),
};
static_assert(well_formed(pgp_key_rows));
constinit const Shape Described<PgpKey>::shape{pgp_key_rows};

constexpr Row template_rows[] = {
    some_attribute_items<&Template::attributes>(),
};
static_assert(well_formed(template_rows));
constinit const Shape Described<Template>::shape{template_rows};

const Secret* KeyBlock::key_bytes() const {
  if (!key_value) return nullptr;
  if (key_value->key_material) return &*key_value->key_material;
  if (key_value->transparent && key_value->transparent->key) return &*key_value->transparent->key;
  return nullptr;
}

const KeyBlock* ManagedObject::key_block() const {
  if (symmetric_key) return &symmetric_key->key_block;
  if (public_key) return &public_key->key_block;
  if (private_key) return &private_key->key_block;
  if (split_key) return &split_key->key_block;
  if (secret_data) return &secret_data->key_block;
  if (pgp_key) return &pgp_key->key_block;
  return nullptr;
}

std::optional<ObjectType> ManagedObject::type() const {
  if (certificate) return ObjectType::Certificate;
  if (symmetric_key) return ObjectType::SymmetricKey;
  if (public_key) return ObjectType::PublicKey;
  if (private_key) return ObjectType::PrivateKey;
  if (split_key) return ObjectType::SplitKey;
  if (template_) return ObjectType::Template;
  if (secret_data) return ObjectType::SecretData;
  if (opaque_object) return ObjectType::OpaqueObject;
  if (pgp_key) return ObjectType::PGPKey;
  if (certificate_request) return ObjectType::CertificateRequest;
  return std::nullopt;
}

}  // namespace keyway::kmip
