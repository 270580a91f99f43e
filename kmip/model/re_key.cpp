#include <kmip/model/re_key.h>

namespace keyway::kmip {

using enum Version;

constexpr Row re_key_request_rows[] = {
    field<&ReKeyRequest::unique_identifier>(Tag::UniqueIdentifier),
    field<&ReKeyRequest::offset>(Tag::Offset),
    kmip::attributes<&ReKeyRequest::attributes>(),
    field<&ReKeyRequest::protection_storage_masks>(Tag::ProtectionStorageMasks).from(V2_0),
    template_attribute<&ReKeyRequest::attributes>(),
};
static_assert(well_formed(re_key_request_rows));
constinit const Shape Described<ReKeyRequest>::shape{re_key_request_rows};

constexpr Row re_key_response_rows[] = {
    field<&ReKeyResponse::unique_identifier>(Tag::UniqueIdentifier),
    template_attribute<&ReKeyResponse::attributes>(),
};
static_assert(well_formed(re_key_response_rows));
constinit const Shape Described<ReKeyResponse>::shape{re_key_response_rows};

}  // namespace keyway::kmip
