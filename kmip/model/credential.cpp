#include <kmip/model/credential.h>

namespace keyway::kmip {

constexpr Row credential_rows[] = {
    field<&Credential::type>(Tag::CredentialType),
    field<&Credential::value>(Tag::CredentialValue).of(Type::Structure).secret(),
};
static_assert(well_formed(credential_rows));
constinit const Shape Described<Credential>::shape{credential_rows};

constexpr Row username_and_password_rows[] = {
    field<&UsernameAndPassword::username>(Tag::Username),
    field<&UsernameAndPassword::password>(Tag::Password).secret(),
};
static_assert(well_formed(username_and_password_rows));
constinit const Shape Described<UsernameAndPassword>::shape{username_and_password_rows};

constexpr Row attestation_credential_rows[] = {
    field<&AttestationCredential::nonce>(Tag::Nonce),
    field<&AttestationCredential::attestation_type>(Tag::AttestationType),
    field<&AttestationCredential::attestation_measurement>(Tag::AttestationMeasurement),
    field<&AttestationCredential::attestation_assertion>(Tag::AttestationAssertion),
};
static_assert(well_formed(attestation_credential_rows));
constinit const Shape Described<AttestationCredential>::shape{attestation_credential_rows};

constexpr Row device_credential_rows[] = {
    field<&DeviceCredential::device_serial_number>(Tag::DeviceSerialNumber),
    field<&DeviceCredential::password>(Tag::Password).secret(),
    field<&DeviceCredential::device_identifier>(Tag::DeviceIdentifier),
    field<&DeviceCredential::network_identifier>(Tag::NetworkIdentifier),
    field<&DeviceCredential::machine_identifier>(Tag::MachineIdentifier),
    field<&DeviceCredential::media_identifier>(Tag::MediaIdentifier),
};
static_assert(well_formed(device_credential_rows));
constinit const Shape Described<DeviceCredential>::shape{device_credential_rows};

constexpr Row one_time_password_credential_rows[] = {
    field<&OneTimePasswordCredential::username>(Tag::Username),
    field<&OneTimePasswordCredential::password>(Tag::Password).secret(),
    field<&OneTimePasswordCredential::one_time_password>(Tag::OneTimePassword).secret(),
};
static_assert(well_formed(one_time_password_credential_rows));
constinit const Shape Described<OneTimePasswordCredential>::shape{one_time_password_credential_rows};

constexpr Row hashed_password_credential_rows[] = {
    field<&HashedPasswordCredential::username>(Tag::Username),
    field<&HashedPasswordCredential::time_stamp>(Tag::TimeStamp),
    field<&HashedPasswordCredential::hashing_algorithm>(Tag::HashingAlgorithm),
    field<&HashedPasswordCredential::hashed_password>(Tag::HashedPassword).secret(),
};
static_assert(well_formed(hashed_password_credential_rows));
constinit const Shape Described<HashedPasswordCredential>::shape{hashed_password_credential_rows};

constexpr Row ticket_rows[] = {
    field<&Ticket::ticket_type>(Tag::TicketType),
    field<&Ticket::ticket_value>(Tag::TicketValue).secret(),
};
static_assert(well_formed(ticket_rows));
constinit const Shape Described<Ticket>::shape{ticket_rows};

constexpr Row ticket_credential_rows[] = {
    field<&TicketCredential::ticket>(Tag::Ticket),
};
static_assert(well_formed(ticket_credential_rows));
constinit const Shape Described<TicketCredential>::shape{ticket_credential_rows};

constexpr Row authentication_rows[] = {
    field<&Authentication::credentials>(Tag::Credential).must().many_from(Version::V1_2),
};
static_assert(well_formed(authentication_rows));
constinit const Shape Described<Authentication>::shape{authentication_rows};

PayloadInfo credential_value(CredentialType type) {
  switch (type) {
    case CredentialType::UsernameAndPassword: return payload_info<UsernameAndPassword>;
    case CredentialType::Device: return payload_info<DeviceCredential>;
    case CredentialType::Attestation: return payload_info<AttestationCredential>;
    case CredentialType::OneTimePassword: return payload_info<OneTimePasswordCredential>;
    case CredentialType::HashedPassword: return payload_info<HashedPasswordCredential>;
    case CredentialType::Ticket: return payload_info<TicketCredential>;
    default: return {};
  }
}

}  // namespace keyway::kmip
