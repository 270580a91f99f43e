// Query (1.4 §4.25, 2.1 §6.1.40) and Discover Versions (1.4 §4.26, 2.1 §6.1.16).
#include <algorithm>

#include <kmip/server/operations.h>

namespace keyway::kmip::server {

Outcome<> query(Call& call, const QueryRequest& request) {
  const auto asked = [&request](QueryFunction function) {
    return std::ranges::find(request.functions, function) != request.functions.end();
  };
  QueryResponse response;
  if (asked(QueryFunction::QueryOperations))
    response.operations = all_operations(call.version, call.settings.quirks);
  if (asked(QueryFunction::QueryObjects))
    response.object_types = {ObjectType::Certificate, ObjectType::SymmetricKey, ObjectType::PublicKey,
                             ObjectType::PrivateKey,  ObjectType::SecretData,   ObjectType::OpaqueObject};
  if (asked(QueryFunction::QueryServerInformation)) {
    response.vendor_identification = call.settings.vendor_identification;
    // Server Information has fields of its own from 2.0 (2.1 §7.37).
    if (call.version >= Version::V2_0)
      response.server_information.emplace().product_name = call.settings.vendor_identification;
  }
  return call.answer(response);
}

Outcome<> discover_versions(Call& call, const DiscoverVersionsRequest& request) {
  DiscoverVersionsResponse response;
  if (call.settings.quirks.discover_answers_nothing) return call.answer(response);
  const auto common = [&request](Version version) {
    return request.protocol_versions.empty() ||
           std::ranges::find(request.protocol_versions, number_of(version), &ProtocolVersion::number) !=
               request.protocol_versions.end();
  };
  for (auto i = static_cast<int>(call.settings.newest); i >= static_cast<int>(call.settings.oldest); --i)
    if (const auto version = static_cast<Version>(i); common(version))
      response.protocol_versions.emplace_back(version);
  return call.answer(response);
}

}  // namespace keyway::kmip::server
