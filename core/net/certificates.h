// Certificates made on the spot, for the embedded server and the tests. Not a CA for production.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <core/error.h>
#include <core/secret.h>

namespace keyway::net {

struct CertificateRequest {
  std::string common_name;
  std::vector<std::string> dns_names;     // subjectAltName
  std::vector<std::string> ip_addresses;  // subjectAltName, "127.0.0.1" or "::1"
  bool is_ca = false;
  bool for_server = false;  // extended key usage serverAuth
  bool for_client = false;  // extended key usage clientAuth
  std::chrono::sys_seconds not_before;
  std::chrono::sys_seconds not_after;
};

// A certificate and its private key (EC P-256), as PEM.
struct Identity {
  std::string certificate;
  Secret key;  // PKCS#8; encrypted when a passphrase was given
};

// make_certificate signs `request` with `issuer`, or with its own key when `issuer` is null (a root).
// An issuer's key must not be encrypted. Error: internal, in OpenSSL's words.
Result<Identity> make_certificate(const CertificateRequest& request, const Identity* issuer,
                                  const Secret* passphrase = nullptr);

}  // namespace keyway::net
