#include <kmip/server/key_pair.h>

namespace keyway::kmip::server {

namespace {

// The encodings by their names in KMIP; none for the formats this server does not have for this half.
std::optional<KeyEncoding> encoding_of(ObjectType type, KeyFormatType format) {
  const bool is_private = type == ObjectType::PrivateKey;
  switch (format) {
    case KeyFormatType::PKCS_1: return KeyEncoding::pkcs1;
    case KeyFormatType::PKCS_8: return is_private ? std::optional(KeyEncoding::pkcs8) : std::nullopt;
    case KeyFormatType::ECPrivateKey: return is_private ? std::optional(KeyEncoding::sec1) : std::nullopt;
    case KeyFormatType::X_509: return is_private ? std::nullopt : std::optional(KeyEncoding::spki);
    default: return std::nullopt;
  }
}

std::unexpected<Refused> no_such_format(ObjectType type, KeyFormatType format) {
  return refuse(reason::unsupported_format, "a {} of this kind has no Key Format Type {} here",
                spec_name(type), spec_name(format));
}

std::optional<RecommendedCurve> curve_of(KeyKind kind) {
  switch (kind) {
    case KeyKind::rsa: return std::nullopt;
    case KeyKind::ec_p256: return RecommendedCurve::P_256;
    case KeyKind::ec_p384: return RecommendedCurve::P_384;
  }
  return std::nullopt;
}

}  // namespace

Outcome<AsymmetricKey> read_key(ObjectType type, KeyFormatType format, Bytes der) {
  const auto encoding = encoding_of(type, format);
  if (!encoding) return no_such_format(type, format);
  auto key = type == ObjectType::PrivateKey ? AsymmetricKey::read_private(der, *encoding)
                                            : AsymmetricKey::read_public(der, *encoding);
  // Core's words name encodings and sizes, never a value.
  if (!key)
    return refuse(reason::invalid_field, "the {} cannot be used: {}", spec_name(type), key.error().what);
  return std::move(*key);
}

Outcome<Secret> write_key(const AsymmetricKey& key, ObjectType type, KeyFormatType format) {
  const auto encoding = encoding_of(type, format);
  if (!encoding) return no_such_format(type, format);
  if (type == ObjectType::PrivateKey) {
    auto der = key.private_der(*encoding);
    if (!der) return no_such_format(type, format);
    return std::move(*der);
  }
  const auto der = key.public_der(*encoding);
  if (!der) return no_such_format(type, format);
  return Secret(Bytes(*der));
}

KeyFormatType default_format(const Object& object) {
  if (object.algorithm == CryptographicAlgorithm::RSA) return KeyFormatType::PKCS_1;
  return object.type == ObjectType::PrivateKey ? KeyFormatType::PKCS_8 : KeyFormatType::X_509;
}

Outcome<> settle_facts(Object& object, const AsymmetricKey& key) {
  const bool rsa = key.kind() == KeyKind::rsa;
  if (!object.algorithm) object.algorithm = rsa ? CryptographicAlgorithm::RSA : CryptographicAlgorithm::ECDSA;
  const bool fits = rsa ? object.algorithm == CryptographicAlgorithm::RSA
                        : object.algorithm == CryptographicAlgorithm::ECDSA ||
                              object.algorithm == CryptographicAlgorithm::EC;
  if (!fits) return refuse(reason::invalid_field, "the key is none for {}", spec_name(*object.algorithm));
  const auto bits = static_cast<std::int32_t>(key.bits());
  if (object.length.value_or(bits) != bits)
    return refuse(reason::invalid_field, "Cryptographic Length is {}, the key has {} bits", *object.length,
                  bits);
  object.length = bits;
  const auto curve = curve_of(key.kind());
  if (object.curve && object.curve != curve)
    return refuse(reason::invalid_field, "the key is on another curve than the attributes say");
  object.curve = curve;
  return {};
}

}  // namespace keyway::kmip::server
