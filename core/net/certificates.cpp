#include <array>
#include <climits>
#include <utility>

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <core/net/certificates.h>
#include <core/net/openssl.h>

namespace keyway::net {
namespace {

using NamesPtr = std::unique_ptr<GENERAL_NAMES, Release<GENERAL_NAMES_free>>;
using NamePtr = std::unique_ptr<GENERAL_NAME, Release<GENERAL_NAME_free>>;
using StringPtr = std::unique_ptr<ASN1_STRING, Release<ASN1_STRING_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>>;
using BigNumberPtr = std::unique_ptr<BIGNUM, Release<BN_free>>;

std::unexpected<Error> failed(std::string_view step) {
  return fail(ErrorKind::internal, "make a certificate: {}: {}", step, take_openssl_error());
}

// An issuer, opened: the certificate and the key that sign.
struct Signer {
  X509* certificate;
  EVP_PKEY* key;
};

bool set_serial(X509* certificate) {
  constexpr int bits = 128;
  const BigNumberPtr number(BN_new());
  return number && BN_rand(number.get(), bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_dates(X509* certificate, const CertificateRequest& request) {
  const auto seconds = [](std::chrono::sys_seconds time) {
    return static_cast<time_t>(time.time_since_epoch().count());
  };
  return ASN1_TIME_set(X509_getm_notBefore(certificate), seconds(request.not_before)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), seconds(request.not_after)) != nullptr;
}

bool set_subject(X509* certificate, const std::string& common_name) {
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.data());
  return common_name.size() <= ub_common_name &&
         X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, text,
                                    static_cast<int>(common_name.size()), -1, 0) == 1;
}

bool add_name(GENERAL_NAMES* names, int type, const void* data, std::size_t size) {
  StringPtr value(ASN1_STRING_type_new(type == GEN_DNS ? V_ASN1_IA5STRING : V_ASN1_OCTET_STRING));
  NamePtr name(GENERAL_NAME_new());
  if (!value || !name || size > INT_MAX || ASN1_STRING_set(value.get(), data, static_cast<int>(size)) != 1)
    return false;
  GENERAL_NAME_set0_value(name.get(), type, value.release());
  if (sk_GENERAL_NAME_push(names, name.get()) <= 0) return false;
  name.release();  // the list's from now on
  return true;
}

bool add_address(GENERAL_NAMES* names, const std::string& address) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1)
    return add_name(names, GEN_IPADD, bytes.data(), sizeof(in_addr));
  return inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1 &&
         add_name(names, GEN_IPADD, bytes.data(), sizeof(in6_addr));
}

// Built by hand, not of OpenSSL's configuration text: there a comma in a name would add another name.
bool set_alternative_names(X509* certificate, const CertificateRequest& request) {
  if (request.dns_names.empty() && request.ip_addresses.empty()) return true;
  const NamesPtr names(sk_GENERAL_NAME_new_null());
  if (!names) return false;
  for (const std::string& name : request.dns_names)
    if (!add_name(names.get(), GEN_DNS, name.data(), name.size())) return false;
  for (const std::string& address : request.ip_addresses)
    if (!add_address(names.get(), address)) return false;
  return X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1;
}

bool add_extension(X509* certificate, X509* issuer, int kind, const char* value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

const char* extended_usage(const CertificateRequest& request) {
  if (request.for_server && request.for_client) return "serverAuth,clientAuth";
  if (request.for_server) return "serverAuth";
  return request.for_client ? "clientAuth" : nullptr;
}

// RFC 5280 §4.2.1. The subject's key identifier comes first: a root's authority identifier is made of it.
bool set_extensions(X509* certificate, X509* issuer, const CertificateRequest& request) {
  const char* usage = request.is_ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature";
  const char* extended = extended_usage(request);
  return add_extension(certificate, issuer, NID_basic_constraints,
                       request.is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
         add_extension(certificate, issuer, NID_key_usage, usage) &&
         (extended == nullptr || add_extension(certificate, issuer, NID_ext_key_usage, extended)) &&
         add_extension(certificate, issuer, NID_subject_key_identifier, "hash") &&
         add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always") &&
         set_alternative_names(certificate, request);
}

std::string text_of_bio(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

Result<std::string> certificate_as_pem(X509* certificate) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  if (!out || PEM_write_bio_X509(out.get(), certificate) != 1) return failed("write the certificate");
  return text_of_bio(out.get());
}

// PKCS#8 (RFC 5958); with a passphrase PBES2 with AES-256-CBC.
Result<Secret> key_as_pem(EVP_PKEY* key, const Secret* passphrase) {
  if (passphrase != nullptr && (passphrase->empty() || passphrase->size() > PEM_BUFSIZE))
    return fail(ErrorKind::internal, "make a certificate: the passphrase must have 1 to {} bytes",
                PEM_BUFSIZE);
  const BioPtr out(BIO_new(BIO_s_mem()));
  const char* text = passphrase != nullptr ? passphrase->reveal_text().data() : nullptr;
  const int size = passphrase != nullptr ? static_cast<int>(passphrase->size()) : 0;
  const EVP_CIPHER* cipher = passphrase != nullptr ? EVP_aes_256_cbc() : nullptr;
  if (!out || PEM_write_bio_PKCS8PrivateKey(out.get(), key, cipher, text, size, nullptr, nullptr) != 1)
    return failed("write the key");
  char* data = nullptr;
  const long written = BIO_get_mem_data(out.get(), &data);
  const std::span<char> plain(data, written > 0 ? static_cast<std::size_t>(written) : 0);
  Secret pem(std::as_bytes(plain));
  wipe(std::as_writable_bytes(plain));
  return pem;
}

Result<X509Ptr> build(const CertificateRequest& request, EVP_PKEY* key, const Signer* issuer) {
  X509Ptr certificate(X509_new());
  if (!certificate) return failed("begin");
  X509* raw = certificate.get();
  X509* issuer_certificate = issuer != nullptr ? issuer->certificate : raw;
  constexpr long version_3 = 2;
  if (X509_set_version(raw, version_3) != 1 || !set_serial(raw)) return failed("set the serial number");
  if (!set_dates(raw, request)) return failed("set the dates");
  if (!set_subject(raw, request.common_name)) return failed("set the common name (1 to 64 characters)");
  if (X509_set_issuer_name(raw, X509_get_subject_name(issuer_certificate)) != 1)
    return failed("set the issuer");
  if (X509_set_pubkey(raw, key) != 1) return failed("set the public key");
  if (!set_extensions(raw, issuer_certificate, request)) return failed("set the extensions");
  if (X509_sign(raw, issuer != nullptr ? issuer->key : key, EVP_sha256()) == 0) return failed("sign");
  return certificate;
}

// Never asks at a terminal, which is what OpenSSL does when it is given no callback.
int no_passphrase(char*, int, int, void*) { return -1; }

Result<Identity> export_identity(X509* certificate, EVP_PKEY* key, const Secret* passphrase) {
  auto text = certificate_as_pem(certificate);
  if (!text) return std::unexpected(std::move(text.error()));
  auto secret = key_as_pem(key, passphrase);
  if (!secret) return std::unexpected(std::move(secret.error()));
  return Identity{std::move(*text), std::move(*secret)};
}

}  // namespace

Result<Identity> make_certificate(const CertificateRequest& request, const Identity* issuer,
                                  const Secret* passphrase) {
  const CleanErrorQueue queue;
  const KeyPtr key(EVP_EC_gen("P-256"));
  if (!key) return failed("generate the key");
  if (issuer == nullptr) {
    auto root = build(request, key.get(), nullptr);
    if (!root) return std::unexpected(std::move(root.error()));
    return export_identity(root->get(), key.get(), passphrase);
  }
  const BioPtr certificate_pem = view_as_bio(bytes_of(issuer->certificate));
  const BioPtr key_pem = view_as_bio(issuer->key.reveal());
  if (!certificate_pem || !key_pem) return failed("read the issuer");
  const X509Ptr signing(PEM_read_bio_X509(certificate_pem.get(), nullptr, nullptr, nullptr));
  if (!signing) return failed("read the issuer's certificate");
  const KeyPtr signing_key(PEM_read_bio_PrivateKey(key_pem.get(), nullptr, no_passphrase, nullptr));
  if (!signing_key) return failed("read the issuer's key");
  const Signer signer{signing.get(), signing_key.get()};
  auto made = build(request, key.get(), &signer);
  if (!made) return std::unexpected(std::move(made.error()));
  return export_identity(made->get(), key.get(), passphrase);
}

}  // namespace keyway::net
