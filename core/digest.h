// Hashes, HMAC and the key derivations made of them, over OpenSSL's EVP, by the hash's name. All functions
// are thread-safe. Results are Secret, because what is hashed may be a key.
#pragma once

#include <cstdint>

#include <core/bytes.h>
#include <core/error.h>
#include <core/secret.h>

namespace keyway {

// FIPS 180-4 and FIPS 202. SHA-1 is here for old data: it resists no collisions.
enum class Hash : std::uint8_t {
  sha1,
  sha224,
  sha256,
  sha384,
  sha512,
  sha512_224,
  sha512_256,
  sha3_224,
  sha3_256,
  sha3_384,
  sha3_512,
};

// hash_size is the length of a hash, in bytes.
std::size_t hash_size(Hash hash);

// digest hashes `data`. Error: internal.
Result<Secret> digest(Hash hash, Bytes data);

// hmac is the whole HMAC of RFC 2104, hash_size long. Any key length up to 1 GiB. Errors: invalid_input,
// internal.
Result<Secret> hmac(Hash hash, Bytes key, Bytes data);

// pbkdf2 derives `length` bytes (RFC 8018 §5.2, with HMAC). `iterations` and `length` are at least 1; it
// takes time in proportion to both, so that the caller must bound them. Errors: invalid_input, internal.
Result<Secret> pbkdf2(Hash hash, Bytes password, Bytes salt, std::uint32_t iterations, std::size_t length);

// kdf_counter is the key derivation in counter mode of NIST SP 800-108 §4.1 with HMAC: block i is
// HMAC(key, [i as 32 bits] || fixed_input), i from 1. At most 1 MiB. Errors: invalid_input, internal.
Result<Secret> kdf_counter(Hash hash, Bytes key, Bytes fixed_input, std::size_t length);

}  // namespace keyway
