// Certificates and opaque objects: what is kept of them, and what cannot be done with them.
#include <core/hex.h>
#include <kmip/model/attribute_values.h>
#include <tests/kmip/server/support.h>

namespace keyway::kmip::server::test {

using enum ResultReason;

namespace {

// Self-signed for CN=test, with the serial number 0x1234, on P-256.
const char* const certificate_hex =
    "3082016430820109a00302010202021234300a06082a8648ce3d040302300f310d300b06035504030c04746573743020"
    "170d3236313132323036343532365a180f32313236313032393036343532365a300f310d300b06035504030c04746573"
    "743059301306072a8648ce3d020106082a8648ce3d03010703420004f92fa31a9002fde9a60f119f861bf0ecaafea2c6"
    "3e807a4974e1417060ef753e6a3ba047a5b284bb07ef986f4c4cd40b39f2947c89f2e77f67a0487435bf081ea3533051"
    "301d0603551d0e041604140073b210f332a8020961c169bcf79272543089f6301f0603551d230418301680140073b210"
    "f332a8020961c169bcf79272543089f6300f0603551d130101ff040530030101ff300a06082a8648ce3d040302034900"
    "3046022100a390e3d26f18d345b6f099e7e23f03cc83eee7b682e0ebed5ac896784f4c70fe022100ba70d7f3db0a728a"
    "3f14825271e2083bd517ea65fcc419d3a18772b33f79dd4a";

OwnedBytes certificate() { return owned(from_hex(certificate_hex)->reveal()); }

RegisterRequest certificate_request(Bytes der) {
  RegisterRequest request;
  request.object_type = ObjectType::Certificate;
  request.object.certificate.emplace(Certificate{CertificateType::X_509, der});
  return request;
}
RegisterRequest opaque_request(Text data) {
  RegisterRequest request;
  request.object_type = ObjectType::OpaqueObject;
  request.object.opaque_object.emplace(OpaqueObject{static_cast<OpaqueDataType>(0x80000001), bytes_of(data)});
  return request;
}

}  // namespace

TEST_CASE("a certificate comes back as it was, with what it says of itself") {
  const OwnedBytes der = certificate();
  for (const Version version : every_version) {
    CAPTURE(version);
    Lab lab;
    const std::string id(lab.answer(certificate_request(der), version).unique_identifier);
    const auto got = lab.answer(GetRequest{.unique_identifier = Identifier(id)}, version);
    CHECK(got.object_type == ObjectType::Certificate);
    REQUIRE(got.object.certificate);
    CHECK(owned(got.object.certificate->certificate_value) == der);

    const auto shown = lab.answer(GetAttributesRequest{Identifier(id), {}}, version);
    CHECK(shown.attributes.get<CertificateType>(Tag::CertificateType) == CertificateType::X_509);
    CHECK(shown.attributes.get<State>(Tag::State) == State::PreActive);
    if (version >= V1_1) {
      CHECK(shown.attributes.get<std::int32_t>(Tag::CertificateLength) == static_cast<int>(der.size()));
      const auto named = shown.attributes.get<X509CertificateIdentifier>(Tag::X_509CertificateIdentifier);
      REQUIRE(named);
      CHECK(to_hex(named->certificate_serial_number) == "02021234");
      CHECK(to_hex(named->issuer_distinguished_name) == "300f310d300b06035504030c0474657374");
    }
    GetRequest raw{.unique_identifier = Identifier(id)};
    raw.key_format_type = KeyFormatType::Raw;
    CHECK(lab.ask(raw, version).reason() == KeyFormatTypeNotSupported);
  }
}

TEST_CASE("what is no certificate is refused") {
  for (const Version version : every_version) {
    CAPTURE(version);
    Lab lab;
    CHECK(lab.ask(certificate_request(bytes_of("certificate")), version).reason() == InvalidField);
    OwnedBytes longer = certificate();
    longer.push_back(std::byte{0});
    CHECK(lab.ask(certificate_request(longer), version).reason() == InvalidField);
    const OwnedBytes der = certificate();
    auto pgp = certificate_request(der);
    pgp.object.certificate->certificate_type = CertificateType::PGP;
    CHECK(lab.ask(pgp, version).reason() == KeyFormatTypeNotSupported);
    auto mislabelled = certificate_request(der);
    mislabelled.object_type = ObjectType::OpaqueObject;
    CHECK(lab.ask(mislabelled, version).reason() == InvalidField);
  }
}

TEST_CASE("an opaque object is kept, has no state, and can be destroyed") {
  for (const Version version : every_version) {
    CAPTURE(version);
    Lab lab;
    const std::string id(lab.answer(opaque_request("anything"), version).unique_identifier);
    const auto got = lab.answer(GetRequest{.unique_identifier = Identifier(id)}, version);
    REQUIRE(got.object.opaque_object);
    CHECK(text_of(got.object.opaque_object->opaque_data_value) == "anything");
    CHECK(got.object.opaque_object->opaque_data_type == static_cast<OpaqueDataType>(0x80000001));
    const auto shown = lab.answer(GetAttributesRequest{Identifier(id), {}}, version);
    CHECK_FALSE(shown.attributes.has(Tag::State));
    CHECK(shown.attributes.has(Tag::Digest));

    const ResultReason stateless = by_version(version, IllegalOperation, IllegalObjectType);
    CHECK(lab.ask(ActivateRequest{Identifier(id)}, version).reason() == stateless);
    CHECK(lab.ask(RevokeRequest{Identifier(id), {}, {}}, version).reason() == stateless);
    CHECK(lab.ask(ReKeyRequest{.unique_identifier = Identifier(id)}, version).reason() ==
          by_version(version, PermissionDenied, InvalidObjectType));
    lab.answer(DestroyRequest{Identifier(id)}, version);
    CHECK(lab.ask(GetRequest{.unique_identifier = Identifier(id)}, version).reason() ==
          by_version(version, IllegalOperation, ObjectDestroyed));
    CHECK(lab.ask(opaque_request(""), version).reason() == InvalidField);
  }
}

}  // namespace keyway::kmip::server::test
