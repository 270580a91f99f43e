#include <kmip/model/create_split_key.h>

namespace keyway::kmip {

using enum Version;

constexpr Row create_split_key_request_rows[] = {
    field<&CreateSplitKeyRequest::object_type>(Tag::ObjectType),
    field<&CreateSplitKeyRequest::unique_identifier>(Tag::UniqueIdentifier),
    field<&CreateSplitKeyRequest::split_key_parts>(Tag::SplitKeyParts),
    field<&CreateSplitKeyRequest::split_key_threshold>(Tag::SplitKeyThreshold),
    field<&CreateSplitKeyRequest::split_key_method>(Tag::SplitKeyMethod),
    field<&CreateSplitKeyRequest::prime_field_size>(Tag::PrimeFieldSize),
    kmip::attributes<&CreateSplitKeyRequest::attributes>(),
    field<&CreateSplitKeyRequest::protection_storage_masks>(Tag::ProtectionStorageMasks).from(V2_0),
    template_attribute<&CreateSplitKeyRequest::attributes>(),
};
static_assert(well_formed(create_split_key_request_rows));
constinit const Shape Described<CreateSplitKeyRequest>::shape{create_split_key_request_rows};

constexpr Row create_split_key_response_rows[] = {
    field<&CreateSplitKeyResponse::object_type>(Tag::ObjectType).until(V1_2),
    field<&CreateSplitKeyResponse::unique_identifiers>(Tag::UniqueIdentifier).must(),
    template_attribute<&CreateSplitKeyResponse::attributes>(),
};
static_assert(well_formed(create_split_key_response_rows));
constinit const Shape Described<CreateSplitKeyResponse>::shape{create_split_key_response_rows};

}  // namespace keyway::kmip
