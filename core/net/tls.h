// TLS settings and the context made of them once. Verification of chain and host name cannot be switched off.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <core/bytes.h>
#include <core/error.h>
#include <core/secret.h>

namespace keyway::net {

// What a client (or a server that asks for client certificates) needs. Paths are of PEM files.
struct TlsSettings {
  std::string ca_file;           // trust these; empty (with ca_directory): the system's store
  std::string ca_directory;      // a folder of hashed certificates
  std::string certificate_file;  // own certificate, with the intermediates after it; empty: none
  std::string key_file;          // own private key, may be encrypted
  // PEM text in place of the file of the same name; empty: none. A file and a text of the same thing exclude
  // each other. Views, needed only until client() or server() returns; nothing keeps a copy of key_pem.
  Text ca_pem, certificate_pem, key_pem;
  std::function<Result<Secret>()> passphrase;  // asked at most once, and only when the key is encrypted
  std::string server_name;                     // verify and send this name instead of the endpoint's host
  std::string ciphers;  // TLS 1.2 cipher list in OpenSSL's syntax; empty: default_ciphers
};

// AEAD suites first; the ECDHE CBC-SHA256/384 suites stay at the end because PyKMIP's server takes no others.
extern const char* const default_ciphers;

// TlsContext is built once per configuration and shared by all its connections (parsing PEM files costs as
// much as a handshake). Immutable and thread-safe after it is made.
class TlsContext {
 public:
  // Errors: not_found for a missing file; invalid_input for a file or text that cannot be used: which ("key
  // file /x.key", "the private key"), and why, in OpenSSL's words, never with its content; a file and a text
  // of the same thing, a text in which something follows the last PEM block, a certificate and key that do
  // not belong together, a wrong passphrase.
  static Result<std::shared_ptr<const TlsContext>> client(const TlsSettings& settings);
  // A server's: presents the certificate and requires a client certificate that chains to ca_file,
  // ca_pem or ca_directory. One of these must be given: the system's store would let in clients of every
  // public CA.
  static Result<std::shared_ptr<const TlsContext>> server(const TlsSettings& settings);

  struct Impl;  // tls_context.h, for core/net only
  explicit TlsContext(std::unique_ptr<Impl> impl);
  ~TlsContext();
  Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace keyway::net
