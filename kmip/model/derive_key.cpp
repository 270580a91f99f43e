#include <kmip/model/derive_key.h>

namespace keyway::kmip {

constexpr Row derive_key_request_rows[] = {
    field<&DeriveKeyRequest::object_type>(Tag::ObjectType),
    field<&DeriveKeyRequest::unique_identifiers>(Tag::UniqueIdentifier).must(),
    field<&DeriveKeyRequest::derivation_method>(Tag::DerivationMethod),
    field<&DeriveKeyRequest::derivation_parameters>(Tag::DerivationParameters),
    kmip::attributes<&DeriveKeyRequest::attributes>(),
    template_attribute<&DeriveKeyRequest::attributes>(),
};
static_assert(well_formed(derive_key_request_rows));
constinit const Shape Described<DeriveKeyRequest>::shape{derive_key_request_rows};

constexpr Row derive_key_response_rows[] = {
    field<&DeriveKeyResponse::unique_identifier>(Tag::UniqueIdentifier),
    template_attribute<&DeriveKeyResponse::attributes>(),
};
static_assert(well_formed(derive_key_response_rows));
constinit const Shape Described<DeriveKeyResponse>::shape{derive_key_response_rows};

}  // namespace keyway::kmip
