#include <kmip/model/server_information.h>

namespace keyway::kmip {

using enum Version;

constexpr Row server_information_rows[] = {
    field<&ServerInformation::server_name>(Tag::ServerName).from(V2_0),
    field<&ServerInformation::server_serial_number>(Tag::ServerSerialNumber).from(V2_0),
    field<&ServerInformation::server_version>(Tag::ServerVersion).from(V2_0),
    field<&ServerInformation::server_load>(Tag::ServerLoad).from(V2_0),
    field<&ServerInformation::product_name>(Tag::ProductName).from(V2_0),
    field<&ServerInformation::build_level>(Tag::BuildLevel).from(V2_0),
    field<&ServerInformation::build_date>(Tag::BuildDate).from(V2_0),
    field<&ServerInformation::cluster_info>(Tag::ClusterInfo).from(V2_0),
    field<&ServerInformation::alternate_failover_endpoints>(Tag::AlternateFailoverEndpoints).from(V2_0),
    others<&ServerInformation::vendor_specific>(),
};
static_assert(well_formed(server_information_rows));
constinit const Shape Described<ServerInformation>::shape{server_information_rows};

constexpr Row capability_information_rows[] = {
    field<&CapabilityInformation::streaming_capability>(Tag::StreamingCapability),
    field<&CapabilityInformation::asynchronous_capability>(Tag::AsynchronousCapability),
    field<&CapabilityInformation::attestation_capability>(Tag::AttestationCapability),
    field<&CapabilityInformation::batch_undo_capability>(Tag::BatchUndoCapability).from(V1_4),
    field<&CapabilityInformation::batch_continue_capability>(Tag::BatchContinueCapability).from(V1_4),
    field<&CapabilityInformation::unwrap_mode>(Tag::UnwrapMode),
    field<&CapabilityInformation::destroy_action>(Tag::DestroyAction),
    field<&CapabilityInformation::shredding_algorithm>(Tag::ShreddingAlgorithm),
    field<&CapabilityInformation::rng_mode>(Tag::RNGMode),
    field<&CapabilityInformation::quantum_safe_capability>(Tag::QuantumSafeCapability).from(V2_0),
};
static_assert(well_formed(capability_information_rows));
constinit const Shape Described<CapabilityInformation>::shape{capability_information_rows};

constexpr Row validation_information_rows[] = {
    field<&ValidationInformation::validation_authority_type>(Tag::ValidationAuthorityType).must(),
    field<&ValidationInformation::validation_authority_country>(Tag::ValidationAuthorityCountry),
    field<&ValidationInformation::validation_authority_uri>(Tag::ValidationAuthorityURI),
    field<&ValidationInformation::validation_version_major>(Tag::ValidationVersionMajor).must(),
    field<&ValidationInformation::validation_version_minor>(Tag::ValidationVersionMinor),
    field<&ValidationInformation::validation_type>(Tag::ValidationType).must(),
    field<&ValidationInformation::validation_level>(Tag::ValidationLevel).must(),
    field<&ValidationInformation::validation_certificate_identifier>(Tag::ValidationCertificateIdentifier),
    field<&ValidationInformation::validation_certificate_uri>(Tag::ValidationCertificateURI),
    field<&ValidationInformation::validation_vendor_uri>(Tag::ValidationVendorURI),
    field<&ValidationInformation::validation_profiles>(Tag::ValidationProfile),
};
static_assert(well_formed(validation_information_rows));
constinit const Shape Described<ValidationInformation>::shape{validation_information_rows};

constexpr Row profile_version_rows[] = {
    field<&ProfileVersion::profile_version_major>(Tag::ProfileVersionMajor),
    field<&ProfileVersion::profile_version_minor>(Tag::ProfileVersionMinor),
};
static_assert(well_formed(profile_version_rows));
constinit const Shape Described<ProfileVersion>::shape{profile_version_rows};

constexpr Row profile_information_rows[] = {
    field<&ProfileInformation::profile_name>(Tag::ProfileName).must(),
    field<&ProfileInformation::profile_version>(Tag::ProfileVersion).from(V2_0),
    field<&ProfileInformation::server_uri>(Tag::ServerURI),
    field<&ProfileInformation::server_port>(Tag::ServerPort),
};
static_assert(well_formed(profile_information_rows));
constinit const Shape Described<ProfileInformation>::shape{profile_information_rows};

constexpr Row extension_information_rows[] = {
    field<&ExtensionInformation::extension_name>(Tag::ExtensionName).must(),
    field<&ExtensionInformation::extension_tag>(Tag::ExtensionTag),
    field<&ExtensionInformation::extension_type>(Tag::ExtensionType).as_integer().until(V1_4),
    field<&ExtensionInformation::extension_type>(Tag::ExtensionType).from(V2_0),
    field<&ExtensionInformation::extension_enumeration>(Tag::ExtensionEnumeration).from(V2_0),
    field<&ExtensionInformation::extension_attribute>(Tag::ExtensionAttribute).from(V2_0),
    field<&ExtensionInformation::extension_parent_structure_tag>(Tag::ExtensionParentStructureTag).from(V2_0),
    field<&ExtensionInformation::extension_description>(Tag::ExtensionDescription).from(V2_0),
};
static_assert(well_formed(extension_information_rows));
constinit const Shape Described<ExtensionInformation>::shape{extension_information_rows};

}  // namespace keyway::kmip
