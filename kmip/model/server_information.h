// What a server says of itself in answer to Query (KMIP 1.4 §4.25, 2.1 §7). Advice, not truth: what the
// standard requires of these structures is only missed in strict reading.
#pragma once

#include <optional>
#include <vector>

#include <kmip/ttlv/codec.h>

namespace keyway::kmip {

// 2.1 §7.37
struct ServerInformation {
  std::optional<Text> server_name;
  std::optional<Text> server_serial_number;
  std::optional<Text> server_version;
  std::optional<Text> server_load;
  std::optional<Text> product_name;
  std::optional<Text> build_level;
  std::optional<Text> build_date;
  std::optional<Text> cluster_info;
  std::vector<Text> alternate_failover_endpoints;
  std::vector<Raw> vendor_specific;
};
template <>
struct Described<ServerInformation> {
  static const Shape shape;
};

// 1.4 §2.1.21, 2.1 §7.5. From 1.3.
struct CapabilityInformation {
  std::optional<bool> streaming_capability;
  std::optional<bool> asynchronous_capability;
  std::optional<bool> attestation_capability;
  std::optional<bool> batch_undo_capability;
  std::optional<bool> batch_continue_capability;
  std::optional<UnwrapMode> unwrap_mode;
  std::optional<DestroyAction> destroy_action;
  std::optional<ShreddingAlgorithm> shredding_algorithm;
  std::optional<RNGMode> rng_mode;
  std::optional<bool> quantum_safe_capability;
};
template <>
struct Described<CapabilityInformation> {
  static const Shape shape;
};

// 1.4 §2.1.20, 2.1 §7.41. From 1.3.
struct ValidationInformation {
  std::optional<ValidationAuthorityType> validation_authority_type;
  std::optional<Text> validation_authority_country;
  std::optional<Text> validation_authority_uri;
  std::optional<std::int32_t> validation_version_major;
  std::optional<std::int32_t> validation_version_minor;
  std::optional<ValidationType> validation_type;
  std::optional<std::int32_t> validation_level;
  std::optional<Text> validation_certificate_identifier;
  std::optional<Text> validation_certificate_uri;
  std::optional<Text> validation_vendor_uri;
  std::vector<Text> validation_profiles;
};
template <>
struct Described<ValidationInformation> {
  static const Shape shape;
};

// 2.1 §7.32. From 2.0.
struct ProfileVersion {
  std::int32_t profile_version_major = 0;
  std::int32_t profile_version_minor = 0;
};
template <>
struct Described<ProfileVersion> {
  static const Shape shape;
};

// 1.4 §2.1.19, 2.1 §7.31. From 1.3.
struct ProfileInformation {
  std::optional<ProfileName> profile_name;
  std::optional<ProfileVersion> profile_version;
  std::optional<Text> server_uri;
  std::optional<std::int32_t> server_port;
};
template <>
struct Described<ProfileInformation> {
  static const Shape shape;
};

// 1.4 §2.1.9, 2.1 §7.13. From 1.1.
struct ExtensionInformation {
  std::optional<Text> extension_name;
  std::optional<std::int32_t> extension_tag;
  std::optional<ItemType> extension_type;  // an Integer in 1.x
  std::optional<std::int32_t> extension_enumeration;
  std::optional<bool> extension_attribute;
  std::optional<std::int32_t> extension_parent_structure_tag;
  std::optional<Text> extension_description;
};
template <>
struct Described<ExtensionInformation> {
  static const Shape shape;
};

}  // namespace keyway::kmip
