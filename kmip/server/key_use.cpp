#include <kmip/server/key_use.h>

namespace keyway::kmip::server {

namespace {

Outcome<> check_dates_of_use(const Object& object, Purpose purpose, DateTime now) {
  if (object.process_start_date && now.seconds < object.process_start_date->seconds)
    return refuse(reason::wrong_state, "the key may not be used before its Process Start Date");
  if (purpose == Purpose::protect && object.protect_stop_date &&
      now.seconds > object.protect_stop_date->seconds)
    return refuse(reason::wrong_state, "the key may not protect anything after its Protect Stop Date");
  return {};
}

}  // namespace

Outcome<> check_use(const Object& object, CryptographicUsageMask use, Purpose purpose, DateTime now) {
  if (object.state == State::PreActive)
    return refuse(reason::wrong_state, "the key is Pre-Active: activate it");
  const bool processes = object.state == State::Deactivated || object.state == State::Compromised;
  if (object.state != State::Active && !(processes && purpose == Purpose::process))
    return refuse(reason::wrong_state, "the key is {}", spec_name(object.state));
  if (!has_all(object.usage, use))
    return refuse(reason::wrong_usage, "the key's Cryptographic Usage Mask does not allow {}",
                  mask_names(Enumeration::CryptographicUsageMask, static_cast<std::uint32_t>(use)));
  return check_dates_of_use(object, purpose, now);
}

std::optional<CryptographicParameters> parameters_for(const Object& object,
                                                      const std::optional<CryptographicParameters>& asked) {
  return asked ? asked : object.given.get<CryptographicParameters>(Tag::CryptographicParameters);
}

Outcome<> check_whole(bool correlated, std::optional<bool> init, std::optional<bool> final) {
  // Init and Final together, without a Correlation Value, are one whole call (1.4 §4).
  if (correlated || init.value_or(false) != final.value_or(false))
    return refuse(reason::unsupported_feature, "data in several parts is not supported");
  return {};
}

Outcome<Bytes> one_part(const std::optional<Bytes>& data, const EarlierData& earlier, bool correlated,
                        std::optional<bool> init, std::optional<bool> final) {
  if (auto whole = check_whole(correlated, init, final); !whole) return std::unexpected(whole.error());
  if (earlier.operation || earlier.position)
    return refuse(reason::unsupported_feature, "data by reference to an earlier item is not supported");
  if (!data) return refuse(reason::missing_data, "there is no Data");
  return *data;
}

std::optional<Hash> hash_of(HashingAlgorithm algorithm) {
  switch (algorithm) {
    case HashingAlgorithm::SHA_1: return Hash::sha1;
    case HashingAlgorithm::SHA_224: return Hash::sha224;
    case HashingAlgorithm::SHA_256: return Hash::sha256;
    case HashingAlgorithm::SHA_384: return Hash::sha384;
    case HashingAlgorithm::SHA_512: return Hash::sha512;
    case HashingAlgorithm::SHA_512_224: return Hash::sha512_224;
    case HashingAlgorithm::SHA_512_256: return Hash::sha512_256;
    case HashingAlgorithm::SHA3_224: return Hash::sha3_224;
    case HashingAlgorithm::SHA3_256: return Hash::sha3_256;
    case HashingAlgorithm::SHA3_384: return Hash::sha3_384;
    case HashingAlgorithm::SHA3_512: return Hash::sha3_512;
    default: return std::nullopt;
  }
}

std::optional<Hash> hmac_of(CryptographicAlgorithm algorithm) {
  switch (algorithm) {
    case CryptographicAlgorithm::HMAC_SHA1: return Hash::sha1;
    case CryptographicAlgorithm::HMAC_SHA224: return Hash::sha224;
    case CryptographicAlgorithm::HMAC_SHA256: return Hash::sha256;
    case CryptographicAlgorithm::HMAC_SHA384: return Hash::sha384;
    case CryptographicAlgorithm::HMAC_SHA512: return Hash::sha512;
    case CryptographicAlgorithm::HMAC_SHA3_224: return Hash::sha3_224;
    case CryptographicAlgorithm::HMAC_SHA3_256: return Hash::sha3_256;
    case CryptographicAlgorithm::HMAC_SHA3_384: return Hash::sha3_384;
    case CryptographicAlgorithm::HMAC_SHA3_512: return Hash::sha3_512;
    default: return std::nullopt;
  }
}

}  // namespace keyway::kmip::server
