#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include <openssl/x509_vfy.h>

#include <core/net/endpoint.h>
#include <core/net/pem.h>
#include <core/net/tls.h>
#include <core/net/tls_context.h>
#include <core/net/tls_errors.h>

namespace keyway::net {

// TLS 1.2 only; the suites of TLS 1.3 are all AEAD and OpenSSL's own list. Forward secrecy throughout.
const char* const default_ciphers =
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384:"
    "ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256";

namespace {

namespace fs = std::filesystem;

// The three things that may be a file or a text.
PemSource certificate_of(const TlsSettings& settings) {
  return {"certificate file", "the certificate", settings.certificate_file, settings.certificate_pem};
}
PemSource key_of(const TlsSettings& settings) {
  return {"key file", "the private key", settings.key_file, settings.key_pem};
}
PemSource ca_of(const TlsSettings& settings) {
  return {"CA file", "the CA certificates", settings.ca_file, settings.ca_pem};
}

Result<void> check_sources(const TlsSettings& settings) {
  for (const PemSource& source : {certificate_of(settings), key_of(settings), ca_of(settings)})
    if (auto good = check_source(source); !good) return good;
  return {};
}

Result<void> use_certificate(SSL_CTX* context, const PemSource& source, std::vector<X509Ptr> certificates) {
  bool done = SSL_CTX_use_certificate(context, certificates.front().get()) == 1;
  for (std::size_t i = 1; done && i < certificates.size(); ++i)
    done = SSL_CTX_add1_chain_cert(context, certificates[i].get()) == 1;
  if (done) return {};
  return fail(ErrorKind::invalid_input, "{}: {}", source.name(), take_openssl_error());
}

// A certificate and a key come together, or neither does.
Result<void> check_pair(const PemSource& certificate, const PemSource& key) {
  if (certificate.given() == key.given()) return {};
  if (certificate.given())
    return fail_with_advice(
        ErrorKind::invalid_input,
        fmt::format("give the {} that belongs to it", certificate.is_file() ? "key file" : "private key"),
        "{}: no {} was given", certificate.name(), certificate.is_file() ? "key file" : "private key");
  return fail_with_advice(
      ErrorKind::invalid_input,
      fmt::format("give the {} that belongs to it", key.is_file() ? "certificate file" : "certificate"),
      "{}: no {} was given", key.name(), key.is_file() ? "certificate file" : "certificate");
}

// Presents the own certificate and key, or neither.
Result<void> present(SSL_CTX* context, const TlsSettings& settings) {
  const CleanErrorQueue queue;
  const PemSource certificate = certificate_of(settings), key_source = key_of(settings);
  if (auto good = check_pair(certificate, key_source); !good || !certificate.given()) return good;
  auto certificates = read_certificates(certificate);
  if (!certificates) return std::unexpected(std::move(certificates.error()));
  const auto key = read_key(key_source, settings.passphrase);
  if (!key) return std::unexpected(key.error());
  if (X509_check_private_key(certificates->front().get(), key->get()) != 1)
    return fail_with_advice(
        ErrorKind::invalid_input, "the first certificate must be the one made for this key",
        "{}: the key does not belong to the certificate{}{} ({})", key_source.name(),
        certificate.is_file() ? " in " : "", certificate.path, subject_of(certificates->front().get()));
  auto used = use_certificate(context, certificate, std::move(*certificates));
  if (!used) return used;
  if (SSL_CTX_use_PrivateKey(context, key->get()) != 1)
    return fail(ErrorKind::invalid_input, "{}: {}", key_source.name(), take_openssl_error());
  return {};
}

Result<void> trust_certificates(SSL_CTX* context, const PemSource& source, bool is_server) {
  const CleanErrorQueue queue;
  const auto certificates = read_certificates(source);
  if (!certificates) return std::unexpected(certificates.error());
  for (const X509Ptr& certificate : *certificates) {
    bool done = X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get()) == 1;
    // A server names the CAs it accepts, so that a client with several certificates picks the right one.
    if (done && is_server) done = SSL_CTX_add_client_CA(context, certificate.get()) == 1;
    if (!done) return fail(ErrorKind::invalid_input, "{}: {}", source.name(), take_openssl_error());
  }
  return {};
}

// OpenSSL finds a CA in a folder only under its subject's hash: "1a2b3c4d.0".
bool is_hash_name(const std::string& name) {
  constexpr std::size_t digits = 8;
  return name.size() > digits + 1 && name[digits] == '.' &&
         name.find_first_not_of("0123456789abcdef") == digits &&
         name.find_first_not_of("0123456789", digits + 1) == std::string::npos;
}

Result<void> trust_directory(SSL_CTX* context, const std::string& path) {
  const CleanErrorQueue queue;
  std::error_code error;
  fs::directory_iterator entry(path, error);
  if (error)
    return fail(
        error == std::errc::no_such_file_or_directory ? ErrorKind::not_found : ErrorKind::invalid_input,
        "CA folder {}: {}", path, error.message());
  bool found = false;
  for (; !error && entry != fs::directory_iterator(); entry.increment(error))
    found = found || is_hash_name(entry->path().filename().string());
  if (!found)
    return fail_with_advice(ErrorKind::invalid_input, fmt::format("run: openssl rehash {}", path),
                            "CA folder {}: no certificate under a hashed name inside", path);
  if (SSL_CTX_load_verify_dir(context, path.c_str()) != 1)
    return fail(ErrorKind::invalid_input, "CA folder {}: {}", path, take_openssl_error());
  return {};
}

// Loads what to trust; the result says it in words.
Result<std::string> trust(SSL_CTX* context, const TlsSettings& settings, bool is_server) {
  const CleanErrorQueue queue;
  std::string words;
  if (const PemSource ca = ca_of(settings); ca.given()) {
    const auto done = trust_certificates(context, ca, is_server);
    if (!done) return std::unexpected(done.error());
    words =
        ca.is_file() ? fmt::format("the certificates in {}", ca.path) : "the CA certificates that were given";
  }
  if (!settings.ca_directory.empty()) {
    const auto done = trust_directory(context, settings.ca_directory);
    if (!done) return std::unexpected(done.error());
    words += fmt::format("{}the CA folder {}", words.empty() ? "" : " and ", settings.ca_directory);
  }
  if (!words.empty()) return words;
  // For clients the system's store would mean: whoever holds a certificate of any public CA.
  if (is_server)
    return fail_with_advice(ErrorKind::invalid_input, "give a CA certificate",
                            "no CA was given whose client certificates the server shall accept");
  if (SSL_CTX_set_default_verify_paths(context) != 1)
    return fail(ErrorKind::internal, "the system's CA store cannot be opened: {}", take_openssl_error());
  return "the system's CA store";
}

Result<SslContextPtr> new_context(const TlsSettings& settings, bool is_server) {
  const CleanErrorQueue queue;
  SslContextPtr context(SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method()));
  SSL_CTX* raw = context.get();
  if (raw == nullptr || SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_max_proto_version(raw, 0) != 1)
    return fail(ErrorKind::internal, "TLS cannot be set up: {}", take_openssl_error());
  SSL_CTX_set_options(raw, SSL_OP_CLEANSE_PLAINTEXT | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  const std::string ciphers = settings.ciphers.empty() ? default_ciphers : settings.ciphers;
  if (SSL_CTX_set_cipher_list(raw, ciphers.c_str()) != 1)
    return fail_with_advice(ErrorKind::invalid_input, "see \"openssl ciphers\" for the syntax",
                            "cipher list \"{}\": {}", printable(ciphers), take_openssl_error());
  // A client's FAIL_IF_NO_PEER_CERT is ignored; a server's makes the client certificate mandatory.
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, remember_verify_failure);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  return context;
}

Result<void> harden_server(SSL_CTX* context) {
  const CleanErrorQueue queue;
  // No resumption: every connection proves its client certificate anew. The identifier is set all the same,
  // because OpenSSL refuses resumption with client certificates outright when it is missing.
  constexpr unsigned char name[] = "keyway";
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
  if (SSL_CTX_set_num_tickets(context, 0) == 1 &&
      SSL_CTX_set_session_id_context(context, name, sizeof name - 1) == 1)
    return {};
  return fail(ErrorKind::internal, "TLS cannot be set up: {}", take_openssl_error());
}

Result<std::unique_ptr<TlsContext::Impl>> make(const TlsSettings& settings, bool is_server) {
  if (auto good = check_sources(settings); !good) return std::unexpected(std::move(good.error()));
  auto context = new_context(settings, is_server);
  if (!context) return std::unexpected(std::move(context.error()));
  auto trusted = trust(context->get(), settings, is_server);
  if (!trusted) return std::unexpected(std::move(trusted.error()));
  auto presented = present(context->get(), settings);
  if (!presented) return std::unexpected(std::move(presented.error()));
  auto impl = std::make_unique<TlsContext::Impl>(std::move(*context));
  impl->is_server = is_server;
  impl->has_certificate = certificate_of(settings).given();
  impl->server_name = settings.server_name;
  impl->trust = std::move(*trusted);
  return impl;
}

}  // namespace

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<const TlsContext>> TlsContext::client(const TlsSettings& settings) {
  if (!settings.server_name.empty() && !is_host(settings.server_name))
    return fail(ErrorKind::invalid_input, "server name \"{}\": neither a host name nor an address",
                printable(settings.server_name, 128));
  auto impl = make(settings, false);
  if (!impl) return std::unexpected(std::move(impl.error()));
  return std::make_shared<const TlsContext>(std::move(*impl));
}

Result<std::shared_ptr<const TlsContext>> TlsContext::server(const TlsSettings& settings) {
  if (!certificate_of(settings).given())
    return fail_with_advice(ErrorKind::invalid_input, "give a certificate and its key",
                            "a TLS server needs a certificate");
  auto impl = make(settings, true);
  if (!impl) return std::unexpected(std::move(impl.error()));
  auto hardened = harden_server((*impl)->context.native_handle());
  if (!hardened) return std::unexpected(std::move(hardened.error()));
  return std::make_shared<const TlsContext>(std::move(*impl));
}

}  // namespace keyway::net
