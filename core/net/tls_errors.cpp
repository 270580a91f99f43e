#include <utility>

#include <asio/error.hpp>
#include <asio/ssl/error.hpp>
#include <openssl/sslerr.h>
#include <openssl/tls1.h>
#include <openssl/x509_vfy.h>

#include <core/net/tls_errors.h>

namespace keyway::net {
namespace {

int ssl_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

struct Words {
  std::string what;
  std::string advice;
};

std::string_view role(const Situation& situation) { return situation.peer_is_client ? "client" : "server"; }

Words explain_dates(X509* certificate, std::string_view whose, bool expired) {
  const std::string date =
      date_of(expired ? X509_get0_notAfter(certificate) : X509_get0_notBefore(certificate));
  return {fmt::format("{} certificate ({}) {} {}", whose, subject_of(certificate),
                      expired ? "expired on" : "is not valid before", date),
          expired ? "renew the certificate, or check this machine's clock" : "check this machine's clock"};
}

Words explain_verification(const Situation& situation, const VerifyFailure& failure) {
  X509* certificate = failure.certificate.get();
  const std::string whose = fmt::format("the {}'s", role(situation));
  const char* reason = X509_verify_cert_error_string(failure.code);
  if (certificate == nullptr) return {fmt::format("{} certificate was not accepted: {}", whose, reason), {}};
  switch (failure.code) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return {fmt::format("{} certificate is not for \"{}\" but for: {}", whose, situation.expected_name,
                          names_of(certificate)),
              "connect by one of these names, or set the server name to one of them"};
    case X509_V_ERR_CERT_HAS_EXPIRED: return explain_dates(certificate, whose, true);
    case X509_V_ERR_CERT_NOT_YET_VALID: return explain_dates(certificate, whose, false);
    default:
      return {fmt::format("{} certificate is not trusted: {} (subject {}, issuer {})", whose, reason,
                          subject_of(certificate), issuer_of(certificate)),
              fmt::format("trusted are {}; the CA that issued the {}'s certificate must be among them",
                          situation.trust, role(situation))};
  }
}

std::string_view alert_name(int alert) {
  // OpenSSL 3.0 has no text for this one of TLS 1.3.
  return alert == SSL_AD_CERTIFICATE_REQUIRED ? "certificate required" : SSL_alert_desc_string_long(alert);
}

// What the peer's alert says about our certificate. RFC 8446 §6.2.
Words explain_certificate_alert(const Situation& situation, int alert) {
  const std::string_view peer = role(situation);
  const std::string_view name = alert_name(alert);
  if (!situation.has_certificate)
    return {fmt::format("the {} requires a client certificate (alert: {})", peer, name),
            "give a certificate and key that the server accepts"};
  if (alert == SSL_AD_UNKNOWN_CA)
    return {fmt::format("the {} does not trust the CA of our certificate (alert: {})", peer, name),
            situation.peer_is_client ? "the client's CA file must contain the CA of this server's certificate"
                                     : "use a certificate that was issued for this server"};
  return {fmt::format("the {} rejected our certificate (alert: {})", peer, name),
          fmt::format("check the certificate's dates and purpose; the {}'s log says more", peer)};
}

Words explain_alert(const Situation& situation, int alert) {
  const std::string_view peer = role(situation);
  switch (alert) {
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_ACCESS_DENIED:
    case SSL_AD_CERTIFICATE_REQUIRED: return explain_certificate_alert(situation, alert);
    // Under TLS 1.2 a missing client certificate and a missing common cipher look the same.
    case SSL_AD_HANDSHAKE_FAILURE:
      return {fmt::format("the {} refused the TLS handshake (alert: handshake failure)", peer),
              situation.has_certificate ? "it may not accept our certificate, or none of our cipher suites"
                                        : "it may require a client certificate, and none was given"};
    case SSL_AD_PROTOCOL_VERSION:
      return {fmt::format("the {} refuses TLS 1.2 and 1.3 (alert: protocol version)", peer),
              fmt::format("enable TLS 1.2 or later on the {}", peer)};
    case SSL_AD_UNRECOGNIZED_NAME:
      return {fmt::format("the {} does not know the name \"{}\" (alert: unrecognized name)", peer,
                          situation.expected_name),
              "set the server name to one that the server knows"};
    default:
      return {fmt::format("the {} ended the connection with a TLS alert: {}", peer, alert_name(alert)),
              fmt::format("the {}'s log says more", peer)};
  }
}

bool is_not_tls(int reason) {
  return reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_PACKET_LENGTH_TOO_LONG ||
         reason == SSL_R_UNEXPECTED_MESSAGE || reason == SSL_R_HTTP_REQUEST ||
         reason == SSL_R_HTTPS_PROXY_REQUEST || reason == SSL_R_BAD_RECORD_TYPE ||
         reason == SSL_R_RECORD_LENGTH_MISMATCH;
}

std::string reason_text(unsigned long code) {
  const char* text = ERR_reason_error_string(code);
  return text != nullptr ? text : fmt::format("OpenSSL error {:#x}", code);
}

Words explain_openssl(Phase phase, const Situation& situation, unsigned long code) {
  const std::string_view peer = role(situation);
  const int reason = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
  if (reason > SSL_AD_REASON_OFFSET) return explain_alert(situation, reason - SSL_AD_REASON_OFFSET);
  if (phase == Phase::handshake && is_not_tls(reason))
    return {fmt::format("the {} answered, but it does not speak TLS ({})", peer, reason_text(code)),
            situation.peer_is_client ? "the client must connect with TLS" : "check the port"};
  switch (reason) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
      return {fmt::format("the {} speaks only an outdated version of TLS", peer),
              fmt::format("enable TLS 1.2 or later on the {}", peer)};
    case SSL_R_NO_SHARED_CIPHER:
      return {fmt::format("no cipher suite in common with the {}", peer), "check the cipher list"};
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return {"the client presented no certificate", "the client must be given a certificate and key"};
    default: return {fmt::format("TLS failed: {}", reason_text(code)), {}};
  }
}

bool is_end_of_stream(const std::error_code& code) {
  return code == asio::error::eof || code == asio::ssl::error::stream_truncated ||
         code == asio::error::connection_reset || code == asio::error::broken_pipe;
}

Words explain(Phase phase, const Situation& situation, const std::error_code& code,
              const VerifyFailure& failure) {
  if (failure.code != X509_V_OK) return explain_verification(situation, failure);
  // Asio keeps OpenSSL's packed code in an int.
  if (code.category() == asio::error::get_ssl_category())
    return explain_openssl(phase, situation, static_cast<unsigned int>(code.value()));
  if (!is_end_of_stream(code)) return {code.message(), {}};
  const std::string how = code == asio::ssl::error::stream_truncated ? "" : ": " + code.message();
  if (phase == Phase::traffic)
    return {fmt::format("the {} closed the connection{}", role(situation), how), {}};
  return {fmt::format("the {} closed the connection during the TLS handshake{}", role(situation), how),
          situation.peer_is_client ? ""
                                   : "check that the port speaks TLS, and that the server lets this host in"};
}

}  // namespace

int remember_verify_failure(int verdict, X509_STORE_CTX* verification) noexcept {
  if (verdict == 1) return verdict;
  const auto* ssl =
      static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* failure = ssl != nullptr ? static_cast<VerifyFailure*>(SSL_get_ex_data(ssl, ssl_index())) : nullptr;
  if (failure == nullptr) return verdict;
  failure->code = X509_STORE_CTX_get_error(verification);
  X509* certificate = X509_STORE_CTX_get_current_cert(verification);
  if (certificate != nullptr && X509_up_ref(certificate) == 1) failure->certificate.reset(certificate);
  return verdict;
}

bool record_verify_failure(SSL* ssl, VerifyFailure* failure) {
  return SSL_set_ex_data(ssl, ssl_index(), failure) == 1;
}

Error explain_tls(std::string_view doing, Phase phase, const Situation& situation,
                  const std::error_code& code, const VerifyFailure& failure) {
  Words words = explain(phase, situation, code, failure);
  Error error{ErrorKind::unreachable, fmt::format("{}: {}", doing, words.what), std::move(words.advice), {}};
  // What TLS itself found wrong is so the next time; a connection that closed may just have met a restart.
  error.stays = failure.code != X509_V_OK || (phase == Phase::handshake && !is_end_of_stream(code));
  return error;
}

}  // namespace keyway::net
