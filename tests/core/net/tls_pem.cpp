// TLS settings whose certificate, key and CA are PEM text, not files.
#include <functional>
#include <string>

#include <doctest/doctest.h>
#include <openssl/err.h>

#include <tests/core/net/fixture.h>

using namespace keyway;
using namespace keyway::net;
using namespace keyway::net::test;

namespace {

const Secret& passphrase() {
  static const Secret made(Text("correct horse"));
  return made;
}

const Identity& client_identity() {
  static const Identity made = must_make(client_request(), &pki().ca);
  return made;
}

// A client that has no file at all.
TlsSettings client_of_text() {
  TlsSettings settings;
  settings.ca_pem = pki().ca.certificate;
  settings.certificate_pem = client_identity().certificate;
  settings.key_pem = client_identity().key.reveal_text();
  return settings;
}

void check_fails(const TlsSettings& settings, std::initializer_list<Text> says) {
  const auto context = TlsContext::client(settings);
  REQUIRE_FALSE(context);
  const std::string text = describe(context.error());
  CAPTURE(text);
  CHECK(context.error().kind == ErrorKind::invalid_input);
  for (const Text part : says) CHECK(contains(text, part));
  CHECK(ERR_peek_error() == 0);
}

}  // namespace

TEST_CASE("both sides present and trust what they were given as text") {
  const Identity identity = must_make(server_request(), &pki().ca);
  TlsSettings settings;
  settings.ca_pem = pki().ca.certificate;
  settings.certificate_pem = identity.certificate;
  settings.key_pem = identity.key.reveal_text();
  const Meeting meeting = meet(server_context(settings), client_context(client_of_text()));
  CHECK_FALSE(meeting.client_error);
  CHECK_FALSE(meeting.server_error);
  CHECK(meeting.client_sees == "CN=test server");
  CHECK(meeting.server_sees == "CN=test client");
}

TEST_CASE("the texts are not needed once the context is made") {
  std::string ca = pki().ca.certificate, certificate = client_identity().certificate;
  Secret key = client_identity().key.duplicate();
  TlsSettings settings;
  settings.ca_pem = ca;
  settings.certificate_pem = certificate;
  settings.key_pem = key.reveal_text();
  const auto context = client_context(settings);
  ca.assign(ca.size(), 'x');
  certificate.assign(certificate.size(), 'x');
  key = Secret();
  CHECK(meet(server_context(pki().server), context).server_sees == "CN=test client");
}

TEST_CASE("intermediates may follow the certificate, and other CAs the CA") {
  const Identity between = must_make(ca_request("intermediate"), &pki().ca);
  const Identity leaf = must_make(client_request(), &between);
  const Identity other = must_make(ca_request("another CA"), nullptr);
  const std::string chain = leaf.certificate + between.certificate;
  const std::string trusted =
      other.certificate + "\nthe one that counts:\n" + pki().ca.certificate + "\n \r\n";
  TlsSettings settings;
  settings.ca_pem = trusted;
  settings.certificate_pem = chain;
  settings.key_pem = leaf.key.reveal_text();
  const Meeting meeting = meet(server_context(pki().server), client_context(settings));
  CHECK_FALSE(meeting.client_error);
  CHECK_FALSE(meeting.server_error);
  CHECK(meeting.server_sees == "CN=test client");
}

TEST_CASE("files and texts may be mixed, and the last line need not end") {
  TlsSettings settings = pki().client;
  const Text key = client_identity().key.reveal_text();
  settings.certificate_file.clear();
  settings.certificate_pem = client_identity().certificate;
  settings.key_file.clear();
  settings.key_pem = key.substr(0, key.find_last_not_of('\n') + 1);
  CHECK(meet(server_context(pki().server), client_context(settings)).server_sees == "CN=test client");
}

TEST_CASE("a server of another CA is not trusted, and the error knows of no file") {
  const Identity other = must_make(ca_request("another CA"), nullptr);
  TlsSettings settings = client_of_text();
  settings.ca_pem = other.certificate;
  const Meeting meeting = meet(server_context(pki().server), client_context(settings));
  REQUIRE(meeting.client_error);
  CHECK(contains(describe(*meeting.client_error), "trusted are the CA certificates that were given"));
}

TEST_CASE("every text that cannot be used is named, with the reason") {
  const std::string garbage = "hunter2 is no PEM\n";
  const std::string damaged = "-----BEGIN CERTIFICATE-----\nMIIBAAAA\n-----END CERTIFICATE-----\n";
  const std::string half = pki().ca.certificate + "-----BEGIN CERTIFICATE-----\nMII";
  const std::string more = client_identity().certificate + garbage;
  const std::string more_key = std::string(client_identity().key.reveal_text()) + garbage;
  const Identity stranger = must_make(client_request(), &pki().ca);
  const struct {
    std::string name;
    std::function<void(TlsSettings&)> change;
    std::initializer_list<Text> says;
  } cases[] = {
      {"CA is garbage", [&](auto& s) { s.ca_pem = garbage; }, {"the CA certificates: no PEM certificate"}},
      {"CA is blank", [&](auto& s) { s.ca_pem = " \n"; }, {"the CA certificates: no PEM certificate"}},
      {"CA is DER", [&](auto& s) { s.ca_pem = "\x30\x82"; }, {"the CA certificates", "looks like DER"}},
      {"CA is damaged",
       [&](auto& s) { s.ca_pem = damaged; },
       {"the CA certificates: certificate 1 cannot be"}},
      {"CA is cut off", [&](auto& s) { s.ca_pem = half; }, {"the CA certificates: something else follows"}},
      {"certificate is garbage",
       [&](auto& s) { s.certificate_pem = garbage; },
       {"the certificate: no PEM certificate"}},
      {"certificate with garbage",
       [&](auto& s) { s.certificate_pem = more; },
       {"the certificate: something else follows the last PEM block"}},
      {"certificate is none",
       [&](auto& s) { s.certificate_pem = {}; },
       {"the private key: no certificate was"}},
      {"key is none", [&](auto& s) { s.key_pem = {}; }, {"the certificate: no private key was given"}},
      {"key is garbage", [&](auto& s) { s.key_pem = garbage; }, {"the private key: no private key that can"}},
      {"key with garbage",
       [&](auto& s) { s.key_pem = more_key; },
       {"the private key: something else follows the last PEM block"}},
      {"key is a certificate",
       [&](auto& s) { s.key_pem = s.certificate_pem; },
       {"the private key: no private key that can be read"}},
      {"key of another",
       [&](auto& s) { s.key_pem = stranger.key.reveal_text(); },
       {"the private key: the key does not belong to the certificate (CN=test client)"}},
      {"key as a file, too",
       [&](auto& s) { s.key_file = pki().client.key_file; },
       {"the private key: given as text, and as key file", pki().client.key_file}},
      {"certificate as a file, too",
       [&](auto& s) { s.certificate_file = pki().client.certificate_file; },
       {"the certificate: given as text, and as certificate file"}},
      {"CA as a file, too",
       [&](auto& s) { s.ca_file = pki().client.ca_file; },
       {"the CA certificates: given as text, and as CA file"}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    TlsSettings settings = client_of_text();
    c.change(settings);
    check_fails(settings, c.says);
    CHECK_FALSE(contains(describe(TlsContext::client(settings).error()), "hunter2"));
  }
}

TEST_CASE("a server of texts must have a certificate and a CA as well") {
  TlsSettings settings = client_of_text();
  settings.ca_pem = {};
  auto context = TlsContext::server(settings);
  REQUIRE_FALSE(context);
  CHECK(contains(context.error().what, "client certificates"));
  settings = client_of_text();
  settings.certificate_pem = {};
  context = TlsContext::server(settings);
  REQUIRE_FALSE(context);
  CHECK(contains(context.error().what, "needs a certificate"));
}

TEST_CASE("an encrypted key of text opens with its passphrase only") {
  const Identity locked = must_make(client_request(), &pki().ca, &passphrase());
  TlsSettings settings = client_of_text();
  settings.certificate_pem = locked.certificate;
  settings.key_pem = locked.key.reveal_text();
  check_fails(settings, {"the private key: it is encrypted and no passphrase was given"});

  int asked = 0;
  settings.passphrase = [&]() -> Result<Secret> {
    ++asked;
    return Secret(Text("wrong horse"));
  };
  check_fails(settings, {"the private key: it does not open with this passphrase", "check the passphrase"});
  CHECK(asked == 1);

  settings.passphrase = [&]() -> Result<Secret> {
    ++asked;
    return passphrase().duplicate();
  };
  CHECK(meet(server_context(pki().server), client_context(settings)).server_sees == "CN=test client");
  CHECK(asked == 2);
}
