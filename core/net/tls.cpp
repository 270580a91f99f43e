#include <algorithm>
#include <cstring>
#include <exception>
#include <filesystem>
#include <optional>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <core/file.h>
#include <core/net/endpoint.h>
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

constexpr std::size_t largest_pem_file = 8 << 20;  // bytes; a system's whole CA bundle has about 0.3 MB

Result<Secret> read_pem(const std::string& path, std::string_view what) {
  auto content = read_file(path, largest_pem_file);
  if (!content) content.error().what = fmt::format("{}: {}", what, content.error().what);
  return content;
}

Error no_certificate(const std::string& path, std::string_view what, Text content) {
  const bool is_der = content.starts_with('\x30');  // a DER SEQUENCE
  return Error{ErrorKind::invalid_input,
               fmt::format("{} {}: no PEM certificate inside", what, path),
               is_der ? fmt::format("it looks like DER; convert it: openssl x509 -inform DER -in {}", path)
                      : std::string("it must contain \"-----BEGIN CERTIFICATE-----\""),
               {}};
}

Result<std::vector<X509Ptr>> read_certificates(const std::string& path, std::string_view what) {
  const CleanErrorQueue queue;
  const auto content = read_pem(path, what);
  if (!content) return std::unexpected(content.error());
  const BioPtr bio = view_as_bio(content->reveal());
  std::vector<X509Ptr> certificates;
  for (;;) {
    X509Ptr certificate(bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
    if (!certificate) break;
    certificates.push_back(std::move(certificate));
  }
  // The end of the file is reported as a missing start line; anything else is a damaged certificate.
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!at_end)
    return fail(ErrorKind::invalid_input, "{} {}: certificate {} cannot be read: {}", what, path,
                certificates.size() + 1, take_openssl_error());
  if (certificates.empty()) return std::unexpected(no_certificate(path, what, content->reveal_text()));
  return certificates;
}

// What the passphrase callback needs and leaves behind.
struct Asking {
  const TlsSettings& settings;
  bool asked = false;
  Secret passphrase;
  std::optional<Error> error;
};

Result<Secret> ask(const TlsSettings& settings) {
  if (!settings.passphrase)
    return fail_with_advice(ErrorKind::invalid_input, "give its passphrase",
                            "key file {}: it is encrypted and no passphrase was given", settings.key_file);
  try {
    return settings.passphrase();
  } catch (const std::exception&) {
    return fail(ErrorKind::internal, "key file {}: asking for its passphrase failed", settings.key_file);
  }
}

// OpenSSL may come here twice for one file (it tries two decoders); the user is asked once.
int passphrase_callback(char* out, int size, int, void* data) {
  auto& asking = *static_cast<Asking*>(data);
  if (!std::exchange(asking.asked, true)) {
    auto answer = ask(asking.settings);
    if (answer) asking.passphrase = std::move(*answer);
    if (!answer) asking.error = std::move(answer.error());
  }
  const std::size_t length = asking.passphrase.size();
  if (!asking.error && length > static_cast<std::size_t>(size))
    asking.error = Error{
        ErrorKind::invalid_input,
        fmt::format("key file {}: the passphrase is longer than {} bytes", asking.settings.key_file, size),
        {},
        {}};
  if (asking.error) return -1;
  if (length > 0) std::memcpy(out, asking.passphrase.reveal().data(), length);
  return static_cast<int>(length);
}

Result<KeyPtr> read_key(const TlsSettings& settings) {
  const CleanErrorQueue queue;
  const auto content = read_pem(settings.key_file, "key file");
  if (!content) return std::unexpected(content.error());
  Asking asking{.settings = settings, .asked = false, .passphrase = {}, .error = {}};
  const BioPtr bio = view_as_bio(content->reveal());
  KeyPtr key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, passphrase_callback, &asking) : nullptr);
  if (key) return key;
  if (asking.error) return std::unexpected(std::move(*asking.error));
  if (asking.asked)
    return fail_with_advice(ErrorKind::invalid_input, "check the passphrase",
                            "key file {}: it does not open with this passphrase: {}", settings.key_file,
                            take_openssl_error());
  return fail_with_advice(ErrorKind::invalid_input, "it must contain a private key in PEM form",
                          "key file {}: no private key that can be read: {}", settings.key_file,
                          take_openssl_error());
}

Result<void> use_certificate(SSL_CTX* context, const TlsSettings& settings,
                             std::vector<X509Ptr> certificates) {
  bool done = SSL_CTX_use_certificate(context, certificates.front().get()) == 1;
  for (std::size_t i = 1; done && i < certificates.size(); ++i)
    done = SSL_CTX_add1_chain_cert(context, certificates[i].get()) == 1;
  if (done) return {};
  return fail(ErrorKind::invalid_input, "certificate file {}: {}", settings.certificate_file,
              take_openssl_error());
}

// Presents the own certificate and key, or neither.
Result<void> present(SSL_CTX* context, const TlsSettings& settings) {
  const CleanErrorQueue queue;
  if (settings.certificate_file.empty() && settings.key_file.empty()) return {};
  if (settings.key_file.empty())
    return fail_with_advice(ErrorKind::invalid_input, "give the key file that belongs to it",
                            "certificate file {}: no key file was given", settings.certificate_file);
  if (settings.certificate_file.empty())
    return fail_with_advice(ErrorKind::invalid_input, "give the certificate file that belongs to it",
                            "key file {}: no certificate file was given", settings.key_file);
  auto certificates = read_certificates(settings.certificate_file, "certificate file");
  if (!certificates) return std::unexpected(std::move(certificates.error()));
  const auto key = read_key(settings);
  if (!key) return std::unexpected(key.error());
  if (X509_check_private_key(certificates->front().get(), key->get()) != 1)
    return fail_with_advice(ErrorKind::invalid_input,
                            "the certificate file's first certificate must be the one made for this key",
                            "key file {}: the key does not belong to the certificate in {} ({})",
                            settings.key_file, settings.certificate_file,
                            subject_of(certificates->front().get()));
  auto used = use_certificate(context, settings, std::move(*certificates));
  if (!used) return used;
  if (SSL_CTX_use_PrivateKey(context, key->get()) != 1)
    return fail(ErrorKind::invalid_input, "key file {}: {}", settings.key_file, take_openssl_error());
  return {};
}

Result<void> trust_file(SSL_CTX* context, const std::string& path, bool is_server) {
  const CleanErrorQueue queue;
  const auto certificates = read_certificates(path, "CA file");
  if (!certificates) return std::unexpected(certificates.error());
  for (const X509Ptr& certificate : *certificates) {
    bool done = X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get()) == 1;
    // A server names the CAs it accepts, so that a client with several certificates picks the right one.
    if (done && is_server) done = SSL_CTX_add_client_CA(context, certificate.get()) == 1;
    if (!done) return fail(ErrorKind::invalid_input, "CA file {}: {}", path, take_openssl_error());
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
  if (!settings.ca_file.empty()) {
    const auto done = trust_file(context, settings.ca_file, is_server);
    if (!done) return std::unexpected(done.error());
    words = fmt::format("the certificates in {}", settings.ca_file);
  }
  if (!settings.ca_directory.empty()) {
    const auto done = trust_directory(context, settings.ca_directory);
    if (!done) return std::unexpected(done.error());
    words += fmt::format("{}the CA folder {}", words.empty() ? "" : " and ", settings.ca_directory);
  }
  if (!words.empty()) return words;
  // For clients the system's store would mean: whoever holds a certificate of any public CA.
  if (is_server)
    return fail_with_advice(ErrorKind::invalid_input, "give a CA file",
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
  auto context = new_context(settings, is_server);
  if (!context) return std::unexpected(std::move(context.error()));
  auto trusted = trust(context->get(), settings, is_server);
  if (!trusted) return std::unexpected(std::move(trusted.error()));
  auto presented = present(context->get(), settings);
  if (!presented) return std::unexpected(std::move(presented.error()));
  auto impl = std::make_unique<TlsContext::Impl>(std::move(*context));
  impl->is_server = is_server;
  impl->has_certificate = !settings.certificate_file.empty();
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
  if (settings.certificate_file.empty())
    return fail_with_advice(ErrorKind::invalid_input, "give a certificate file and its key file",
                            "a TLS server needs a certificate");
  auto impl = make(settings, true);
  if (!impl) return std::unexpected(std::move(impl.error()));
  auto hardened = harden_server((*impl)->context.native_handle());
  if (!hardened) return std::unexpected(std::move(hardened.error()));
  return std::make_shared<const TlsContext>(std::move(*impl));
}

}  // namespace keyway::net
