// Owners for OpenSSL's objects and its error queue. For the .cpp files of core/net only; not installed.
#pragma once

#include <memory>
#include <string>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <core/bytes.h>

namespace keyway::net {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const noexcept {
    release(object);
  }
};

using BioPtr = std::unique_ptr<BIO, Release<BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, Release<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using SslContextPtr = std::unique_ptr<SSL_CTX, Release<SSL_CTX_free>>;

// The queue is per thread and outlives the call that failed. While one of these lives, the entries in it are
// of this function's calls, and none is left for the next.
struct CleanErrorQueue {
  CleanErrorQueue() noexcept { ERR_clear_error(); }
  CleanErrorQueue(const CleanErrorQueue&) = delete;
  CleanErrorQueue& operator=(const CleanErrorQueue&) = delete;
  ~CleanErrorQueue() { ERR_clear_error(); }
};

// take_openssl_error is the oldest entry, the cause, in OpenSSL's words; it empties the queue.
std::string take_openssl_error();

// view_as_bio reads `bytes` in place; they must outlive it. Null when memory is out.
BioPtr view_as_bio(Bytes bytes);

// subject_of and issuer_of: "CN=kms,O=Example" (RFC 4514), safe to print.
std::string subject_of(const X509* certificate);
std::string issuer_of(const X509* certificate);
// names_of lists what a certificate is valid for: "DNS kms.example, IP 10.0.0.1"; safe to print.
std::string names_of(X509* certificate);
// date_of: "2031-05-01 12:00:00 UTC".
std::string date_of(const ASN1_TIME* time);

}  // namespace keyway::net
