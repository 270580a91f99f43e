#include <algorithm>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <core/asymmetric.h>
#include <core/evp_hash.h>
#include <core/openssl_bytes.h>
#include <core/openssl_error.h>

namespace keyway {

namespace {

template <auto Function>
struct FreeBy {
  template <class T>
  void operator()(T* object) const {
    Function(object);
  }
};
using Context = std::unique_ptr<EVP_PKEY_CTX, FreeBy<EVP_PKEY_CTX_free>>;
using Pkcs8 = std::unique_ptr<PKCS8_PRIV_KEY_INFO, FreeBy<PKCS8_PRIV_KEY_INFO_free>>;
using X509Handle = std::unique_ptr<X509, FreeBy<X509_free>>;

constexpr std::size_t largest_der = 1U << 16U;

// read_all runs a d2i function that must take all of `der`; null when it does not.
template <class Read>
auto read_all(Bytes der, Read read) {
  const unsigned char* at = raw(der);
  auto result = read(&at, static_cast<long>(der.size()));
  if (result && at != raw(der) + der.size()) result.reset();
  return result;
}

// write_all runs an i2d function twice: for the length, then into memory that is wiped. Empty when it fails.
template <class Write>
SecretBuffer write_all(Write write) {
  SecretBuffer out;
  const int length = write(nullptr);
  if (length <= 0) return out;
  out.resize(static_cast<std::size_t>(length));
  unsigned char* at = raw(out.data());
  if (write(&at) != length) out.clear();
  return out;
}

std::unexpected<Error> not_a_key(std::string_view what) {
  ERR_clear_error();
  return fail(ErrorKind::corrupt, "the bytes are no {} in the encoding they should have", what);
}

bool is_private_encoding(KeyEncoding encoding) { return encoding != KeyEncoding::spki; }
bool is_public_encoding(KeyEncoding encoding) {
  return encoding == KeyEncoding::spki || encoding == KeyEncoding::pkcs1;
}

std::optional<KeyKind> kind_of_curve(const EVP_PKEY* key) {
  char group[64] = {};
  if (EVP_PKEY_get_group_name(key, group, sizeof(group), nullptr) != 1) return std::nullopt;
  const std::string_view name = group;
  if (name == SN_X9_62_prime256v1) return KeyKind::ec_p256;
  if (name == SN_secp384r1) return KeyKind::ec_p384;
  return std::nullopt;
}

// fits says whether a key of this kind makes such signatures.
bool fits(KeyKind kind, const SignatureScheme& scheme) {
  return (kind == KeyKind::rsa) == (scheme.padding != SignatureScheme::Padding::none);
}

bool set_scheme(EVP_PKEY_CTX* context, const SignatureScheme& scheme, int any_salt) {
  if (EVP_PKEY_CTX_set_signature_md(context, evp_hash(scheme.hash)) <= 0) return false;
  switch (scheme.padding) {
    case SignatureScheme::Padding::none: return true;
    case SignatureScheme::Padding::pkcs1: return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0;
    case SignatureScheme::Padding::pss: break;
  }
  const int salt = scheme.salt_length ? static_cast<int>(*scheme.salt_length) : any_salt;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt) > 0 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, evp_hash(scheme.mask_hash)) > 0;
}

Result<void> check_signing(KeyKind kind, const SignatureScheme& scheme, Bytes hashed) {
  if (!fits(kind, scheme))
    return fail(ErrorKind::invalid_input, "the signature is not one of this kind of key");
  if (hashed.size() != hash_size(scheme.hash))
    return fail(ErrorKind::invalid_input, "the hash to sign has {} bytes, not {}", hashed.size(),
                hash_size(scheme.hash));
  if (scheme.salt_length.value_or(0) > largest_rsa / 8)
    return fail(ErrorKind::invalid_input, "a salt of {} bytes", *scheme.salt_length);
  return {};
}

}  // namespace

void AsymmetricKey::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

Result<AsymmetricKey> AsymmetricKey::checked(Handle key) {
  const auto bits = static_cast<std::size_t>(std::max(0, EVP_PKEY_get_bits(key.get())));
  switch (EVP_PKEY_get_base_id(key.get())) {
    case EVP_PKEY_RSA:
      if (bits < smallest_rsa || bits > largest_rsa)
        return fail(ErrorKind::unsupported, "an RSA key of {} bits, not {} to {}", bits, smallest_rsa,
                    largest_rsa);
      return AsymmetricKey(std::move(key), KeyKind::rsa, bits);
    case EVP_PKEY_EC:
      if (const auto kind = kind_of_curve(key.get())) return AsymmetricKey(std::move(key), *kind, bits);
      return fail(ErrorKind::unsupported, "the curve is neither P-256 nor P-384");
    default: return fail(ErrorKind::unsupported, "the key is neither RSA nor on a curve");
  }
}

Result<AsymmetricKey> AsymmetricKey::generate_rsa(std::size_t bits) {
  if (bits != 2048 && bits != 3072 && bits != 4096)
    return fail(ErrorKind::invalid_input, "RSA keys are made with 2048, 3072 or 4096 bits, not {}", bits);
  ERR_clear_error();
  Handle key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits));
  if (!key) return openssl_failed("making an RSA key");
  return checked(std::move(key));
}

Result<AsymmetricKey> AsymmetricKey::generate_curve(KeyKind kind) {
  if (kind == KeyKind::rsa) return fail(ErrorKind::invalid_input, "RSA is no curve");
  ERR_clear_error();
  Handle key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kind == KeyKind::ec_p256 ? "P-256" : "P-384"));
  if (!key) return openssl_failed("making a key on a curve");
  return checked(std::move(key));
}

Result<AsymmetricKey> AsymmetricKey::read_private(Bytes der, KeyEncoding encoding) {
  if (!is_private_encoding(encoding))
    return fail(ErrorKind::invalid_input, "private keys have no such encoding");
  if (der.size() > largest_der) return not_a_key("private key");
  ERR_clear_error();
  Handle key = read_all(der, [&](const unsigned char** at, long size) {
    if (encoding == KeyEncoding::pkcs8) {
      const Pkcs8 info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, at, size));
      return Handle(info ? EVP_PKCS82PKEY(info.get()) : nullptr);
    }
    const int type = encoding == KeyEncoding::pkcs1 ? EVP_PKEY_RSA : EVP_PKEY_EC;
    return Handle(d2i_PrivateKey(type, nullptr, at, size));
  });
  if (!key) return not_a_key("private key");
  return checked(std::move(key));
}

Result<AsymmetricKey> AsymmetricKey::read_public(Bytes der, KeyEncoding encoding) {
  if (!is_public_encoding(encoding))
    return fail(ErrorKind::invalid_input, "public keys have no such encoding");
  if (der.size() > largest_der) return not_a_key("public key");
  ERR_clear_error();
  Handle key = read_all(der, [&](const unsigned char** at, long size) {
    return Handle(encoding == KeyEncoding::spki ? d2i_PUBKEY(nullptr, at, size)
                                                : d2i_PublicKey(EVP_PKEY_RSA, nullptr, at, size));
  });
  if (!key) return not_a_key("public key");
  return checked(std::move(key));
}

Result<Secret> AsymmetricKey::private_der(KeyEncoding encoding) const {
  const bool exists = encoding == KeyEncoding::pkcs8 ||
                      encoding == (kind_ == KeyKind::rsa ? KeyEncoding::pkcs1 : KeyEncoding::sec1);
  if (!exists) return fail(ErrorKind::unsupported, "this kind of private key has no such encoding");
  ERR_clear_error();
  SecretBuffer der;
  if (encoding == KeyEncoding::pkcs8) {
    const Pkcs8 info(EVP_PKEY2PKCS8(key_.get()));
    if (info) der = write_all([&](unsigned char** at) { return i2d_PKCS8_PRIV_KEY_INFO(info.get(), at); });
  } else {
    der = write_all([&](unsigned char** at) { return i2d_PrivateKey(key_.get(), at); });
  }
  if (der.empty()) return openssl_failed("encoding a private key");
  return Secret(std::move(der));
}

Result<OwnedBytes> AsymmetricKey::public_der(KeyEncoding encoding) const {
  const bool exists =
      encoding == KeyEncoding::spki || (encoding == KeyEncoding::pkcs1 && kind_ == KeyKind::rsa);
  if (!exists) return fail(ErrorKind::unsupported, "this kind of public key has no such encoding");
  ERR_clear_error();
  const SecretBuffer der = write_all([&](unsigned char** at) {
    return encoding == KeyEncoding::spki ? i2d_PUBKEY(key_.get(), at) : i2d_PublicKey(key_.get(), at);
  });
  if (der.empty()) return openssl_failed("encoding a public key");
  return owned(der.view());
}

Result<OwnedBytes> AsymmetricKey::sign(const SignatureScheme& scheme, Bytes hashed) const {
  if (auto ok = check_signing(kind_, scheme, hashed); !ok) return std::unexpected(std::move(ok.error()));
  ERR_clear_error();
  const Context context(EVP_PKEY_CTX_new(key_.get(), nullptr));
  std::size_t size = 0;
  if (!context || EVP_PKEY_sign_init(context.get()) <= 0 ||
      !set_scheme(context.get(), scheme, RSA_PSS_SALTLEN_DIGEST) ||
      EVP_PKEY_sign(context.get(), nullptr, &size, raw(hashed), hashed.size()) <= 0)
    return openssl_failed("signing");
  OwnedBytes signature(size);
  if (EVP_PKEY_sign(context.get(), raw(signature.data()), &size, raw(hashed), hashed.size()) <= 0)
    return openssl_failed("signing");
  signature.resize(size);
  return signature;
}

Result<bool> AsymmetricKey::verify(const SignatureScheme& scheme, Bytes hashed, Bytes signature) const {
  if (auto ok = check_signing(kind_, scheme, hashed); !ok) return std::unexpected(std::move(ok.error()));
  ERR_clear_error();
  const Context context(EVP_PKEY_CTX_new(key_.get(), nullptr));
  if (!context || EVP_PKEY_verify_init(context.get()) <= 0 ||
      !set_scheme(context.get(), scheme, RSA_PSS_SALTLEN_AUTO))
    return openssl_failed("verifying a signature");
  const bool valid =
      EVP_PKEY_verify(context.get(), raw(signature), signature.size(), raw(hashed), hashed.size()) == 1;
  ERR_clear_error();
  return valid;
}

Result<CertificateFacts> read_certificate(Bytes der) {
  ERR_clear_error();
  const auto certificate =
      der.size() > largest_der ? X509Handle() : read_all(der, [](const unsigned char** at, long size) {
        return X509Handle(d2i_X509(nullptr, at, size));
      });
  if (!certificate) {
    ERR_clear_error();
    return fail(ErrorKind::corrupt, "the bytes are no X.509 certificate in DER");
  }
  const auto name = [](const X509_NAME* dn) {
    return owned(write_all([&](unsigned char** at) { return i2d_X509_NAME(dn, at); }).view());
  };
  const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate.get());
  return CertificateFacts{
      name(X509_get_subject_name(certificate.get())), name(X509_get_issuer_name(certificate.get())),
      owned(write_all([&](unsigned char** at) { return i2d_ASN1_INTEGER(serial, at); }).view())};
}

}  // namespace keyway
