#include <functional>
#include <stdexcept>
#include <string>

#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <core/net/openssl.h>
#include <tests/core/net/fixture.h>

using namespace keyway;
using namespace keyway::net;
using namespace keyway::net::test;

namespace {

const Secret& passphrase() {
  static const Secret made(Text("correct horse"));
  return made;
}

// A client whose key is encrypted.
TlsSettings locked_client() {
  const Identity identity = must_make(client_request(), &pki().ca, &passphrase());
  TlsSettings settings = pki().client;
  settings.certificate_file = pki().folder.write("locked.pem", identity.certificate);
  settings.key_file = pki().folder.write("locked.key", identity.key.reveal_text());
  return settings;
}

struct Case {
  std::string name;
  std::function<void(TlsSettings&)> change;
  ErrorKind kind;
  std::string part_of_error;
  std::string path;  // named in the error
};

void check_fails(const Case& c, const Result<std::shared_ptr<const TlsContext>>& context) {
  REQUIRE_FALSE(context);
  const std::string text = describe(context.error());
  CAPTURE(text);
  CHECK(context.error().kind == c.kind);
  CHECK(contains(text, c.part_of_error));
  CHECK(contains(text, c.path));
  CHECK(ERR_peek_error() == 0);
}

}  // namespace

TEST_CASE("every file that cannot be used is named, with the reason") {
  const Folder& folder = pki().folder;
  const std::string text = folder.write("text.pem", "just words\n");
  const std::string empty = folder.write("empty.pem", "");
  const std::string damaged =
      folder.write("damaged.pem", "-----BEGIN CERTIFICATE-----\nMIIBAAAA\n-----END CERTIFICATE-----\n");
  const std::string half =
      folder.write("half.pem", pki().ca.certificate + "-----BEGIN CERTIFICATE-----\nMII");
  const std::string der = folder.write("der.pem", "\x30\x82\x01\x01\x01\x01");
  const std::string missing = folder.path("missing.pem");
  std::filesystem::create_directories(folder.path("plain"));
  const std::string plain_folder = folder.path("plain");
  const Case cases[] = {
      {"CA missing", [&](auto& s) { s.ca_file = missing; }, ErrorKind::not_found, "CA file", missing},
      {"CA is text", [&](auto& s) { s.ca_file = text; }, ErrorKind::invalid_input, "no PEM certificate",
       text},
      {"CA is empty", [&](auto& s) { s.ca_file = empty; }, ErrorKind::invalid_input, "no PEM certificate",
       empty},
      {"CA is DER", [&](auto& s) { s.ca_file = der; }, ErrorKind::invalid_input, "looks like DER", der},
      {"CA is a key", [&](auto& s) { s.ca_file = s.key_file; }, ErrorKind::invalid_input,
       "no PEM certificate", pki().client.key_file},
      {"CA is damaged", [&](auto& s) { s.ca_file = damaged; }, ErrorKind::invalid_input,
       "certificate 1 cannot be read", damaged},
      {"second CA is cut", [&](auto& s) { s.ca_file = half; }, ErrorKind::invalid_input,
       "certificate 2 cannot be read", half},
      {"CA is a folder", [&](auto& s) { s.ca_file = plain_folder; }, ErrorKind::invalid_input, "folder",
       plain_folder},
      {"CA folder missing", [&](auto& s) { s.ca_directory = missing; }, ErrorKind::not_found, "CA folder",
       missing},
      {"CA folder is a file", [&](auto& s) { s.ca_directory = text; }, ErrorKind::invalid_input, "CA folder",
       text},
      {"CA folder not hashed", [&](auto& s) { s.ca_directory = plain_folder; }, ErrorKind::invalid_input,
       "openssl rehash", plain_folder},
      {"certificate missing", [&](auto& s) { s.certificate_file = missing; }, ErrorKind::not_found,
       "certificate file", missing},
      {"certificate is text", [&](auto& s) { s.certificate_file = text; }, ErrorKind::invalid_input,
       "no PEM certificate", text},
      {"key missing", [&](auto& s) { s.key_file = missing; }, ErrorKind::not_found, "key file", missing},
      {"key is text", [&](auto& s) { s.key_file = text; }, ErrorKind::invalid_input, "no private key", text},
      {"key is a certificate", [&](auto& s) { s.key_file = s.certificate_file; }, ErrorKind::invalid_input,
       "no private key", pki().client.certificate_file},
      {"key of another", [&](auto& s) { s.key_file = pki().server.key_file; }, ErrorKind::invalid_input,
       "does not belong to the certificate", pki().server.key_file},
      {"no key", [&](auto& s) { s.key_file.clear(); }, ErrorKind::invalid_input, "no key file",
       pki().client.certificate_file},
      {"no certificate", [&](auto& s) { s.certificate_file.clear(); }, ErrorKind::invalid_input,
       "no certificate file", pki().client.key_file},
      {"ciphers", [&](auto& s) { s.ciphers = "NO-SUCH-CIPHER"; }, ErrorKind::invalid_input, "NO-SUCH-CIPHER",
       ""},
      {"server name", [&](auto& s) { s.server_name = "no name"; }, ErrorKind::invalid_input, "server name",
       ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    TlsSettings settings = pki().client;
    c.change(settings);
    check_fails(c, TlsContext::client(settings));
  }
}

TEST_CASE("a server must have a certificate, and must be told whose clients it serves") {
  TlsSettings settings = pki().server;
  settings.ca_file.clear();
  check_fails({"", {}, ErrorKind::invalid_input, "client certificates", ""}, TlsContext::server(settings));
  settings = pki().server;
  settings.certificate_file.clear();
  check_fails({"", {}, ErrorKind::invalid_input, "needs a certificate", ""}, TlsContext::server(settings));
}

TEST_CASE("a client without CA uses the system's store") { CHECK(TlsContext::client({})); }

TEST_CASE("an encrypted key opens with its passphrase, which is asked once") {
  TlsSettings settings = locked_client();
  int asked = 0;
  settings.passphrase = [&]() -> Result<Secret> {
    ++asked;
    return passphrase().duplicate();
  };
  const Meeting meeting = meet(server_context(pki().server), client_context(settings));
  CHECK(asked == 1);
  CHECK(meeting.server_sees == "CN=test client");
}

TEST_CASE("an encrypted key that does not open says why") {
  TlsSettings settings = locked_client();
  int asked = 0;
  const std::string path = settings.key_file;
  check_fails({"", {}, ErrorKind::invalid_input, "no passphrase was given", path},
              TlsContext::client(settings));

  const auto answer = [&](std::string_view text) {
    settings.passphrase = [&asked, text]() -> Result<Secret> {
      ++asked;
      return Secret(Text(text));
    };
    asked = 0;
    return TlsContext::client(settings);
  };
  check_fails({"", {}, ErrorKind::invalid_input, "check the passphrase", path}, answer("wrong horse"));
  CHECK(asked == 1);
  check_fails({"", {}, ErrorKind::invalid_input, "check the passphrase", path}, answer(""));
  CHECK(asked == 1);
  check_fails({"", {}, ErrorKind::invalid_input, "longer than", path}, answer(std::string(5000, 'x')));
  CHECK(asked == 1);

  settings.passphrase = []() -> Result<Secret> { return fail(ErrorKind::cancelled, "the user gave up"); };
  check_fails({"", {}, ErrorKind::cancelled, "the user gave up", ""}, TlsContext::client(settings));
  settings.passphrase = []() -> Result<Secret> { throw std::runtime_error("no terminal"); };
  check_fails({"", {}, ErrorKind::internal, "asking for its passphrase failed", path},
              TlsContext::client(settings));
}

TEST_CASE("the passphrase of a key that is not encrypted is not asked for") {
  TlsSettings settings = pki().client;
  settings.passphrase = []() -> Result<Secret> {
    FAIL("asked");
    return Secret();
  };
  CHECK(TlsContext::client(settings));
}

TEST_CASE("certificate and key may share a file, with intermediates after the certificate") {
  const Identity between = must_make(ca_request("intermediate"), &pki().ca);
  const Identity leaf = must_make(client_request(), &between);
  TlsSettings settings = pki().client;
  settings.certificate_file = pki().folder.write(
      "bundle.pem", leaf.certificate + between.certificate + std::string(leaf.key.reveal_text()));
  settings.key_file = settings.certificate_file;
  const Meeting meeting = meet(server_context(pki().server), client_context(settings));
  CHECK_FALSE(meeting.server_error);
  CHECK(meeting.server_sees == "CN=test client");
}

TEST_CASE("a folder of hashed certificates is trusted") {
  TlsSettings settings = pki().client;
  settings.ca_file.clear();
  settings.ca_directory = pki().folder.path("hashed");
  std::filesystem::create_directories(settings.ca_directory);
  const BioPtr bio = view_as_bio(bytes_of(pki().ca.certificate));
  const X509Ptr ca(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  pki().folder.write(fmt::format("hashed/{:08x}.0", X509_subject_name_hash(ca.get())), pki().ca.certificate);
  const Meeting meeting = meet(server_context(pki().server), client_context(settings));
  CHECK_FALSE(meeting.client_error);
  CHECK(meeting.client_sees == "CN=test server");
}
