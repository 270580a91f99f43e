// Query (KMIP 1.4 §4.25, 2.1 §6.1.40). What a server says of itself is advice, not truth.
#pragma once

#include <optional>
#include <vector>

#include <kmip/model/attribute_values.h>
#include <kmip/model/defaults.h>
#include <kmip/model/operation.h>
#include <kmip/model/server_information.h>

namespace keyway::kmip {

struct QueryResponse {
  std::vector<Operation> operations;
  std::vector<ObjectType> object_types;
  std::optional<Text> vendor_identification;
  std::optional<ServerInformation> server_information;
  std::vector<Text> application_namespaces;
  std::vector<ExtensionInformation> extension_information;
  std::vector<AttestationType> attestation_types;
  std::vector<RngParameters> rng_parameters;
  std::vector<ProfileInformation> profile_information;
  std::vector<ValidationInformation> validation_information;
  std::vector<CapabilityInformation> capability_information;
  std::vector<ClientRegistrationMethod> client_registration_methods;
  std::optional<DefaultsInformation> defaults_information;
  std::optional<ProtectionStorageMasks> protection_storage_masks;
};
template <>
struct Described<QueryResponse> {
  static const Shape shape;
};

struct QueryRequest {
  static constexpr Operation operation = Operation::Query;
  using Response = QueryResponse;

  std::vector<QueryFunction> functions;
  std::optional<ObjectGroups> object_groups;
};
template <>
struct Described<QueryRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
