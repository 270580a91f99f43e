// TLS failures in words a person can act on. For the .cpp files of core/net only; not installed.
#pragma once

#include <string>
#include <string_view>
#include <system_error>

#include <core/error.h>
#include <core/net/openssl.h>

namespace keyway::net {

// VerifyFailure is why, and at which certificate, verification of the peer stopped.
struct VerifyFailure {
  int code = X509_V_OK;
  X509Ptr certificate;
};

// remember_verify_failure is the verification callback of every context. It never changes the verdict; it
// notes the failure in what record_verify_failure gave the connection, because OpenSSL itself keeps only the
// code.
int remember_verify_failure(int verdict, X509_STORE_CTX* verification) noexcept;
// record_verify_failure makes `failure` the place for notes of `ssl`; it must outlive it. False: no memory.
bool record_verify_failure(SSL* ssl, VerifyFailure* failure);

// Situation is what an explanation needs to know of a connection.
struct Situation {
  std::string peer;           // "kms:5696"
  std::string expected_name;  // the name or address the server's certificate must have
  std::string trust;          // "the certificates in /etc/kms/ca.pem"
  bool peer_is_client = false;
  bool has_certificate = false;  // we have one to present
};

enum class Phase { handshake, traffic };

// explain_tls makes an error of kind unreachable of what Asio or OpenSSL reported in `code`; `doing` starts
// its text: "read from kms:5696".
Error explain_tls(std::string_view doing, Phase phase, const Situation& situation,
                  const std::error_code& code, const VerifyFailure& failure);

}  // namespace keyway::net
