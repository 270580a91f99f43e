// Sign (1.4 §4.31, 2.1 §6.1.55) and Signature Verify (1.4 §4.32, 2.1 §6.1.56). ECDSA signatures are DER.
#include <kmip/server/key_pair.h>
#include <kmip/server/key_use.h>
#include <kmip/server/operations.h>

namespace keyway::kmip::server {

namespace {

using Padding = SignatureScheme::Padding;

struct NamedScheme {
  DigitalSignatureAlgorithm name{};
  Padding padding{};
  std::optional<Hash> hash;  // none: the Hashing Algorithm says
};
constexpr NamedScheme named_schemes[] = {
    {DigitalSignatureAlgorithm::SHA_1WithRSAEncryption, Padding::pkcs1, Hash::sha1},
    {DigitalSignatureAlgorithm::SHA_224WithRSAEncryption, Padding::pkcs1, Hash::sha224},
    {DigitalSignatureAlgorithm::SHA_256WithRSAEncryption, Padding::pkcs1, Hash::sha256},
    {DigitalSignatureAlgorithm::SHA_384WithRSAEncryption, Padding::pkcs1, Hash::sha384},
    {DigitalSignatureAlgorithm::SHA_512WithRSAEncryption, Padding::pkcs1, Hash::sha512},
    {DigitalSignatureAlgorithm::SHA3_256WithRSAEncryption, Padding::pkcs1, Hash::sha3_256},
    {DigitalSignatureAlgorithm::SHA3_384WithRSAEncryption, Padding::pkcs1, Hash::sha3_384},
    {DigitalSignatureAlgorithm::SHA3_512WithRSAEncryption, Padding::pkcs1, Hash::sha3_512},
    {DigitalSignatureAlgorithm::RSASSA_PSS, Padding::pss, {}},
    {DigitalSignatureAlgorithm::ECDSAWithSHA_1, Padding::none, Hash::sha1},
    {DigitalSignatureAlgorithm::ECDSAWithSHA224, Padding::none, Hash::sha224},
    {DigitalSignatureAlgorithm::ECDSAWithSHA256, Padding::none, Hash::sha256},
    {DigitalSignatureAlgorithm::ECDSAWithSHA384, Padding::none, Hash::sha384},
    {DigitalSignatureAlgorithm::ECDSAWithSHA512, Padding::none, Hash::sha512},
};

bool is_rsa(const Object& object) { return object.algorithm == CryptographicAlgorithm::RSA; }

Outcome<Hash> known_hash(HashingAlgorithm algorithm) {
  if (const auto hash = hash_of(algorithm)) return *hash;
  return refuse(reason::unsupported_parameters, "{} is not supported", spec_name(algorithm));
}

Outcome<Padding> padding_of(const Object& object, const CryptographicParameters& parameters) {
  const auto method = parameters.padding_method;
  if (!is_rsa(object)) {
    if (method.value_or(PaddingMethod::None) == PaddingMethod::None) return Padding::none;
    return refuse(reason::bad_parameters, "ECDSA takes no padding");
  }
  if (method == PaddingMethod::PSS) return Padding::pss;
  if (method == PaddingMethod::PKCS1V1_5) return Padding::pkcs1;
  return refuse(reason::bad_parameters, "RSA signatures need the Padding Method PSS or PKCS1 v1.5");
}

// add_pss reads what only PSS has.
Outcome<> add_pss(SignatureScheme& scheme, const CryptographicParameters& parameters) {
  scheme.mask_hash = scheme.hash;
  if (parameters.mask_generator.value_or(MaskGenerator::MGF1) != MaskGenerator::MGF1)
    return refuse(reason::unsupported_parameters, "the only Mask Generator is MGF1");
  if (parameters.mask_generator_hashing_algorithm) {
    const auto hash = known_hash(*parameters.mask_generator_hashing_algorithm);
    if (!hash) return std::unexpected(hash.error());
    scheme.mask_hash = *hash;
  }
  if (parameters.trailer_field.value_or(1) != 1)
    return refuse(reason::unsupported_parameters, "the only Trailer Field is 1");
  if (!parameters.salt_length) return {};
  if (*parameters.salt_length < 0 || *parameters.salt_length > 1024)
    return refuse(reason::bad_parameters, "Salt Length is {} bytes", *parameters.salt_length);
  scheme.salt_length = static_cast<std::size_t>(*parameters.salt_length);
  return {};
}

// by_name is the scheme of a Digital Signature Algorithm, which goes before the other parameters.
Outcome<SignatureScheme> by_name(const Object& object, const CryptographicParameters& parameters) {
  for (const NamedScheme& named : named_schemes) {
    if (named.name != *parameters.digital_signature_algorithm) continue;
    if (is_rsa(object) == (named.padding == Padding::none))
      return refuse(reason::bad_parameters, "the Digital Signature Algorithm is not one of the key's");
    SignatureScheme scheme{named.padding, named.hash.value_or(Hash::sha256), Hash::sha256, {}};
    if (!parameters.hashing_algorithm && !named.hash)
      return refuse(reason::bad_parameters, "RSASSA-PSS needs a Hashing Algorithm");
    if (parameters.hashing_algorithm) {
      const auto hash = known_hash(*parameters.hashing_algorithm);
      if (!hash) return std::unexpected(hash.error());
      if (named.hash.value_or(*hash) != *hash)
        return refuse(reason::bad_parameters, "the Hashing Algorithm is not that of the signature");
      scheme.hash = *hash;
    }
    return scheme;
  }
  return refuse(reason::unsupported_parameters, "{} is not supported",
                spec_name(*parameters.digital_signature_algorithm));
}

Outcome<SignatureScheme> by_parts(const Object& object, const CryptographicParameters& parameters) {
  if (!parameters.hashing_algorithm)
    return refuse(reason::bad_parameters,
                  "there is neither a Digital Signature Algorithm nor a Hashing Algorithm");
  const auto hash = known_hash(*parameters.hashing_algorithm);
  if (!hash) return std::unexpected(hash.error());
  const auto padding = padding_of(object, parameters);
  if (!padding) return std::unexpected(padding.error());
  return SignatureScheme{*padding, *hash, *hash, {}};
}

Outcome<SignatureScheme> choose_scheme(const Object& object,
                                       const std::optional<CryptographicParameters>& asked) {
  const auto parameters = parameters_for(object, asked);
  if (!parameters)
    return refuse(reason::bad_parameters,
                  "no Cryptographic Parameters, neither in the request nor with the key");
  const auto algorithm = parameters->cryptographic_algorithm.value_or(*object.algorithm);
  const bool on_curve = algorithm == CryptographicAlgorithm::ECDSA || algorithm == CryptographicAlgorithm::EC;
  if (is_rsa(object) ? algorithm != CryptographicAlgorithm::RSA : !on_curve)
    return refuse(reason::bad_parameters, "the Cryptographic Algorithm is not that of the key");
  auto scheme =
      parameters->digital_signature_algorithm ? by_name(object, *parameters) : by_parts(object, *parameters);
  if (!scheme || scheme->padding != Padding::pss) return scheme;
  if (auto good = add_pss(*scheme, *parameters); !good) return std::unexpected(good.error());
  return scheme;
}

// hash_to_sign is the hash of Data, or Digested Data, which is one already.
Outcome<Secret> hash_to_sign(const auto& request, Hash hash) {
  if (request.digested_data) {
    if (request.data || request.earlier_data.operation || request.earlier_data.position)
      return refuse(reason::invalid_field, "there are Data and Digested Data: one of them is signed");
    const auto whole =
        check_whole(request.correlation_value.has_value(), request.init_indicator, request.final_indicator);
    if (!whole) return std::unexpected(whole.error());
    if (request.digested_data->size() != hash_size(hash))
      return refuse(reason::invalid_field, "Digested Data has {} bytes, the hash has {}",
                    request.digested_data->size(), hash_size(hash));
    return Secret(*request.digested_data);
  }
  const auto data = one_part_of(request);
  if (!data) return std::unexpected(data.error());
  auto hashed = digest(hash, *data);
  if (!hashed) return refuse(reason::cryptographic_failure, "the hash cannot be computed");
  return std::move(*hashed);
}

struct Prepared {
  Object* object = nullptr;
  SignatureScheme scheme;
  Secret hashed;
  AsymmetricKey key;
};

Outcome<Prepared> prepare(Call& call, const auto& request, ObjectType type, CryptographicUsageMask use,
                          Purpose purpose) {
  const auto found = call.object(request.unique_identifier);
  if (!found) return std::unexpected(found.error());
  const Object& object = **found;
  if (object.type != type)
    return refuse(reason::not_a_cipher_key, "this takes a {}, not a {}", spec_name(type),
                  spec_name(object.type));
  if (auto good = check_use(object, use, purpose, call.now); !good) return std::unexpected(good.error());
  const auto scheme = choose_scheme(object, request.cryptographic_parameters);
  if (!scheme) return std::unexpected(scheme.error());
  if (purpose == Purpose::protect && scheme->hash == Hash::sha1)
    return refuse(reason::unsupported_parameters,
                  "SHA-1 resists no collisions: nothing new is signed with it");
  auto hashed = hash_to_sign(request, scheme->hash);
  if (!hashed) return std::unexpected(hashed.error());
  auto key = read_key(object.type, object.format, object.key.reveal());
  if (!key) return std::unexpected(key.error());
  return Prepared{*found, *scheme, std::move(*hashed), std::move(*key)};
}

}  // namespace

Outcome<> sign(Call& call, const SignRequest& request) {
  const auto prepared =
      prepare(call, request, ObjectType::PrivateKey, CryptographicUsageMask::Sign, Purpose::protect);
  if (!prepared) return std::unexpected(prepared.error());
  const auto signature = prepared->key.sign(prepared->scheme, prepared->hashed.reveal());
  if (!signature) return refuse(reason::cryptographic_failure, "signing failed");
  SignResponse response;
  response.unique_identifier = call.mention(*prepared->object);
  response.signature_data = Bytes(*signature);
  return call.answer(response);
}

Outcome<> signature_verify(Call& call, const SignatureVerifyRequest& request) {
  const auto prepared =
      prepare(call, request, ObjectType::PublicKey, CryptographicUsageMask::Verify, Purpose::process);
  if (!prepared) return std::unexpected(prepared.error());
  if (!request.signature_data) return refuse(reason::missing_data, "there is no Signature Data");
  const auto valid =
      prepared->key.verify(prepared->scheme, prepared->hashed.reveal(), *request.signature_data);
  if (!valid) return refuse(reason::cryptographic_failure, "the signature cannot be verified");
  SignatureVerifyResponse response;
  response.unique_identifier = call.mention(*prepared->object);
  response.validity_indicator = *valid ? ValidityIndicator::Valid : ValidityIndicator::Invalid;
  return call.answer(response);
}

}  // namespace keyway::kmip::server
