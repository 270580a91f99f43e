// Discover Versions (KMIP 1.4 §4.26, 2.1 §6.1.14). From 1.1.
#pragma once

#include <vector>

#include <kmip/model/common.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct DiscoverVersionsResponse {
  std::vector<ProtocolVersion> protocol_versions;
};
template <>
struct Described<DiscoverVersionsResponse> {
  static const Shape shape;
};

struct DiscoverVersionsRequest {
  static constexpr Operation operation = Operation::DiscoverVersions;
  using Response = DiscoverVersionsResponse;

  std::vector<ProtocolVersion> protocol_versions;
};
template <>
struct Described<DiscoverVersionsRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
