// The few primitives Keyway uses, over OpenSSL's EVP. All functions are thread-safe.
#pragma once

#include <array>

#include <core/bytes.h>
#include <core/error.h>
#include <core/secret.h>

namespace keyway {

inline constexpr std::size_t gcm_iv_size = 12;  // NIST SP 800-38D §8.2.2
inline constexpr std::size_t gcm_tag_size = 16;
inline constexpr std::size_t aes_block_size = 16;

struct Sealed {
  OwnedBytes ciphertext;
  OwnedBytes tag;
};

// aes_gcm_seal encrypts with AES-128/192/256-GCM (by the key's size). `iv` is 1 to 16 bytes and must never
// repeat under one key; `tag_size` is 4 to 16. Error: invalid_input.
Result<Sealed> aes_gcm_seal(Bytes key, Bytes iv, Bytes associated_data, Bytes plaintext,
                            std::size_t tag_size = gcm_tag_size);
// aes_gcm_open verifies and decrypts. Error: corrupt when the tag does not fit, and no plaintext then.
Result<Secret> aes_gcm_open(Bytes key, Bytes iv, Bytes associated_data, Bytes ciphertext, Bytes tag);

// AES-CBC with PKCS#5 padding (NIST SP 800-38A §6.2). `iv` is 16 bytes. CBC authenticates nothing: the caller
// must verify what comes out, and must not tell an outsider why opening failed.
Result<OwnedBytes> aes_cbc_encrypt(Bytes key, Bytes iv, Bytes plaintext);
Result<Secret> aes_cbc_decrypt(Bytes key, Bytes iv, Bytes ciphertext);

// The hashes end the process when OpenSSL cannot compute them (no memory, no provider): no answer is safe.
using Sha256 = std::array<std::byte, 32>;
Sha256 sha256(Bytes data);
Sha256 hmac_sha256(Bytes key, Bytes data);

}  // namespace keyway
