#include <climits>

#include <doctest/doctest.h>
#include <openssl/pem.h>

#include <core/net/openssl.h>
#include <tests/core/net/fixture.h>

using namespace keyway;
using namespace keyway::net;
using namespace keyway::net::test;

namespace {

X509Ptr parse(const Identity& identity) {
  const BioPtr bio = view_as_bio(bytes_of(identity.certificate));
  X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  REQUIRE(certificate);
  return certificate;
}

}  // namespace

TEST_CASE("a root is a version 3 CA that signed itself") {
  const Identity root = must_make(ca_request("root"), nullptr);
  const X509Ptr certificate = parse(root);
  CHECK(X509_get_version(certificate.get()) == 2);
  CHECK(X509_check_ca(certificate.get()) == 1);
  CHECK(X509_check_issued(certificate.get(), certificate.get()) == X509_V_OK);
  CHECK((X509_get_key_usage(certificate.get()) & KU_KEY_CERT_SIGN) != 0);
  CHECK(subject_of(certificate.get()) == "CN=root");
}

TEST_CASE("an issued certificate has the names, dates and purposes that were asked for") {
  const Identity root = must_make(ca_request("root"), nullptr);
  CertificateRequest request = server_request();
  request.dns_names = {"kms.example", "a,DNS:evil.example"};
  request.not_before = std::chrono::sys_seconds(std::chrono::seconds(1'000'000'000));
  request.not_after = std::chrono::sys_seconds(std::chrono::seconds(4'000'000'000));
  const X509Ptr certificate = parse(must_make(request, &root));
  X509* raw = certificate.get();
  CHECK(X509_check_issued(parse(root).get(), raw) == X509_V_OK);
  CHECK(X509_check_ca(raw) == 0);
  CHECK(X509_get_extended_key_usage(raw) == XKU_SSL_SERVER);
  CHECK(names_of(raw) == "DNS kms.example, DNS a,DNS:evil.example, IP 127.0.0.1, IP ::1");
  CHECK(X509_check_host(raw, "evil.example", 0, 0, nullptr) == 0);
  CHECK(date_of(X509_get0_notBefore(raw)) == "2001-09-09 01:46:40 UTC");
  CHECK(date_of(X509_get0_notAfter(raw)) == "2096-10-02 07:06:40 UTC");
  CHECK(X509_get0_subject_key_id(raw) != nullptr);
  CHECK(X509_get0_authority_key_id(raw) != nullptr);
}

TEST_CASE("serial numbers are long and differ") {
  const X509Ptr one = parse(must_make(client_request(), nullptr));
  const X509Ptr two = parse(must_make(client_request(), nullptr));
  CHECK(ASN1_STRING_length(X509_get0_serialNumber(one.get())) == 16);
  CHECK(ASN1_INTEGER_cmp(X509_get0_serialNumber(one.get()), X509_get0_serialNumber(two.get())) != 0);
}

TEST_CASE("a key is PKCS#8, encrypted when a passphrase is given") {
  const Identity open = must_make(client_request(), nullptr);
  CHECK(open.key.reveal_text().starts_with("-----BEGIN PRIVATE KEY-----\n"));
  const Secret passphrase(Text("correct horse"));
  const Identity closed = must_make(client_request(), nullptr, &passphrase);
  CHECK(closed.key.reveal_text().starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
}

TEST_CASE("what cannot be made is an error that says what") {
  const Identity root = must_make(ca_request("root"), nullptr);
  const auto check = [](const Result<Identity>& made, std::string_view part) {
    REQUIRE_FALSE(made);
    CHECK(made.error().kind == ErrorKind::internal);
    CHECK_MESSAGE(contains(made.error().what, part), made.error().what);
    CHECK(ERR_peek_error() == 0);
  };
  CertificateRequest request = client_request();
  request.ip_addresses = {"not an address"};
  check(make_certificate(request, &root), "extensions");
  request = client_request();
  request.common_name = std::string(65, 'x');
  check(make_certificate(request, &root), "common name");
  const Identity no_key{root.certificate, Secret(Text("nonsense"))};
  check(make_certificate(client_request(), &no_key), "issuer's key");
  const Identity no_certificate{"nonsense", root.key.duplicate()};
  check(make_certificate(client_request(), &no_certificate), "issuer's certificate");
  const Secret empty;
  check(make_certificate(client_request(), &root, &empty), "passphrase");
  const Secret passphrase(Text("correct horse"));
  const Identity locked = must_make(ca_request("locked"), nullptr, &passphrase);
  check(make_certificate(client_request(), &locked), "issuer's key");
}
