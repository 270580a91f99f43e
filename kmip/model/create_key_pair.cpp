#include <kmip/model/create_key_pair.h>

namespace keyway::kmip {

using enum Version;

constexpr Row create_key_pair_request_rows[] = {
    kmip::attributes<&CreateKeyPairRequest::common_attributes>(Tag::CommonAttributes),
    kmip::attributes<&CreateKeyPairRequest::private_key_attributes>(Tag::PrivateKeyAttributes),
    kmip::attributes<&CreateKeyPairRequest::public_key_attributes>(Tag::PublicKeyAttributes),
    field<&CreateKeyPairRequest::common_protection_storage_masks>(Tag::CommonProtectionStorageMasks)
        .from(V2_0),
    field<&CreateKeyPairRequest::private_protection_storage_masks>(Tag::PrivateProtectionStorageMasks)
        .from(V2_0),
    field<&CreateKeyPairRequest::public_protection_storage_masks>(Tag::PublicProtectionStorageMasks)
        .from(V2_0),
    template_attribute<&CreateKeyPairRequest::common_attributes>(Tag::CommonTemplateAttribute),
    template_attribute<&CreateKeyPairRequest::private_key_attributes>(Tag::PrivateKeyTemplateAttribute),
    template_attribute<&CreateKeyPairRequest::public_key_attributes>(Tag::PublicKeyTemplateAttribute),
};
static_assert(well_formed(create_key_pair_request_rows));
constinit const Shape Described<CreateKeyPairRequest>::shape{create_key_pair_request_rows};

constexpr Row create_key_pair_response_rows[] = {
    field<&CreateKeyPairResponse::private_key_unique_identifier>(Tag::PrivateKeyUniqueIdentifier),
    field<&CreateKeyPairResponse::public_key_unique_identifier>(Tag::PublicKeyUniqueIdentifier),
    template_attribute<&CreateKeyPairResponse::private_key_attributes>(Tag::PrivateKeyTemplateAttribute),
    template_attribute<&CreateKeyPairResponse::public_key_attributes>(Tag::PublicKeyTemplateAttribute),
};
static_assert(well_formed(create_key_pair_response_rows));
constinit const Shape Described<CreateKeyPairResponse>::shape{create_key_pair_response_rows};

}  // namespace keyway::kmip
