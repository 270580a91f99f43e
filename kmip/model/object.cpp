#include <kmip/model/object.h>

namespace keyway::kmip {

using enum Version;

constexpr Row transparent_symmetric_key_rows[] = {
    field<&TransparentSymmetricKey::key>(Tag::Key),
};
static_assert(well_formed(transparent_symmetric_key_rows));
constinit const Shape Described<TransparentSymmetricKey>::shape{transparent_symmetric_key_rows};

constexpr Row key_value_rows[] = {
    field<&KeyValue::key_material>(Tag::KeyMaterial).must(),
    field<&KeyValue::transparent_symmetric_key>(Tag::KeyMaterial).secret().must(),
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
    field<&KeyBlock::key_value>(Tag::KeyValue).secret(),
    field<&KeyBlock::wrapped_key_value>(Tag::KeyValue),
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

const Secret* KeyBlock::key_bytes() const {
  if (!key_value) return nullptr;
  if (key_value->key_material) return &*key_value->key_material;
  if (key_value->transparent_symmetric_key) return &key_value->transparent_symmetric_key->key;
  return nullptr;
}

const KeyBlock* ManagedObject::key_block() const {
  if (symmetric_key) return &symmetric_key->key_block;
  if (secret_data) return &secret_data->key_block;
  return nullptr;
}

}  // namespace keyway::kmip
