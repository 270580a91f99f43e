// Why the server refuses, in the words of both generations of the standard: 1.x has few Result Reasons
// (1.4 §11), 2.x a finer set (2.1 §6.1.x.1, §11.46).
#pragma once

#include <expected>
#include <string>

#include <fmt/format.h>

#include <kmip/spec/spec.h>

namespace keyway::kmip::server {

struct Reason {
  ResultReason in_1x;
  ResultReason in_2x;

  // of is the reason as `version` says it. A reason younger than the version becomes Permission Denied: an
  // object can carry a restriction that an old client's protocol has no word for.
  ResultReason of(Version version) const {
    const ResultReason reason = version < Version::V2_0 ? in_1x : in_2x;
    const ValueInfo* info = find(Enumeration::ResultReason, static_cast<std::uint32_t>(reason));
    return info && info->versions.holds(version) ? reason : ResultReason::PermissionDenied;
  }
};

namespace reason {

using enum ResultReason;
inline constexpr Reason not_found{ItemNotFound, ObjectNotFound};
inline constexpr Reason archived{ObjectArchived, ObjectArchived};
inline constexpr Reason not_allowed{PermissionDenied, PermissionDenied};
inline constexpr Reason no_activation_date{IllegalOperation, InvalidField};
inline constexpr Reason unknown_asynchronous{ItemNotFound, InvalidAsynchronousCorrelationValue};
inline constexpr Reason no_protection{FeatureNotSupported, ProtectionStorageUnavailable};
inline constexpr Reason already_exists{ObjectAlreadyExists, ObjectAlreadyExists};
inline constexpr Reason destroyed{PermissionDenied, ObjectDestroyed};
inline constexpr Reason only_attributes{IllegalOperation, ObjectDestroyed};
inline constexpr Reason wrong_state{PermissionDenied, WrongKeyLifecycleState};
inline constexpr Reason wrong_revocation{IllegalOperation, WrongKeyLifecycleState};
inline constexpr Reason stateless{IllegalOperation, IllegalObjectType};
inline constexpr Reason wrong_usage{PermissionDenied, IncompatibleCryptographicUsageMask};
inline constexpr Reason wrong_object_type{InvalidField, InvalidObjectType};
inline constexpr Reason not_a_cipher_key{PermissionDenied, InvalidObjectType};
inline constexpr Reason unsupported_parameters{InvalidField, UnsupportedCryptographicParameters};
inline constexpr Reason bad_parameters{InvalidField, BadCryptographicParameters};
// Hash has no reason for its parameters in either generation (2.1 §6.1.24.1).
inline constexpr Reason hash_parameters{InvalidField, InvalidField};
inline constexpr Reason missing_iv{MissingData, MissingInitializationVector};
inline constexpr Reason missing_data{MissingData, MissingData};
inline constexpr Reason cryptographic_failure{CryptographicFailure, CryptographicFailure};
inline constexpr Reason invalid_field{InvalidField, InvalidField};
inline constexpr Reason invalid_message{InvalidMessage, InvalidMessage};
inline constexpr Reason invalid_attribute{InvalidField, InvalidAttribute};
inline constexpr Reason invalid_attribute_value{InvalidField, InvalidAttributeValue};
inline constexpr Reason read_only_attribute{InvalidField, AttributeReadOnly};
inline constexpr Reason single_valued_attribute{IndexOutOfBounds, AttributeSingleValued};
inline constexpr Reason unsupported_attribute{InvalidField, UnsupportedAttribute};
inline constexpr Reason name_in_use{InvalidField, NonUniqueNameAttribute};
inline constexpr Reason name_taken{IllegalOperation, NonUniqueNameAttribute};
inline constexpr Reason unknown_attribute{PermissionDenied, InvalidAttribute};
inline constexpr Reason attribute_exists{IllegalOperation, AttributeSingleValued};
inline constexpr Reason attribute_to_modify{InvalidField, AttributeNotFound};
inline constexpr Reason no_attribute{ItemNotFound, AttributeNotFound};
inline constexpr Reason no_instance{ItemNotFound, AttributeInstanceNotFound};
inline constexpr Reason several_instances{InvalidField, MultiValuedAttribute};
inline constexpr Reason too_many_instances{IndexOutOfBounds, ServerLimitExceeded};
inline constexpr Reason unsupported_namespace{ApplicationNamespaceNotSupported,
                                              ApplicationNamespaceNotSupported};
inline constexpr Reason limit_exceeded{GeneralFailure, ServerLimitExceeded};
inline constexpr Reason unsupported_operation{OperationNotSupported, OperationNotSupported};
inline constexpr Reason unsupported_feature{FeatureNotSupported, FeatureNotSupported};
inline constexpr Reason unsupported_version{InvalidMessage, UnsupportedProtocolVersion};
inline constexpr Reason unsupported_format{KeyFormatTypeNotSupported, KeyFormatTypeNotSupported};
inline constexpr Reason unsupported_compression{KeyCompressionTypeNotSupported,
                                                KeyCompressionTypeNotSupported};
inline constexpr Reason unknown_extension{FeatureNotSupported, UnknownMessageExtension};
inline constexpr Reason not_authenticated{AuthenticationNotSuccessful, AuthenticationNotSuccessful};
inline constexpr Reason response_too_large{ResponseTooLarge, ResponseTooLarge};
inline constexpr Reason sensitive{Sensitive, Sensitive};
inline constexpr Reason not_extractable{NotExtractable, NotExtractable};
inline constexpr Reason internal_failure{GeneralFailure, InternalServerError};

}  // namespace reason

struct Refused {
  Reason reason;
  std::string message;  // goes to the client: names and numbers, never a secret value
};

template <class T = void>
using Outcome = std::expected<T, Refused>;

// refuse builds the refusal to return: `return refuse(reason::not_found, "no object {}", id);`
template <class... Args>
std::unexpected<Refused> refuse(Reason reason, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Refused{reason, fmt::format(format, std::forward<Args>(args)...)});
}

}  // namespace keyway::kmip::server
