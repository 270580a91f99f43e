// Query (KMIP 1.4 §4.25, 2.1 §6.1.40). What a server says of itself is advice, not truth.
#pragma once

#include <optional>
#include <vector>

#include <kmip/model/common.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct QueryResponse {
  std::vector<Operation> operations;
  std::vector<ObjectType> object_types;
  std::optional<Text> vendor_identification;
  std::optional<Raw> server_information;
  std::vector<Text> application_namespaces;
  std::vector<Raw> extension_information;
  std::vector<AttestationType> attestation_types;
  std::vector<Raw> rng_parameters;
  std::vector<Raw> profile_information;
  std::vector<Raw> validation_information;
  std::vector<Raw> capability_information;
  std::vector<ClientRegistrationMethod> client_registration_methods;
  std::optional<Raw> defaults_information;
  std::optional<Raw> protection_storage_masks;
};
template <>
struct Described<QueryResponse> {
  static const Shape shape;
};

struct QueryRequest {
  static constexpr Operation operation = Operation::Query;
  using Response = QueryResponse;

  std::vector<QueryFunction> functions;
  std::optional<Raw> object_groups;
};
template <>
struct Described<QueryRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
