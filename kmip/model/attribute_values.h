// Structures that are values of attributes, beside those of common.h (KMIP 1.4 §3, 2.1 §4).
#pragma once

#include <optional>
#include <vector>

#include <kmip/ttlv/codec.h>

namespace keyway::kmip {

// 1.4 §3.40, 2.1 §4.2. From 1.2.
struct AlternativeName {
  Text alternative_name_value;
  AlternativeNameType alternative_name_type{};
};
template <>
struct Described<AlternativeName> {
  static const Shape shape;
};

// 1.4 §3.21, 2.1 §4.59
struct UsageLimits {
  std::int64_t usage_limits_total = 0;
  std::optional<std::int64_t> usage_limits_count;
  UsageLimitsUnit usage_limits_unit{};
};
template <>
struct Described<UsageLimits> {
  static const Shape shape;
};

// 1.4 §3.42, 2.1 §4.27. From 1.2.
struct KeyValueLocation {
  Text key_value_location_value;
  KeyValueLocationType key_value_location_type{};
};
template <>
struct Described<KeyValueLocation> {
  static const Shape shape;
};

// 1.4 §3.7, 2.1 §4.14
struct CryptographicDomainParameters {
  std::optional<std::int32_t> qlength;
  std::optional<RecommendedCurve> recommended_curve;
};
template <>
struct Described<CryptographicDomainParameters> {
  static const Shape shape;
};

// 1.4 §2.1.18, 2.1 §7.36. From 1.3.
struct RngParameters {
  std::optional<RNGAlgorithm> rng_algorithm;
  std::optional<CryptographicAlgorithm> cryptographic_algorithm;
  std::optional<std::int32_t> cryptographic_length;
  std::optional<HashingAlgorithm> hashing_algorithm;
  std::optional<DRBGAlgorithm> drbg_algorithm;
  std::optional<RecommendedCurve> recommended_curve;
  std::optional<FIPS186Variation> fips186_variation;
  std::optional<bool> prediction_resistance;
};
template <>
struct Described<RngParameters> {
  static const Shape shape;
};

// 1.4 §3.13
struct CertificateIdentifier {
  Text issuer;
  std::optional<Text> serial_number;
};
template <>
struct Described<CertificateIdentifier> {
  static const Shape shape;
};

// 1.4 §3.15
struct CertificateIssuer {
  Text certificate_issuer_distinguished_name;
  std::vector<Text> certificate_issuer_alternative_names;
};
template <>
struct Described<CertificateIssuer> {
  static const Shape shape;
};

// 1.4 §3.14
struct CertificateSubject {
  std::optional<Text> certificate_subject_distinguished_name;
  std::vector<Text> certificate_subject_alternative_names;
};
template <>
struct Described<CertificateSubject> {
  static const Shape shape;
};

// 1.4 §3.10, 2.1 §4.61. From 1.1.
struct X509CertificateIdentifier {
  Bytes issuer_distinguished_name;
  Bytes certificate_serial_number;
};
template <>
struct Described<X509CertificateIdentifier> {
  static const Shape shape;
};

// 1.4 §3.12, 2.1 §4.62. From 1.1.
struct X509CertificateIssuer {
  Bytes issuer_distinguished_name;
  std::vector<Bytes> issuer_alternative_names;
};
template <>
struct Described<X509CertificateIssuer> {
  static const Shape shape;
};

// 1.4 §3.11, 2.1 §4.63. From 1.1.
struct X509CertificateSubject {
  std::optional<Bytes> subject_distinguished_name;
  std::vector<Bytes> subject_alternative_names;
};
template <>
struct Described<X509CertificateSubject> {
  static const Shape shape;
};

// 2.1 §4.53. From 2.1.
struct RotateName {
  Text rotate_name_value;
  RotateNameType rotate_name_type{};
};
template <>
struct Described<RotateName> {
  static const Shape shape;
};

}  // namespace keyway::kmip
