#include <algorithm>

#include <core/crypto.h>
#include <kmip/client/cipher.h>

namespace keyway::kmip {

namespace {

using TagPlace = KmipMechanism::TagPlace;

KmipMechanism mechanism_for(CipherMode mode) {
  KmipMechanism mechanism;
  const bool gcm = mode == CipherMode::gcm;
  mechanism.cryptographic_algorithm = static_cast<std::uint32_t>(CryptographicAlgorithm::AES);
  mechanism.block_cipher_mode = static_cast<std::uint32_t>(gcm ? BlockCipherMode::GCM : BlockCipherMode::CBC);
  mechanism.padding_method = static_cast<std::uint32_t>(gcm ? PaddingMethod::None : PaddingMethod::PKCS5);
  mechanism.tag_length = gcm ? gcm_tag_size : 0;
  return mechanism;
}

// The parameters of a mechanism, which a blob may have brought: nothing here is assumed.
CryptographicParameters parameters_of(const KmipMechanism& mechanism) {
  CryptographicParameters parameters;
  parameters.block_cipher_mode = static_cast<BlockCipherMode>(mechanism.block_cipher_mode);
  parameters.padding_method = static_cast<PaddingMethod>(mechanism.padding_method);
  parameters.cryptographic_algorithm = static_cast<CryptographicAlgorithm>(mechanism.cryptographic_algorithm);
  if (mechanism.tag_length > 0) parameters.tag_length = static_cast<std::int32_t>(mechanism.tag_length);
  return parameters;
}

}  // namespace

Held<EncryptRequest> encrypt_request(std::string_view key_id, CipherMode mode, const Secret& key,
                                     Random& random) {
  Held<EncryptRequest> held;
  held.iv = random.bytes(mode == CipherMode::gcm ? gcm_iv_size : aes_block_size);
  held.request.unique_identifier = Identifier(key_id);
  held.request.cryptographic_parameters = parameters_of(mechanism_for(mode));
  held.request.data = key.reveal();
  held.request.iv_counter_nonce = held.iv;
  return held;
}

std::optional<Encrypted> read_encrypted(const Held<EncryptRequest>& asked, const EncryptResponse& answer,
                                        CipherMode mode) {
  if (!answer.data) return std::nullopt;
  // A server that prefers an IV of its own over ours would make the blob useless without it.
  if (answer.iv_counter_nonce && !std::ranges::equal(*answer.iv_counter_nonce, asked.iv)) return std::nullopt;
  Encrypted made{mechanism_for(mode), {}};
  made.mechanism.iv = asked.iv;
  const Bytes data = *answer.data;
  const std::size_t plain = asked.request.data->size();
  if (mode == CipherMode::cbc) {
    if (data.size() != (plain / aes_block_size + 1) * aes_block_size) return std::nullopt;
    made.ciphertext = owned(data);
    return made;
  }
  if (answer.authenticated_encryption_tag) {
    if (data.size() != plain || answer.authenticated_encryption_tag->size() != gcm_tag_size)
      return std::nullopt;
    made.mechanism.tag_place = TagPlace::field;
    made.mechanism.tag = owned(*answer.authenticated_encryption_tag);
    made.ciphertext = owned(data);
    return made;
  }
  if (data.size() != plain + gcm_tag_size) return std::nullopt;  // the tag is lost
  made.mechanism.tag_place = TagPlace::end_of_data;
  made.mechanism.tag = owned(data.last(gcm_tag_size));
  made.ciphertext = owned(data.first(plain));
  return made;
}

Held<DecryptRequest> decrypt_request(const WrappedKey& blob, TagPlace place) {
  const auto& mechanism = std::get<KmipMechanism>(blob.mechanism);
  Held<DecryptRequest> held;
  held.iv = mechanism.iv;
  held.data = blob.ciphertext;
  if (place == TagPlace::end_of_data)
    held.data.insert(held.data.end(), mechanism.tag.begin(), mechanism.tag.end());
  held.request.unique_identifier = Identifier(blob.key_id);
  held.request.cryptographic_parameters = parameters_of(mechanism);
  held.request.data = held.data;
  held.request.iv_counter_nonce = held.iv;
  if (place == TagPlace::field) held.request.authenticated_encryption_tag = mechanism.tag;
  return held;
}

Result<Encrypted> seal_here(const Secret& kms_key, const Secret& key, Random& random) {
  Encrypted made{mechanism_for(CipherMode::gcm), {}};
  made.mechanism.where = KmipMechanism::Where::client;
  made.mechanism.tag_place = TagPlace::field;
  made.mechanism.iv = random.bytes(gcm_iv_size);
  auto sealed = aes_gcm_seal(kms_key.reveal(), made.mechanism.iv, {}, key.reveal());
  if (!sealed) return std::unexpected(std::move(sealed.error()));
  made.mechanism.tag = std::move(sealed->tag);
  made.ciphertext = std::move(sealed->ciphertext);
  return made;
}

Result<Secret> open_here(const Secret& kms_key, const WrappedKey& blob) {
  const auto& mechanism = std::get<KmipMechanism>(blob.mechanism);
  if (mechanism.cryptographic_algorithm != static_cast<std::uint32_t>(CryptographicAlgorithm::AES))
    return fail(ErrorKind::unsupported, "the wrapped key uses {}, which can only be opened inside the KMS",
                name(static_cast<CryptographicAlgorithm>(mechanism.cryptographic_algorithm)));
  switch (static_cast<BlockCipherMode>(mechanism.block_cipher_mode)) {
    case BlockCipherMode::GCM:
      return aes_gcm_open(kms_key.reveal(), mechanism.iv, {}, blob.ciphertext, mechanism.tag);
    case BlockCipherMode::CBC: return aes_cbc_decrypt(kms_key.reveal(), mechanism.iv, blob.ciphertext);
    default:
      return fail(ErrorKind::unsupported,
                  "the wrapped key uses AES-{}, which can only be opened inside the KMS",
                  name(static_cast<BlockCipherMode>(mechanism.block_cipher_mode)));
  }
}

bool is_about_parameters(const Error& error) {
  if (!error.refusal) return false;
  switch (static_cast<ResultReason>(error.refusal->reason)) {
    case ResultReason::InvalidField:
    case ResultReason::InvalidMessage:
    case ResultReason::MissingData:
    case ResultReason::FeatureNotSupported:
    case ResultReason::CryptographicFailure:
    case ResultReason::GeneralFailure:
    case ResultReason::BadCryptographicParameters:
    case ResultReason::UnsupportedCryptographicParameters:
    case ResultReason::MissingInitializationVector:
    case ResultReason::InternalServerError:
    case ResultReason::UnknownTag:
    case ResultReason::CodecError: return true;
    default: return false;
  }
}

}  // namespace keyway::kmip
