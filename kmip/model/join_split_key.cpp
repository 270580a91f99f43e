#include <kmip/model/join_split_key.h>

namespace keyway::kmip {

using enum Version;

constexpr Row join_split_key_request_rows[] = {
    field<&JoinSplitKeyRequest::object_type>(Tag::ObjectType),
    field<&JoinSplitKeyRequest::unique_identifiers>(Tag::UniqueIdentifier).must(),
    field<&JoinSplitKeyRequest::secret_data_type>(Tag::SecretDataType),
    kmip::attributes<&JoinSplitKeyRequest::attributes>(),
    field<&JoinSplitKeyRequest::protection_storage_masks>(Tag::ProtectionStorageMasks).from(V2_0),
    template_attribute<&JoinSplitKeyRequest::attributes>(),
};
static_assert(well_formed(join_split_key_request_rows));
constinit const Shape Described<JoinSplitKeyRequest>::shape{join_split_key_request_rows};

constexpr Row join_split_key_response_rows[] = {
    field<&JoinSplitKeyResponse::object_type>(Tag::ObjectType).until(V1_2),
    field<&JoinSplitKeyResponse::unique_identifier>(Tag::UniqueIdentifier),
    template_attribute<&JoinSplitKeyResponse::attributes>(),
};
static_assert(well_formed(join_split_key_response_rows));
constinit const Shape Described<JoinSplitKeyResponse>::shape{join_split_key_response_rows};

}  // namespace keyway::kmip
