// RSA and elliptic curve keys, their encodings and signatures, and what a certificate says, over OpenSSL's
// EVP.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <core/bytes.h>
#include <core/digest.h>
#include <core/error.h>
#include <core/secret.h>

struct evp_pkey_st;

namespace keyway {

enum class KeyKind : std::uint8_t { rsa, ec_p256, ec_p384 };

// The DER encodings of keys. Private ones: pkcs1 (RSA only, RFC 8017 §A.1.2), pkcs8 (RFC 5958), sec1 (curves
// only, RFC 5915). Public ones: pkcs1 (RSA only, RFC 8017 §A.1.1), spki (RFC 5280 §4.1.2.7).
enum class KeyEncoding : std::uint8_t { pkcs1, pkcs8, sec1, spki };

inline constexpr std::size_t smallest_rsa = 1024;  // bits, of keys that are read
inline constexpr std::size_t largest_rsa = 8192;

// How a signature is made of a hash.
struct SignatureScheme {
  enum class Padding : std::uint8_t {
    none,   // ECDSA; signatures are DER (RFC 3279 §2.2.3)
    pkcs1,  // RSASSA-PKCS1-v1_5 (RFC 8017 §8.2)
    pss,    // RSASSA-PSS with MGF1 (RFC 8017 §8.1)
  };
  Padding padding = Padding::none;
  Hash hash = Hash::sha256;
  Hash mask_hash = Hash::sha256;           // of MGF1; PSS only
  std::optional<std::size_t> salt_length;  // bytes; PSS only. None: as long as the hash; verifying takes any
};

// AsymmetricKey is a private key with its public half, or a public key alone. Movable; thread-safe to use.
class AsymmetricKey {
 public:
  // generate_rsa makes a key of 2048, 3072 or 4096 bits, which may take seconds. Errors: invalid_input,
  // internal.
  static Result<AsymmetricKey> generate_rsa(std::size_t bits);
  // generate_curve makes a key on a curve. Errors: invalid_input, internal.
  static Result<AsymmetricKey> generate_curve(KeyKind kind);

  // read_private and read_public take exactly one key in this encoding, with nothing behind it. Errors:
  // corrupt when it is none, unsupported when its kind or size is, invalid_input for an encoding of the other
  // half.
  static Result<AsymmetricKey> read_private(Bytes der, KeyEncoding encoding);
  static Result<AsymmetricKey> read_public(Bytes der, KeyEncoding encoding);

  KeyKind kind() const { return kind_; }
  std::size_t bits() const { return bits_; }  // of the RSA modulus, or of the curve

  // The encodings. Errors: unsupported for a kind that has no such encoding, internal.
  Result<Secret> private_der(KeyEncoding encoding) const;
  Result<OwnedBytes> public_der(KeyEncoding encoding) const;

  // sign signs `hashed`, hash_size(scheme.hash) bytes. Errors: invalid_input when key and scheme do not fit,
  // internal.
  Result<OwnedBytes> sign(const SignatureScheme& scheme, Bytes hashed) const;
  // verify is false for every signature that is not one of `hashed`, malformed ones included.
  Result<bool> verify(const SignatureScheme& scheme, Bytes hashed, Bytes signature) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  using Handle = std::unique_ptr<evp_pkey_st, Free>;
  static Result<AsymmetricKey> checked(Handle key);
  AsymmetricKey(Handle key, KeyKind kind, std::size_t bits)
      : key_(std::move(key)), kind_(kind), bits_(bits) {}

  Handle key_;
  KeyKind kind_;
  std::size_t bits_;
};

// What an X.509 certificate says of itself, in DER.
struct CertificateFacts {
  OwnedBytes subject, issuer;  // Distinguished Names
  OwnedBytes serial_number;    // an INTEGER
};
// read_certificate takes exactly one DER certificate and verifies no signature. Error: corrupt.
Result<CertificateFacts> read_certificate(Bytes der);

}  // namespace keyway
