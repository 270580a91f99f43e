// Locate (KMIP 1.4 §4.9, 2.1 §6.1.28).
#pragma once

#include <optional>
#include <vector>

#include <kmip/model/attributes.h>
#include <kmip/model/operation.h>

namespace keyway::kmip {

struct LocateResponse {
  std::optional<std::int32_t> located_items;
  std::vector<Text> unique_identifiers;
};
template <>
struct Described<LocateResponse> {
  static const Shape shape;
};

struct LocateRequest {
  static constexpr Operation operation = Operation::Locate;
  using Response = LocateResponse;

  std::optional<std::int32_t> maximum_items;
  std::optional<std::int32_t> offset_items;
  std::optional<StorageStatusMask> storage_status_mask;
  std::optional<ObjectGroupMember> object_group_member;
  Attributes attributes;
};
template <>
struct Described<LocateRequest> {
  static const Shape shape;
};

}  // namespace keyway::kmip
