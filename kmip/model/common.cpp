#include <kmip/model/common.h>

namespace keyway::kmip {

using enum Version;

constexpr Row name_rows[] = {
    field<&Name::value>(Tag::NameValue),
    field<&Name::type>(Tag::NameType),
};
static_assert(well_formed(name_rows));
constinit const Shape Described<Name>::shape{name_rows};

using Parameters = CryptographicParameters;
constexpr Row cryptographic_parameters_rows[] = {
    field<&Parameters::block_cipher_mode>(Tag::BlockCipherMode),
    field<&Parameters::padding_method>(Tag::PaddingMethod),
    field<&Parameters::hashing_algorithm>(Tag::HashingAlgorithm),
    field<&Parameters::key_role_type>(Tag::KeyRoleType),
    field<&Parameters::digital_signature_algorithm>(Tag::DigitalSignatureAlgorithm).from(V1_2),
    field<&Parameters::cryptographic_algorithm>(Tag::CryptographicAlgorithm).from(V1_2),
    field<&Parameters::random_iv>(Tag::RandomIV).from(V1_2),
    field<&Parameters::iv_length>(Tag::IVLength).from(V1_2),
    field<&Parameters::tag_length>(Tag::TagLength).from(V1_2),
    field<&Parameters::fixed_field_length>(Tag::FixedFieldLength).from(V1_2),
    field<&Parameters::invocation_field_length>(Tag::InvocationFieldLength).from(V1_2),
    field<&Parameters::counter_length>(Tag::CounterLength).from(V1_2),
    field<&Parameters::initial_counter_value>(Tag::InitialCounterValue).from(V1_2),
    field<&Parameters::salt_length>(Tag::SaltLength).from(V1_4),
    field<&Parameters::mask_generator>(Tag::MaskGenerator).from(V1_4),
    field<&Parameters::mask_generator_hashing_algorithm>(Tag::MaskGeneratorHashingAlgorithm).from(V1_4),
    field<&Parameters::p_source>(Tag::PSource).from(V1_4),
    field<&Parameters::trailer_field>(Tag::TrailerField).from(V1_4),
};
static_assert(well_formed(cryptographic_parameters_rows));
constinit const Shape Described<CryptographicParameters>::shape{cryptographic_parameters_rows};

constexpr Row revocation_reason_rows[] = {
    field<&RevocationReason::code>(Tag::RevocationReasonCode),
    field<&RevocationReason::message>(Tag::RevocationMessage),
};
static_assert(well_formed(revocation_reason_rows));
constinit const Shape Described<RevocationReason>::shape{revocation_reason_rows};

constexpr Row application_specific_information_rows[] = {
    field<&ApplicationSpecificInformation::application_namespace>(Tag::ApplicationNamespace),
    field<&ApplicationSpecificInformation::application_data>(Tag::ApplicationData).must_until(V1_2),
};
static_assert(well_formed(application_specific_information_rows));
constinit const Shape Described<ApplicationSpecificInformation>::shape{application_specific_information_rows};

constexpr Row digest_rows[] = {
    field<&Digest::hashing_algorithm>(Tag::HashingAlgorithm),
    field<&Digest::digest_value>(Tag::DigestValue),
    field<&Digest::key_format_type>(Tag::KeyFormatType).from(V1_1),
};
static_assert(well_formed(digest_rows));
constinit const Shape Described<Digest>::shape{digest_rows};

constexpr Row link_rows[] = {
    field<&Link::link_type>(Tag::LinkType),
    field<&Link::linked_object_identifier>(Tag::LinkedObjectIdentifier),
};
static_assert(well_formed(link_rows));
constinit const Shape Described<Link>::shape{link_rows};

constexpr Row protocol_version_rows[] = {
    field<&ProtocolVersion::major>(Tag::ProtocolVersionMajor),
    field<&ProtocolVersion::minor>(Tag::ProtocolVersionMinor),
};
static_assert(well_formed(protocol_version_rows));
constinit const Shape Described<ProtocolVersion>::shape{protocol_version_rows};

constexpr Row nonce_rows[] = {
    field<&Nonce::id>(Tag::NonceID),
    field<&Nonce::value>(Tag::NonceValue),
};
static_assert(well_formed(nonce_rows));
constinit const Shape Described<Nonce>::shape{nonce_rows};

constexpr Row message_extension_rows[] = {
    field<&MessageExtension::vendor_identification>(Tag::VendorIdentification),
    field<&MessageExtension::criticality_indicator>(Tag::CriticalityIndicator),
    field<&MessageExtension::vendor_extension>(Tag::VendorExtension).of(Type::Structure),
};
static_assert(well_formed(message_extension_rows));
constinit const Shape Described<MessageExtension>::shape{message_extension_rows};

}  // namespace keyway::kmip
