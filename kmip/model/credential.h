// Authentication and Credential of the request header (KMIP 1.4 §2.1.2, §6.6; 2.1 §9.4, §9.11).
#pragma once

#include <optional>
#include <vector>

#include <kmip/model/common.h>
#include <kmip/model/operations.h>

namespace keyway::kmip {

struct Credential {
  CredentialType type{};
  Raw value;  // by type: UsernameAndPassword, DeviceCredential, ... (see credential_value)
};
template <>
struct Described<Credential> {
  static const Shape shape;
};

struct UsernameAndPassword {
  Text username;
  std::optional<Text> password;  // a view of a Secret, or of a message; never copy it into a string
};
template <>
struct Described<UsernameAndPassword> {
  static const Shape shape;
};

// 1.4 §2.1.2, 2.1 §9.11. From 1.2.
struct AttestationCredential {
  Nonce nonce;
  AttestationType attestation_type{};
  std::optional<Bytes> attestation_measurement;
  std::optional<Bytes> attestation_assertion;
};
template <>
struct Described<AttestationCredential> {
  static const Shape shape;
};

// 1.4 §2.1.2, 2.1 §9.11. From 1.1.
struct DeviceCredential {
  std::optional<Text> device_serial_number;
  std::optional<Text> password;
  std::optional<Text> device_identifier;
  std::optional<Text> network_identifier;
  std::optional<Text> machine_identifier;
  std::optional<Text> media_identifier;
};
template <>
struct Described<DeviceCredential> {
  static const Shape shape;
};

// 2.1 §9.11. From 2.0.
struct OneTimePasswordCredential {
  Text username;
  std::optional<Text> password;
  Text one_time_password;
};
template <>
struct Described<OneTimePasswordCredential> {
  static const Shape shape;
};

// 2.1 §9.11. From 2.0.
struct HashedPasswordCredential {
  Text username;
  DateTimeExtended time_stamp;
  std::optional<HashingAlgorithm> hashing_algorithm;
  Bytes hashed_password;
};
template <>
struct Described<HashedPasswordCredential> {
  static const Shape shape;
};

// 2.1 §7.39. From 2.0.
struct Ticket {
  TicketType ticket_type{};
  Bytes ticket_value;
};
template <>
struct Described<Ticket> {
  static const Shape shape;
};

// 2.1 §9.11. From 2.0.
struct TicketCredential {
  Ticket ticket;
};
template <>
struct Described<TicketCredential> {
  static const Shape shape;
};

struct Authentication {
  std::vector<Credential> credentials;  // one up to 1.1
};
template <>
struct Described<Authentication> {
  static const Shape shape;
};

// credential_value says what a Credential Value of this type looks like; without a shape when nobody knows.
PayloadInfo credential_value(CredentialType type);

}  // namespace keyway::kmip
