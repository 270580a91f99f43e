#include <kmip/model/attribute_values.h>

namespace keyway::kmip {

using enum Version;

constexpr Row alternative_name_rows[] = {
    field<&AlternativeName::alternative_name_value>(Tag::AlternativeNameValue),
    field<&AlternativeName::alternative_name_type>(Tag::AlternativeNameType),
};
static_assert(well_formed(alternative_name_rows));
constinit const Shape Described<AlternativeName>::shape{alternative_name_rows};

constexpr Row usage_limits_rows[] = {
    field<&UsageLimits::usage_limits_total>(Tag::UsageLimitsTotal),
    field<&UsageLimits::usage_limits_count>(Tag::UsageLimitsCount),
    field<&UsageLimits::usage_limits_unit>(Tag::UsageLimitsUnit),
};
static_assert(well_formed(usage_limits_rows));
constinit const Shape Described<UsageLimits>::shape{usage_limits_rows};

constexpr Row key_value_location_rows[] = {
    field<&KeyValueLocation::key_value_location_value>(Tag::KeyValueLocationValue),
    field<&KeyValueLocation::key_value_location_type>(Tag::KeyValueLocationType),
};
static_assert(well_formed(key_value_location_rows));
constinit const Shape Described<KeyValueLocation>::shape{key_value_location_rows};

constexpr Row cryptographic_domain_parameters_rows[] = {
    field<&CryptographicDomainParameters::qlength>(Tag::Qlength),
    field<&CryptographicDomainParameters::recommended_curve>(Tag::RecommendedCurve),
};
static_assert(well_formed(cryptographic_domain_parameters_rows));
constinit const Shape Described<CryptographicDomainParameters>::shape{cryptographic_domain_parameters_rows};

constexpr Row rng_parameters_rows[] = {
    field<&RngParameters::rng_algorithm>(Tag::RNGAlgorithm).must(),
    field<&RngParameters::cryptographic_algorithm>(Tag::CryptographicAlgorithm),
    field<&RngParameters::cryptographic_length>(Tag::CryptographicLength),
    field<&RngParameters::hashing_algorithm>(Tag::HashingAlgorithm),
    field<&RngParameters::drbg_algorithm>(Tag::DRBGAlgorithm),
    field<&RngParameters::recommended_curve>(Tag::RecommendedCurve),
    field<&RngParameters::fips186_variation>(Tag::FIPS186Variation),
    field<&RngParameters::prediction_resistance>(Tag::PredictionResistance),
};
static_assert(well_formed(rng_parameters_rows));
constinit const Shape Described<RngParameters>::shape{rng_parameters_rows};

constexpr Row certificate_identifier_rows[] = {
    field<&CertificateIdentifier::issuer>(Tag::Issuer).until(V1_4),
    field<&CertificateIdentifier::serial_number>(Tag::SerialNumber).until(V1_4),
};
static_assert(well_formed(certificate_identifier_rows));
constinit const Shape Described<CertificateIdentifier>::shape{certificate_identifier_rows};

constexpr Row certificate_issuer_rows[] = {
    field<&CertificateIssuer::certificate_issuer_distinguished_name>(Tag::CertificateIssuerDistinguishedName)
        .until(V1_4),
    field<&CertificateIssuer::certificate_issuer_alternative_names>(Tag::CertificateIssuerAlternativeName)
        .until(V1_4),
};
static_assert(well_formed(certificate_issuer_rows));
constinit const Shape Described<CertificateIssuer>::shape{certificate_issuer_rows};

constexpr Row certificate_subject_rows[] = {
    field<&CertificateSubject::certificate_subject_distinguished_name>(
        Tag::CertificateSubjectDistinguishedName)
        .until(V1_4),
    field<&CertificateSubject::certificate_subject_alternative_names>(Tag::CertificateSubjectAlternativeName)
        .until(V1_4),
};
static_assert(well_formed(certificate_subject_rows));
constinit const Shape Described<CertificateSubject>::shape{certificate_subject_rows};

constexpr Row x509_certificate_identifier_rows[] = {
    field<&X509CertificateIdentifier::issuer_distinguished_name>(Tag::IssuerDistinguishedName),
    field<&X509CertificateIdentifier::certificate_serial_number>(Tag::CertificateSerialNumber),
};
static_assert(well_formed(x509_certificate_identifier_rows));
constinit const Shape Described<X509CertificateIdentifier>::shape{x509_certificate_identifier_rows};

constexpr Row x509_certificate_issuer_rows[] = {
    field<&X509CertificateIssuer::issuer_distinguished_name>(Tag::IssuerDistinguishedName),
    field<&X509CertificateIssuer::issuer_alternative_names>(Tag::IssuerAlternativeName),
};
static_assert(well_formed(x509_certificate_issuer_rows));
constinit const Shape Described<X509CertificateIssuer>::shape{x509_certificate_issuer_rows};

constexpr Row x509_certificate_subject_rows[] = {
    field<&X509CertificateSubject::subject_distinguished_name>(Tag::SubjectDistinguishedName),
    field<&X509CertificateSubject::subject_alternative_names>(Tag::SubjectAlternativeName),
};
static_assert(well_formed(x509_certificate_subject_rows));
constinit const Shape Described<X509CertificateSubject>::shape{x509_certificate_subject_rows};

constexpr Row rotate_name_rows[] = {
    field<&RotateName::rotate_name_value>(Tag::RotateNameValue),
    field<&RotateName::rotate_name_type>(Tag::RotateNameType),
};
static_assert(well_formed(rotate_name_rows));
constinit const Shape Described<RotateName>::shape{rotate_name_rows};

}  // namespace keyway::kmip
