#include <algorithm>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <core/digest.h>
#include <core/evp_hash.h>
#include <core/openssl_bytes.h>
#include <core/openssl_error.h>

namespace keyway {

namespace {

constexpr std::size_t largest_input = std::size_t{1} << 30U;  // OpenSSL counts in int
constexpr std::size_t largest_derived = std::size_t{1} << 20U;

// OpenSSL takes a null pointer for "none given", which is not the same as "empty".
Bytes never_null(Bytes bytes) {
  static constexpr std::byte none{};
  return bytes.data() != nullptr ? bytes : Bytes(&none, 0);
}

Result<void> check_sizes(std::string_view what, Bytes key, Bytes data) {
  if (key.size() > largest_input || data.size() > largest_input)
    return fail(ErrorKind::invalid_input, "{}: the input is longer than {} bytes", what, largest_input);
  return {};
}

Result<void> check_length(std::string_view what, std::size_t length) {
  if (length == 0 || length > largest_derived)
    return fail(ErrorKind::invalid_input, "{}: {} bytes cannot be derived, only 1 to {}", what, length,
                largest_derived);
  return {};
}

}  // namespace

const EVP_MD* evp_hash(Hash hash) {
  switch (hash) {
    case Hash::sha1: return EVP_sha1();
    case Hash::sha224: return EVP_sha224();
    case Hash::sha256: return EVP_sha256();
    case Hash::sha384: return EVP_sha384();
    case Hash::sha512: return EVP_sha512();
    case Hash::sha512_224: return EVP_sha512_224();
    case Hash::sha512_256: return EVP_sha512_256();
    case Hash::sha3_224: return EVP_sha3_224();
    case Hash::sha3_256: return EVP_sha3_256();
    case Hash::sha3_384: return EVP_sha3_384();
    case Hash::sha3_512: return EVP_sha3_512();
  }
  return nullptr;
}

std::size_t hash_size(Hash hash) { return static_cast<std::size_t>(EVP_MD_get_size(evp_hash(hash))); }

Result<Secret> digest(Hash hash, Bytes data) {
  ERR_clear_error();
  SecretBuffer out;
  out.resize(hash_size(hash));
  unsigned size = 0;
  if (EVP_Digest(never_null(data).data(), data.size(), raw(out.data()), &size, evp_hash(hash), nullptr) != 1)
    return openssl_failed("hashing");
  return Secret(std::move(out));
}

Result<Secret> hmac(Hash hash, Bytes key, Bytes data) {
  if (auto ok = check_sizes("HMAC", key, data); !ok) return std::unexpected(std::move(ok.error()));
  ERR_clear_error();
  SecretBuffer out;
  out.resize(hash_size(hash));
  unsigned size = 0;
  if (HMAC(evp_hash(hash), never_null(key).data(), static_cast<int>(key.size()), raw(never_null(data)),
           data.size(), raw(out.data()), &size) == nullptr)
    return openssl_failed("HMAC");
  return Secret(std::move(out));
}

Result<Secret> pbkdf2(Hash hash, Bytes password, Bytes salt, std::uint32_t iterations, std::size_t length) {
  if (auto ok = check_sizes("PBKDF2", password, salt); !ok) return std::unexpected(std::move(ok.error()));
  if (auto ok = check_length("PBKDF2", length); !ok) return std::unexpected(std::move(ok.error()));
  if (iterations == 0 || iterations > std::uint32_t{1} << 30U)
    return fail(ErrorKind::invalid_input, "PBKDF2: {} iterations", iterations);
  ERR_clear_error();
  SecretBuffer out;
  out.resize(length);
  if (PKCS5_PBKDF2_HMAC(text_of(never_null(password)).data(), static_cast<int>(password.size()),
                        raw(never_null(salt)), static_cast<int>(salt.size()), static_cast<int>(iterations),
                        evp_hash(hash), static_cast<int>(length), raw(out.data())) != 1)
    return openssl_failed("PBKDF2");
  return Secret(std::move(out));
}

Result<Secret> kdf_counter(Hash hash, Bytes key, Bytes fixed_input, std::size_t length) {
  if (auto ok = check_length("SP 800-108", length); !ok) return std::unexpected(std::move(ok.error()));
  SecretBuffer out(length);
  for (std::uint32_t i = 1; out.size() < length; ++i) {
    SecretBuffer input(4 + fixed_input.size());
    input.append(to_big_endian(i));
    input.append(fixed_input);
    const auto block = hmac(hash, key, input.view());
    if (!block) return std::unexpected(block.error());
    out.append(block->reveal().first(std::min(block->size(), length - out.size())));
  }
  return Secret(std::move(out));
}

}  // namespace keyway
