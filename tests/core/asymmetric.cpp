#include <core/asymmetric.h>
#include <tests/core/support.h>

using namespace keyway;
using enum KeyEncoding;
using test::hex;
using Padding = SignatureScheme::Padding;

namespace {

// Self-signed for CN=test, with the serial number 0x1234, on P-256.
const char* const certificate =
    "3082016430820109a00302010202021234300a06082a8648ce3d040302300f310d300b06035504030c04746573743020"
    "170d3236313132323036343532365a180f32313236313032393036343532365a300f310d300b06035504030c04746573"
    "743059301306072a8648ce3d020106082a8648ce3d03010703420004f92fa31a9002fde9a60f119f861bf0ecaafea2c6"
    "3e807a4974e1417060ef753e6a3ba047a5b284bb07ef986f4c4cd40b39f2947c89f2e77f67a0487435bf081ea3533051"
    "301d0603551d0e041604140073b210f332a8020961c169bcf79272543089f6301f0603551d230418301680140073b210"
    "f332a8020961c169bcf79272543089f6300f0603551d130101ff040530030101ff300a06082a8648ce3d040302034900"
    "3046022100a390e3d26f18d345b6f099e7e23f03cc83eee7b682e0ebed5ac896784f4c70fe022100ba70d7f3db0a728a"
    "3f14825271e2083bd517ea65fcc419d3a18772b33f79dd4a";

AsymmetricKey made(Result<AsymmetricKey> key) {
  REQUIRE_MESSAGE(key, (key ? std::string() : describe(key.error())));
  return std::move(*key);
}
const AsymmetricKey& rsa_key() {
  static const AsymmetricKey key = made(AsymmetricKey::generate_rsa(2048));
  return key;
}
OwnedBytes hashed(Hash hash, Text text) {
  const auto value = digest(hash, bytes_of(text));
  REQUIRE(value);
  return owned(value->reveal());
}
ErrorKind kind_of(const auto& result) {
  REQUIRE_FALSE(result);
  return result.error().kind;
}

}  // namespace

TEST_CASE("keys survive each of their encodings") {
  const AsymmetricKey p256 = made(AsymmetricKey::generate_curve(KeyKind::ec_p256));
  const AsymmetricKey p384 = made(AsymmetricKey::generate_curve(KeyKind::ec_p384));
  const struct {
    const AsymmetricKey& key;
    KeyKind kind;
    std::size_t bits;
    KeyEncoding own;  // besides PKCS#8
  } cases[] = {{rsa_key(), KeyKind::rsa, 2048, pkcs1},
               {p256, KeyKind::ec_p256, 256, sec1},
               {p384, KeyKind::ec_p384, 384, sec1}};
  for (const auto& c : cases) {
    CAPTURE(c.bits);
    CHECK(c.key.kind() == c.kind);
    CHECK(c.key.bits() == c.bits);
    const OwnedBytes spki_der = *c.key.public_der(spki);
    for (const KeyEncoding encoding : {pkcs8, c.own}) {
      const auto der = c.key.private_der(encoding);
      REQUIRE(der);
      const AsymmetricKey back = made(AsymmetricKey::read_private(der->reveal(), encoding));
      CHECK(back.kind() == c.kind);
      CHECK(*back.private_der(encoding) == *der);
      CHECK(*back.public_der(spki) == spki_der);

      // Damage is found, and so is what stands behind the key.
      OwnedBytes longer = owned(der->reveal());
      longer.push_back(std::byte{0});
      CHECK(kind_of(AsymmetricKey::read_private(longer, encoding)) == ErrorKind::corrupt);
      CHECK(kind_of(AsymmetricKey::read_private(der->reveal().first(der->size() - 1), encoding)) ==
            ErrorKind::corrupt);
      CHECK(kind_of(AsymmetricKey::read_public(der->reveal(), spki)) == ErrorKind::corrupt);
    }
    const AsymmetricKey half = made(AsymmetricKey::read_public(spki_der, spki));
    CHECK(half.bits() == c.bits);
    CHECK_FALSE(half.private_der(pkcs8));
    CHECK_FALSE(half.sign({c.own == pkcs1 ? Padding::pkcs1 : Padding::none, Hash::sha256, {}, {}},
                          hashed(Hash::sha256, "a")));
    CHECK(kind_of(c.key.private_der(c.own == pkcs1 ? sec1 : pkcs1)) == ErrorKind::unsupported);
  }
  const OwnedBytes short_form = *rsa_key().public_der(pkcs1);
  CHECK(*made(AsymmetricKey::read_public(short_form, pkcs1)).public_der(spki) == *rsa_key().public_der(spki));
  CHECK(kind_of(p256.public_der(pkcs1)) == ErrorKind::unsupported);
  CHECK(kind_of(AsymmetricKey::generate_rsa(1024)) == ErrorKind::invalid_input);
  CHECK(kind_of(AsymmetricKey::generate_curve(KeyKind::rsa)) == ErrorKind::invalid_input);
  CHECK(kind_of(AsymmetricKey::read_private({}, spki)) == ErrorKind::invalid_input);
  CHECK(kind_of(AsymmetricKey::read_public({}, sec1)) == ErrorKind::invalid_input);
  CHECK(kind_of(AsymmetricKey::read_private({}, pkcs8)) == ErrorKind::corrupt);
}

TEST_CASE("a signature is valid for its hash, its key and its scheme only") {
  const AsymmetricKey curve = made(AsymmetricKey::generate_curve(KeyKind::ec_p256));
  const AsymmetricKey other = made(AsymmetricKey::generate_curve(KeyKind::ec_p256));
  const SignatureScheme schemes[] = {
      {Padding::pkcs1, Hash::sha256, Hash::sha256, {}}, {Padding::pkcs1, Hash::sha3_512, Hash::sha256, {}},
      {Padding::pss, Hash::sha256, Hash::sha256, {}},   {Padding::pss, Hash::sha384, Hash::sha256, 20},
      {Padding::none, Hash::sha256, Hash::sha256, {}},  {Padding::none, Hash::sha512, Hash::sha256, {}},
  };
  for (const SignatureScheme& scheme : schemes) {
    const AsymmetricKey& key = scheme.padding == Padding::none ? curve : rsa_key();
    const OwnedBytes good = hashed(scheme.hash, "text"), bad = hashed(scheme.hash, "tex");
    auto signature = key.sign(scheme, good);
    REQUIRE(signature);
    CHECK(*key.verify(scheme, good, *signature));
    CHECK_FALSE(*key.verify(scheme, bad, *signature));
    CHECK_FALSE(*key.verify(scheme, good, Bytes(*signature).first(signature->size() - 1)));
    CHECK_FALSE(*key.verify(scheme, good, {}));
    signature->back() ^= std::byte{1};
    CHECK_FALSE(*key.verify(scheme, good, *signature));
    // The public half is enough to verify.
    const AsymmetricKey half = made(AsymmetricKey::read_public(*key.public_der(spki), spki));
    CHECK(*half.verify(scheme, good, *key.sign(scheme, good)));
    CHECK(kind_of(key.sign(scheme, bytes_of("not a hash"))) == ErrorKind::invalid_input);
  }
  const SignatureScheme ecdsa{Padding::none, Hash::sha256, Hash::sha256, {}};
  const OwnedBytes hash = hashed(Hash::sha256, "text");
  CHECK_FALSE(*other.verify(ecdsa, hash, *curve.sign(ecdsa, hash)));
  CHECK(kind_of(rsa_key().sign(ecdsa, hash)) == ErrorKind::invalid_input);
  CHECK(kind_of(curve.verify(schemes[0], hash, hash)) == ErrorKind::invalid_input);
  // A salt of another length than was agreed is refused; without one, any is taken.
  SignatureScheme salted{Padding::pss, Hash::sha256, Hash::sha256, 20};
  const OwnedBytes signature = *rsa_key().sign(salted, hash);
  salted.salt_length = 32;
  CHECK_FALSE(*rsa_key().verify(salted, hash, signature));
  salted.salt_length.reset();
  CHECK(*rsa_key().verify(salted, hash, signature));
}

TEST_CASE("a certificate tells its subject, issuer and serial number") {
  const OwnedBytes der = hex(certificate);
  const auto facts = read_certificate(der);
  REQUIRE(facts);
  CHECK(to_hex(facts->subject) == "300f310d300b06035504030c0474657374");
  CHECK(facts->issuer == facts->subject);
  CHECK(to_hex(facts->serial_number) == "02021234");
  OwnedBytes longer = der;
  longer.push_back(std::byte{0});
  CHECK(kind_of(read_certificate(longer)) == ErrorKind::corrupt);
  CHECK(kind_of(read_certificate(Bytes(der).first(der.size() - 1))) == ErrorKind::corrupt);
}

TEST_CASE("what is no certificate is refused") {
  CHECK(kind_of(read_certificate({})) == ErrorKind::corrupt);
  CHECK(kind_of(read_certificate(bytes_of("certificate"))) == ErrorKind::corrupt);
}
