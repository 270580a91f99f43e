// What is inside a TlsContext. For the .cpp files of core/net only; not installed.
#pragma once

#include <string>

#include <asio/ssl/context.hpp>

#include <core/net/openssl.h>
#include <core/net/tls.h>

namespace keyway::net {

struct TlsContext::Impl {
  // Asio's context frees `made` in its destructor. Its own setters stay unused: they would replace the
  // verification callback, and keep the passphrase's owner for as long as the context lives.
  explicit Impl(SslContextPtr made) : context(made.release()) {}

  asio::ssl::context context;
  bool is_server = false;
  bool has_certificate = false;
  std::string server_name;  // as in TlsSettings
  std::string trust;        // for messages: "the certificates in /etc/kms/ca.pem"
};

}  // namespace keyway::net
