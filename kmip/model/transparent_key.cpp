#include <kmip/model/transparent_key.h>

namespace keyway::kmip {

namespace {

using Key = TransparentKey;

constexpr Row key = field<&Key::key>(Tag::Key);
constexpr Row recommended_curve = field<&Key::recommended_curve>(Tag::RecommendedCurve);
constexpr Row d = field<&Key::d>(Tag::D).secret();
constexpr Row q_string = field<&Key::q_string>(Tag::QString);
constexpr Row modulus = field<&Key::modulus>(Tag::Modulus);
constexpr Row private_exponent = field<&Key::private_exponent>(Tag::PrivateExponent).secret();
constexpr Row public_exponent = field<&Key::public_exponent>(Tag::PublicExponent);
constexpr Row p = field<&Key::p>(Tag::P).secret();
constexpr Row q = field<&Key::q>(Tag::Q).secret();
constexpr Row prime_exponent_p = field<&Key::prime_exponent_p>(Tag::PrimeExponentP).secret();
constexpr Row prime_exponent_q = field<&Key::prime_exponent_q>(Tag::PrimeExponentQ).secret();
constexpr Row crt_coefficient = field<&Key::crt_coefficient>(Tag::CRTCoefficient).secret();
constexpr Row g = field<&Key::g>(Tag::G);
constexpr Row j = field<&Key::j>(Tag::J);
constexpr Row x = field<&Key::x>(Tag::X).secret();
constexpr Row y = field<&Key::y>(Tag::Y);

constexpr Row any_key[] = {key,
                           recommended_curve,
                           d,
                           q_string,
                           modulus,
                           private_exponent,
                           public_exponent,
                           p,
                           q,
                           prime_exponent_p,
                           prime_exponent_q,
                           crt_coefficient,
                           g,
                           j,
                           x,
                           y};
static_assert(well_formed(any_key));

constexpr Row symmetric_key[] = {key.must()};
constexpr Row rsa_private_key[] = {modulus.must(),   private_exponent, public_exponent, p, q,
                                   prime_exponent_p, prime_exponent_q, crt_coefficient};
constexpr Row rsa_public_key[] = {modulus.must(), public_exponent.must()};
constexpr Row dsa_private_key[] = {p.must(), q.must(), g.must(), x.must()};
constexpr Row dsa_public_key[] = {p.must(), q.must(), g.must(), y.must()};
constexpr Row dh_private_key[] = {p.must(), q, g.must(), j, x.must()};
constexpr Row dh_public_key[] = {p.must(), q, g.must(), j, y.must()};
constexpr Row ec_private_key[] = {recommended_curve.must(), d.must()};
constexpr Row ec_public_key[] = {recommended_curve.must(), q_string.must()};

// The formats that named the scheme of an EC key are gone in 2.0.
constexpr Row old_ec_private_key[] = {recommended_curve.must().until(Version::V1_4),
                                      d.must().until(Version::V1_4)};
constexpr Row old_ec_public_key[] = {recommended_curve.must().until(Version::V1_4),
                                     q_string.must().until(Version::V1_4)};

constexpr Shape symmetric_key_shape{symmetric_key};
constexpr Shape rsa_private_key_shape{rsa_private_key};
constexpr Shape rsa_public_key_shape{rsa_public_key};
constexpr Shape dsa_private_key_shape{dsa_private_key};
constexpr Shape dsa_public_key_shape{dsa_public_key};
constexpr Shape dh_private_key_shape{dh_private_key};
constexpr Shape dh_public_key_shape{dh_public_key};
constexpr Shape ec_private_key_shape{ec_private_key};
constexpr Shape ec_public_key_shape{ec_public_key};
constexpr Shape old_ec_private_key_shape{old_ec_private_key};
constexpr Shape old_ec_public_key_shape{old_ec_public_key};

}  // namespace

constinit const Shape Described<TransparentKey>::shape{any_key};

const Shape* transparent_key_shape(KeyFormatType format) {
  switch (format) {
    case KeyFormatType::TransparentSymmetricKey: return &symmetric_key_shape;
    case KeyFormatType::TransparentRSAPrivateKey: return &rsa_private_key_shape;
    case KeyFormatType::TransparentRSAPublicKey: return &rsa_public_key_shape;
    case KeyFormatType::TransparentDSAPrivateKey: return &dsa_private_key_shape;
    case KeyFormatType::TransparentDSAPublicKey: return &dsa_public_key_shape;
    case KeyFormatType::TransparentDHPrivateKey: return &dh_private_key_shape;
    case KeyFormatType::TransparentDHPublicKey: return &dh_public_key_shape;
    case KeyFormatType::TransparentECDSAPrivateKey:
    case KeyFormatType::TransparentECDHPrivateKey:
    case KeyFormatType::TransparentECMQVPrivateKey: return &old_ec_private_key_shape;
    case KeyFormatType::TransparentECPrivateKey: return &ec_private_key_shape;
    case KeyFormatType::TransparentECDSAPublicKey:
    case KeyFormatType::TransparentECDHPublicKey:
    case KeyFormatType::TransparentECMQVPublicKey: return &old_ec_public_key_shape;
    case KeyFormatType::TransparentECPublicKey: return &ec_public_key_shape;
    default: return nullptr;
  }
}

}  // namespace keyway::kmip
