// Encrypt (1.4 §4.29, 2.1 §6.1.17) and Decrypt (1.4 §4.30, 2.1 §6.1.11), with AES in GCM and CBC.
#include <kmip/server/key_use.h>
#include <kmip/server/operations.h>

namespace keyway::kmip::server {

namespace {

// Cipher is what both operations agree on before they look at data.
struct Cipher {
  BlockCipherMode mode{};
  std::size_t tag_length = 0;  // bytes; GCM only
  bool random_iv = false;
  std::size_t iv_length = 0;  // bytes, of an IV that the server makes

  bool is_gcm() const { return mode == BlockCipherMode::GCM; }
};

// The fields the two requests have in common.
struct Common {
  const std::optional<CryptographicParameters>& parameters;
  const std::optional<Bytes>& data;
  const EarlierData& earlier_data;
  const std::optional<Bytes>& iv;
  const std::optional<Bytes>& correlation_value;
  const std::optional<bool>& init;
  const std::optional<bool>& final;
  const std::optional<Bytes>& additional_data;
};
Common common_of(const auto& request) {
  return {request.cryptographic_parameters,
          request.data,
          request.earlier_data,
          request.iv_counter_nonce,
          request.correlation_value,
          request.init_indicator,
          request.final_indicator,
          request.authenticated_encryption_additional_data};
}

// check_key refuses a key that may not do this. A deactivated or compromised one may still decrypt.
Outcome<> check_key(const Object& object, CryptographicUsageMask use, DateTime now) {
  if (object.type != ObjectType::SymmetricKey || object.algorithm != CryptographicAlgorithm::AES)
    return refuse(reason::not_a_cipher_key, "only an AES Symmetric Key can encrypt and decrypt here");
  const bool protects = use == CryptographicUsageMask::Encrypt;
  return check_use(object, use, protects ? Purpose::protect : Purpose::process, now);
}

Outcome<Cipher> gcm_of(const CryptographicParameters& parameters) {
  if (parameters.padding_method.value_or(PaddingMethod::None) != PaddingMethod::None)
    return refuse(reason::bad_parameters, "GCM takes no padding");
  const std::int32_t tag_length = parameters.tag_length.value_or(static_cast<std::int32_t>(gcm_tag_size));
  if (tag_length < 4 || tag_length > 16)
    return refuse(reason::bad_parameters, "Tag Length is {} bytes, not 4 to 16", tag_length);
  const std::int32_t iv_bits = parameters.iv_length.value_or(static_cast<std::int32_t>(gcm_iv_size) * 8);
  if (iv_bits < 96 || iv_bits > 128 || iv_bits % 8 != 0)
    return refuse(reason::unsupported_parameters, "IV Length is {} bits, not 96 to 128 in whole bytes",
                  iv_bits);
  return Cipher{BlockCipherMode::GCM, static_cast<std::size_t>(tag_length),
                parameters.random_iv.value_or(false), static_cast<std::size_t>(iv_bits) / 8};
}

Outcome<Cipher> cbc_of(const CryptographicParameters& parameters) {
  if (!parameters.padding_method) return refuse(reason::bad_parameters, "CBC needs a Padding Method: PKCS5");
  if (*parameters.padding_method != PaddingMethod::PKCS5)
    return refuse(reason::unsupported_parameters, "the only Padding Method for CBC is PKCS5");
  if (parameters.iv_length.value_or(128) != 128)
    return refuse(reason::unsupported_parameters, "the IV of CBC has 128 bits");
  return Cipher{BlockCipherMode::CBC, 0, parameters.random_iv.value_or(false), aes_block_size};
}

// choose_cipher reads the request's parameters, or those stored with the key (1.4 §4.29).
Outcome<Cipher> choose_cipher(const Call& call, const Object& object,
                              const std::optional<CryptographicParameters>& asked) {
  const auto parameters = parameters_for(object, asked);
  if (!parameters || !parameters->block_cipher_mode)
    return refuse(reason::bad_parameters, "no Block Cipher Mode, neither in the request nor with the key");
  if (parameters->cryptographic_algorithm.value_or(CryptographicAlgorithm::AES) !=
      CryptographicAlgorithm::AES)
    return refuse(reason::bad_parameters, "the Cryptographic Algorithm is not that of the key");
  const BlockCipherMode mode = *parameters->block_cipher_mode;
  if (mode == BlockCipherMode::GCM && !call.settings.quirks.no_gcm) return gcm_of(*parameters);
  if (mode == BlockCipherMode::CBC) return cbc_of(*parameters);
  return refuse(reason::unsupported_parameters, "Block Cipher Mode {} is not supported", spec_name(mode));
}

Outcome<> check_request(const Cipher& cipher, const Common& request) {
  const auto whole = one_part(request.data, request.earlier_data, request.correlation_value.has_value(),
                              request.init, request.final);
  if (!whole) return std::unexpected(whole.error());
  if (request.additional_data && !cipher.is_gcm())
    return refuse(reason::bad_parameters, "only GCM takes Authenticated Encryption Additional Data");
  if (!request.iv) return {};
  const std::size_t size = request.iv->size();
  if (cipher.is_gcm() ? size < gcm_iv_size || size > 16 : size != aes_block_size)
    return refuse(reason::bad_parameters, "the IV has {} bytes; {}", size,
                  cipher.is_gcm() ? "GCM takes 12 to 16" : "CBC takes 16");
  return {};
}

struct Prepared {
  Object* object = nullptr;
  Cipher cipher;
};

Outcome<Prepared> prepare(Call& call, const std::optional<Identifier>& named, const Common& request,
                          CryptographicUsageMask use) {
  const auto found = call.object(named);
  if (!found) return std::unexpected(found.error());
  if (auto good = check_key(**found, use, call.now); !good) return std::unexpected(good.error());
  const auto cipher = choose_cipher(call, **found, request.parameters);
  if (!cipher) return std::unexpected(cipher.error());
  if (auto good = check_request(*cipher, request); !good) return std::unexpected(good.error());
  return Prepared{*found, *cipher};
}

struct TaggedData {
  Bytes data, tag;
};

// split_tag finds the tag: in its own field, or at the end of Data, where 1.2 and 1.3 have it.
Outcome<TaggedData> split_tag(const DecryptRequest& request, const Cipher& cipher) {
  const Bytes data = *request.data;
  if (const auto& tag = request.authenticated_encryption_tag) {
    // A tag shorter than was agreed would make forging easier.
    if (tag->size() != cipher.tag_length)
      return refuse(reason::bad_parameters, "the tag has {} bytes and Tag Length says {}", tag->size(),
                    cipher.tag_length);
    return TaggedData{data, *tag};
  }
  if (data.size() < cipher.tag_length)
    return refuse(reason::cryptographic_failure, "Data is shorter than the tag it should end with");
  return TaggedData{data.first(data.size() - cipher.tag_length), data.last(cipher.tag_length)};
}

}  // namespace

Outcome<> encrypt(Call& call, const EncryptRequest& request) {
  const auto prepared =
      prepare(call, request.unique_identifier, common_of(request), CryptographicUsageMask::Encrypt);
  if (!prepared) return std::unexpected(prepared.error());
  const auto& [object, cipher] = *prepared;

  EncryptResponse response;
  OwnedBytes made_iv;
  Bytes iv;
  if (request.iv_counter_nonce) {
    iv = *request.iv_counter_nonce;
  } else if (cipher.random_iv) {
    made_iv = call.settings.random->bytes(cipher.iv_length);
    response.iv_counter_nonce = iv = made_iv;
  } else {
    return refuse(reason::missing_iv, "there is no IV/Counter/Nonce, and Random IV is not true");
  }

  const Bytes key = object->key.reveal();
  Sealed sealed;
  if (cipher.is_gcm()) {
    auto result = aes_gcm_seal(key, iv, request.authenticated_encryption_additional_data.value_or(Bytes()),
                               *request.data, cipher.tag_length);
    if (!result) return refuse(reason::cryptographic_failure, "encryption failed");
    sealed = std::move(*result);
  } else {
    auto result = aes_cbc_encrypt(key, iv, *request.data);
    if (!result) return refuse(reason::cryptographic_failure, "encryption failed");
    sealed.ciphertext = std::move(*result);
  }
  // The field for the tag is new in 1.4; before, it follows the ciphertext (1.2 does not say where it goes).
  if (call.version >= Version::V1_4) {
    if (cipher.is_gcm()) response.authenticated_encryption_tag = Bytes(sealed.tag);
  } else if (!call.settings.quirks.drop_gcm_tag) {
    sealed.ciphertext.insert(sealed.ciphertext.end(), sealed.tag.begin(), sealed.tag.end());
  }
  response.data = Bytes(sealed.ciphertext);
  response.unique_identifier = call.mention(*object);
  return call.answer(response);
}

Outcome<> decrypt(Call& call, const DecryptRequest& request) {
  const auto prepared =
      prepare(call, request.unique_identifier, common_of(request), CryptographicUsageMask::Decrypt);
  if (!prepared) return std::unexpected(prepared.error());
  const auto& [object, cipher] = *prepared;
  if (!request.iv_counter_nonce) return refuse(reason::missing_iv, "there is no IV/Counter/Nonce");
  if (request.authenticated_encryption_tag && !cipher.is_gcm())
    return refuse(reason::bad_parameters, "only GCM has an Authenticated Encryption Tag");

  const Bytes key = object->key.reveal();
  Result<Secret> plaintext;
  if (cipher.is_gcm()) {
    const auto tagged = split_tag(request, cipher);
    if (!tagged) return std::unexpected(tagged.error());
    plaintext = aes_gcm_open(key, *request.iv_counter_nonce,
                             request.authenticated_encryption_additional_data.value_or(Bytes()), tagged->data,
                             tagged->tag);
  } else {
    plaintext = aes_cbc_decrypt(key, *request.iv_counter_nonce, *request.data);
  }
  // One text for every cause: which of them it was helps only an attacker.
  if (!plaintext) return refuse(reason::cryptographic_failure, "decryption failed");

  DecryptResponse response;
  response.unique_identifier = call.mention(*object);
  response.data = std::move(*plaintext);
  return call.answer(response);
}

}  // namespace keyway::kmip::server
