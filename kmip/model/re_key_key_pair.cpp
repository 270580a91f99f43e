#include <kmip/model/re_key_key_pair.h>

namespace keyway::kmip {

using enum Version;

constexpr Row re_key_key_pair_request_rows[] = {
    field<&ReKeyKeyPairRequest::private_key_unique_identifier>(Tag::PrivateKeyUniqueIdentifier),
    field<&ReKeyKeyPairRequest::offset>(Tag::Offset),
    kmip::attributes<&ReKeyKeyPairRequest::common_attributes>(Tag::CommonAttributes),
    kmip::attributes<&ReKeyKeyPairRequest::private_key_attributes>(Tag::PrivateKeyAttributes),
    kmip::attributes<&ReKeyKeyPairRequest::public_key_attributes>(Tag::PublicKeyAttributes),
    field<&ReKeyKeyPairRequest::common_protection_storage_masks>(Tag::CommonProtectionStorageMasks)
        .from(V2_0),
    field<&ReKeyKeyPairRequest::private_protection_storage_masks>(Tag::PrivateProtectionStorageMasks)
        .from(V2_0),
    field<&ReKeyKeyPairRequest::public_protection_storage_masks>(Tag::PublicProtectionStorageMasks)
        .from(V2_0),
    template_attribute<&ReKeyKeyPairRequest::common_attributes>(Tag::CommonTemplateAttribute),
    template_attribute<&ReKeyKeyPairRequest::private_key_attributes>(Tag::PrivateKeyTemplateAttribute),
    template_attribute<&ReKeyKeyPairRequest::public_key_attributes>(Tag::PublicKeyTemplateAttribute),
};
static_assert(well_formed(re_key_key_pair_request_rows));
constinit const Shape Described<ReKeyKeyPairRequest>::shape{re_key_key_pair_request_rows};

constexpr Row re_key_key_pair_response_rows[] = {
    field<&ReKeyKeyPairResponse::private_key_unique_identifier>(Tag::PrivateKeyUniqueIdentifier),
    field<&ReKeyKeyPairResponse::public_key_unique_identifier>(Tag::PublicKeyUniqueIdentifier),
    template_attribute<&ReKeyKeyPairResponse::private_key_attributes>(Tag::PrivateKeyTemplateAttribute),
    template_attribute<&ReKeyKeyPairResponse::public_key_attributes>(Tag::PublicKeyTemplateAttribute),
};
static_assert(well_formed(re_key_key_pair_response_rows));
constinit const Shape Described<ReKeyKeyPairResponse>::shape{re_key_key_pair_response_rows};

}  // namespace keyway::kmip
