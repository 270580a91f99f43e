// Key Material of the transparent formats: the numbers that a key consists of (KMIP 1.4 §2.1.7, 2.1 §3.4 to
// §3.13).
#pragma once

#include <optional>

#include <kmip/ttlv/codec.h>

namespace keyway::kmip {

// TransparentKey has a member for every number of any format; the Key Format Type says which of them a key
// has (see transparent_key_shape). All but the key itself are views into the message.
struct TransparentKey {
  std::optional<Secret> key;  // symmetric
  std::optional<RecommendedCurve> recommended_curve;
  std::optional<BigInteger> d;    // EC private key
  std::optional<Bytes> q_string;  // EC public key
  std::optional<BigInteger> modulus;
  std::optional<BigInteger> private_exponent;
  std::optional<BigInteger> public_exponent;
  std::optional<BigInteger> p;
  std::optional<BigInteger> q;
  std::optional<BigInteger> prime_exponent_p;
  std::optional<BigInteger> prime_exponent_q;
  std::optional<BigInteger> crt_coefficient;
  std::optional<BigInteger> g;
  std::optional<BigInteger> j;
  std::optional<BigInteger> x;  // DSA and DH private key
  std::optional<BigInteger> y;  // DSA and DH public key
};
template <>
struct Described<TransparentKey> {
  static const Shape shape;
};

// transparent_key_shape is the structure that Key Material has in this format, over a TransparentKey; null
// when the format is not a transparent one. Described<TransparentKey>::shape takes all of them.
const Shape* transparent_key_shape(KeyFormatType format);

}  // namespace keyway::kmip
