#include <kmip/model/encrypt.h>

namespace keyway::kmip {

using enum Version;

constexpr auto encrypt_request_rows =
    joined(field<&EncryptRequest::unique_identifier>(Tag::UniqueIdentifier),
           field<&EncryptRequest::cryptographic_parameters>(Tag::CryptographicParameters),
           field<&EncryptRequest::data>(Tag::Data).must_until(V1_2).secret(),
           earlier_data<&EncryptRequest::earlier_data>(),
           field<&EncryptRequest::iv_counter_nonce>(Tag::IVCounterNonce),
           field<&EncryptRequest::correlation_value>(Tag::CorrelationValue).from(V1_3),
           field<&EncryptRequest::init_indicator>(Tag::InitIndicator).from(V1_3),
           field<&EncryptRequest::final_indicator>(Tag::FinalIndicator).from(V1_3),
           field<&EncryptRequest::authenticated_encryption_additional_data>(
               Tag::AuthenticatedEncryptionAdditionalData)
               .from(V1_4));
static_assert(well_formed(encrypt_request_rows));
constinit const Shape Described<EncryptRequest>::shape{encrypt_request_rows};

constexpr Row encrypt_response_rows[] = {
    field<&EncryptResponse::unique_identifier>(Tag::UniqueIdentifier),
    field<&EncryptResponse::data>(Tag::Data).must_until(V1_2),
    field<&EncryptResponse::iv_counter_nonce>(Tag::IVCounterNonce),
    field<&EncryptResponse::correlation_value>(Tag::CorrelationValue).from(V1_3),
    field<&EncryptResponse::authenticated_encryption_tag>(Tag::AuthenticatedEncryptionTag).from(V1_4),
};
static_assert(well_formed(encrypt_response_rows));
constinit const Shape Described<EncryptResponse>::shape{encrypt_response_rows};

}  // namespace keyway::kmip
