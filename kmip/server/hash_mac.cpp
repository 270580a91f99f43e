// Hash (1.4 §4.37, 2.1 §6.1.24), MAC (1.4 §4.33, 2.1 §6.1.32) and MAC Verify (1.4 §4.34, 2.1 §6.1.33), the
// MACs being HMACs.
#include <kmip/server/key_use.h>
#include <kmip/server/operations.h>

namespace keyway::kmip::server {

namespace {

// choose_hmac looks for the algorithm in the request, with the key's parameters, and at the key itself.
Outcome<Hash> choose_hmac(const Object& object, const std::optional<CryptographicParameters>& asked) {
  const auto parameters = parameters_for(object, asked);
  std::optional<CryptographicAlgorithm> algorithm;
  if (parameters) algorithm = parameters->cryptographic_algorithm;
  const bool made_for_hmac = object.algorithm && hmac_of(*object.algorithm);
  if (!algorithm && made_for_hmac) algorithm = object.algorithm;
  if (!algorithm)
    return refuse(reason::bad_parameters,
                  "no Cryptographic Algorithm for the MAC, neither in the request nor with the key");
  const auto hash = hmac_of(*algorithm);
  if (!hash)
    return refuse(reason::unsupported_parameters, "{} is not supported: MACs are HMACs here",
                  spec_name(*algorithm));
  if (made_for_hmac && algorithm != object.algorithm)
    return refuse(reason::bad_parameters, "the key is made for {}", spec_name(*object.algorithm));
  return *hash;
}

// compute_mac is what both operations do: the HMAC of the request's data.
Outcome<Secret> compute_mac(const Call& call, const Object& object, const auto& request,
                            CryptographicUsageMask use, Purpose purpose) {
  if (object.type != ObjectType::SymmetricKey && object.type != ObjectType::SecretData)
    return refuse(reason::not_a_cipher_key, "only a Symmetric Key or Secret Data can be the key of a MAC");
  if (auto good = check_use(object, use, purpose, call.now); !good) return std::unexpected(good.error());
  const auto hash = choose_hmac(object, request.cryptographic_parameters);
  if (!hash) return std::unexpected(hash.error());
  const auto data = one_part_of(request);
  if (!data) return std::unexpected(data.error());
  auto mac = hmac(*hash, object.key.reveal(), *data);
  if (!mac) return refuse(reason::cryptographic_failure, "the MAC cannot be computed");
  return std::move(*mac);
}

}  // namespace

Outcome<> hash(Call& call, const HashRequest& request) {
  const auto& algorithm = request.cryptographic_parameters.hashing_algorithm;
  if (!algorithm) return refuse(reason::hash_parameters, "there is no Hashing Algorithm");
  const auto known = hash_of(*algorithm);
  if (!known) return refuse(reason::hash_parameters, "{} is not supported", spec_name(*algorithm));
  const auto data = one_part_of(request);
  if (!data) return std::unexpected(data.error());
  const auto hashed = digest(*known, *data);
  if (!hashed) return refuse(reason::cryptographic_failure, "the hash cannot be computed");
  HashResponse response;
  response.data = hashed->reveal();
  return call.answer(response);
}

Outcome<> mac(Call& call, const MacRequest& request) {
  const auto found = call.object(request.unique_identifier);
  if (!found) return std::unexpected(found.error());
  const auto computed =
      compute_mac(call, **found, request, CryptographicUsageMask::MACGenerate, Purpose::protect);
  if (!computed) return std::unexpected(computed.error());
  MacResponse response;
  response.unique_identifier = call.mention(**found);
  response.mac_data = computed->reveal();
  return call.answer(response);
}

Outcome<> mac_verify(Call& call, const MacVerifyRequest& request) {
  const auto found = call.object(request.unique_identifier);
  if (!found) return std::unexpected(found.error());
  const auto computed =
      compute_mac(call, **found, request, CryptographicUsageMask::MACVerify, Purpose::process);
  if (!computed) return std::unexpected(computed.error());
  if (!request.mac_data) return refuse(reason::missing_data, "there is no MAC Data");
  MacVerifyResponse response;
  response.unique_identifier = call.mention(**found);
  // A MAC that was cut is invalid: how much of it counts would be the attacker's choice.
  response.validity_indicator = equal_in_constant_time(computed->reveal(), *request.mac_data)
                                    ? ValidityIndicator::Valid
                                    : ValidityIndicator::Invalid;
  return call.answer(response);
}

}  // namespace keyway::kmip::server
