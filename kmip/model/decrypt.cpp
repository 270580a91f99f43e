#include <kmip/model/decrypt.h>

namespace keyway::kmip {

using enum Version;

constexpr auto decrypt_request_rows =
    joined(field<&DecryptRequest::unique_identifier>(Tag::UniqueIdentifier),
           field<&DecryptRequest::cryptographic_parameters>(Tag::CryptographicParameters),
           field<&DecryptRequest::data>(Tag::Data).must_until(V1_2).secret(),
           earlier_data<&DecryptRequest::earlier_data>(),
           field<&DecryptRequest::iv_counter_nonce>(Tag::IVCounterNonce),
           field<&DecryptRequest::correlation_value>(Tag::CorrelationValue).from(V1_3),
           field<&DecryptRequest::init_indicator>(Tag::InitIndicator).from(V1_3),
           field<&DecryptRequest::final_indicator>(Tag::FinalIndicator).from(V1_3),
           field<&DecryptRequest::authenticated_encryption_additional_data>(
               Tag::AuthenticatedEncryptionAdditionalData)
               .from(V1_4),
           field<&DecryptRequest::authenticated_encryption_tag>(Tag::AuthenticatedEncryptionTag).from(V1_4));
static_assert(well_formed(decrypt_request_rows));
constinit const Shape Described<DecryptRequest>::shape{decrypt_request_rows};

constexpr Row decrypt_response_rows[] = {
    field<&DecryptResponse::unique_identifier>(Tag::UniqueIdentifier),
    field<&DecryptResponse::data>(Tag::Data).must_until(V1_2),
    field<&DecryptResponse::correlation_value>(Tag::CorrelationValue).from(V1_3),
};
static_assert(well_formed(decrypt_response_rows));
constinit const Shape Described<DecryptResponse>::shape{decrypt_response_rows};

}  // namespace keyway::kmip
