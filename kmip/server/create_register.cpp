// Create (1.4 §4.1, 2.1 §6.1.8) and Register (1.4 §4.3, 2.1 §6.1.43).
#include <kmip/server/new_object.h>
#include <kmip/server/object_attributes.h>
#include <kmip/server/operations.h>

namespace keyway::kmip::server {

namespace {

// check_key_block refuses the forms of key that the server cannot hold.
Outcome<> check_key_block(const KeyBlock& block, ObjectType type) {
  if (block.key_wrapping_data || block.wrapped_key_value)
    return refuse(reason::unsupported_feature, "wrapped keys are not supported: register the key itself");
  if (block.key_compression_type)
    return refuse(reason::unsupported_compression, "no Key Compression Type is supported");
  const bool transparent = block.key_value && block.key_value->transparent;
  const bool fits = type == ObjectType::SymmetricKey
                        ? block.key_format_type ==
                              (transparent ? KeyFormatType::TransparentSymmetricKey : KeyFormatType::Raw)
                        : !transparent && (block.key_format_type == KeyFormatType::Raw ||
                                           block.key_format_type == KeyFormatType::Opaque);
  if (!fits)
    return refuse(reason::unsupported_format, "a {} is taken as {}", spec_name(type),
                  type == ObjectType::SymmetricKey ? "Raw or Transparent Symmetric Key, matching its material"
                                                   : "Raw or Opaque bytes");
  if (block.key_value && block.key_value->attributes && !block.key_value->attributes->empty())
    return refuse(reason::unsupported_feature, "attributes inside a Key Value are not supported");
  const Secret* key = block.key_bytes();
  if (!key || key->empty()) return refuse(reason::invalid_field, "the object holds no key");
  return {};
}

// settle takes a value that may stand in the Key Block, in the attributes, or in both when they agree.
template <class T>
Outcome<> settle(std::optional<T>& attribute, const std::optional<T>& in_block, Tag tag) {
  if (attribute && in_block && *attribute != *in_block)
    return refuse(reason::invalid_field, "{} differs between the Key Block and the attributes", name(tag));
  if (!attribute) attribute = in_block;
  return {};
}

Outcome<> settle_key(Object& object, const KeyBlock& block) {
  if (auto same = settle(object.algorithm, block.cryptographic_algorithm, Tag::CryptographicAlgorithm); !same)
    return same;
  if (auto same = settle(object.length, block.cryptographic_length, Tag::CryptographicLength); !same)
    return same;
  object.key = block.key_bytes()->duplicate();
  if (object.type != ObjectType::SymmetricKey) return {};
  if (!object.algorithm) return refuse(reason::invalid_field, "a Symmetric Key needs its algorithm");
  const auto bits = static_cast<std::int64_t>(object.key.size()) * 8;
  if (*object.algorithm == CryptographicAlgorithm::AES) {
    if (object.length && *object.length != bits)
      return refuse(reason::invalid_field, "Cryptographic Length is {}, the key has {} bits", *object.length,
                    bits);
    if (bits != 128 && bits != 192 && bits != 256)
      return refuse(reason::invalid_field, "an AES key of {} bits", bits);
  }
  if (!object.length) object.length = static_cast<std::int32_t>(bits);
  return {};
}

}  // namespace

Outcome<> create(Call& call, const CreateRequest& request) {
  if (request.object_type != ObjectType::SymmetricKey)
    return refuse(reason::wrong_object_type, "only objects of type Symmetric Key can be created here");
  Object object;
  object.type = request.object_type;
  if (auto good = check_protection(request.protection_storage_masks); !good) return good;
  if (auto set = set_attributes(object, request.attributes, call.version); !set) return set;
  if (auto good = check_creatable(object); !good) return good;
  if (auto given = check_usage_given(request.attributes); !given) return given;

  object.key = call.settings.random->secret(static_cast<std::size_t>(*object.length) / 8);
  if (!object.original_creation_date) object.original_creation_date = call.now;
  const auto kept = admit(call, object);
  if (!kept) return std::unexpected(kept.error());
  return call.answer(CreateResponse{(*kept)->type, call.mention(**kept), {}});
}

Outcome<> register_object(Call& call, const RegisterRequest& request) {
  const bool symmetric = request.object_type == ObjectType::SymmetricKey;
  if (!symmetric && request.object_type != ObjectType::SecretData)
    return refuse(reason::wrong_object_type, "only Symmetric Key and Secret Data can be registered here");
  const KeyBlock* block = request.object.key_block();
  const bool both = request.object.symmetric_key && request.object.secret_data;
  if (!block || both || symmetric != request.object.symmetric_key.has_value())
    return refuse(reason::invalid_field, "the Object Type is not that of the object beside it");
  if (auto good = check_key_block(*block, request.object_type); !good) return good;
  if (auto good = check_protection(request.protection_storage_masks); !good) return good;

  Object object;
  object.type = request.object_type;
  object.format = block->key_format_type;
  if (request.object.secret_data) object.secret_data_type = request.object.secret_data->type;
  if (auto set = set_attributes(object, request.attributes, call.version); !set) return set;
  if (auto given = check_usage_given(request.attributes); !given) return given;
  if (auto good = settle_key(object, *block); !good) return good;

  const auto kept = admit(call, object);
  if (!kept) return std::unexpected(kept.error());
  return call.answer(RegisterResponse{call.mention(**kept), {}});
}

}  // namespace keyway::kmip::server
