#include <kmip/model/query.h>

namespace keyway::kmip {

using enum Version;

constexpr Row query_request_rows[] = {
    field<&QueryRequest::functions>(Tag::QueryFunction).must(),
    field<&QueryRequest::object_groups>(Tag::ObjectGroups).from(V2_1).until(V2_1),
};
static_assert(well_formed(query_request_rows));
constinit const Shape Described<QueryRequest>::shape{query_request_rows};

constexpr Row query_response_rows[] = {
    field<&QueryResponse::operations>(Tag::Operation),
    field<&QueryResponse::object_types>(Tag::ObjectType),
    field<&QueryResponse::vendor_identification>(Tag::VendorIdentification),
    field<&QueryResponse::server_information>(Tag::ServerInformation),
    field<&QueryResponse::application_namespaces>(Tag::ApplicationNamespace),
    field<&QueryResponse::extension_information>(Tag::ExtensionInformation).from(V1_1),
    field<&QueryResponse::attestation_types>(Tag::AttestationType).from(V1_2),
    field<&QueryResponse::rng_parameters>(Tag::RNGParameters).from(V1_3),
    field<&QueryResponse::profile_information>(Tag::ProfileInformation).from(V1_3),
    field<&QueryResponse::validation_information>(Tag::ValidationInformation).from(V1_3),
    field<&QueryResponse::capability_information>(Tag::CapabilityInformation).from(V1_3),
    field<&QueryResponse::client_registration_methods>(Tag::ClientRegistrationMethod).from(V1_3),
    field<&QueryResponse::defaults_information>(Tag::DefaultsInformation).from(V2_0),
    field<&QueryResponse::protection_storage_masks>(Tag::ProtectionStorageMasks).from(V2_0),
};
static_assert(well_formed(query_response_rows));
constinit const Shape Described<QueryResponse>::shape{query_response_rows};

}  // namespace keyway::kmip
