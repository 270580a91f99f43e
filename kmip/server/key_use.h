// What every operation that uses a key asks first: may this key do that now, and is the request one whole
// call?
#pragma once

#include <optional>

#include <core/digest.h>
#include <kmip/model/common.h>
#include <kmip/model/earlier_data.h>
#include <kmip/server/object_store.h>
#include <kmip/server/refusal.h>

namespace keyway::kmip::server {

// What a key is used for: to protect (encrypt, sign, authenticate), or to process what is protected already,
// which a deactivated or compromised key still may (1.4 §3.22).
enum class Purpose : std::uint8_t { protect, process };

// check_use refuses by the key's state, its Cryptographic Usage Mask and its dates.
Outcome<> check_use(const Object& object, CryptographicUsageMask use, Purpose purpose, DateTime now);

// parameters_for are those of the request, else the first that are stored with the key (1.4 §4.29). Views in
// them live as long as the request and the object.
std::optional<CryptographicParameters> parameters_for(const Object& object,
                                                      const std::optional<CryptographicParameters>& asked);

// check_whole refuses a call that is one of several parts.
Outcome<> check_whole(bool correlated, std::optional<bool> init, std::optional<bool> final);
// one_part is the data of a call that is whole: neither in parts nor by reference to an earlier item.
Outcome<Bytes> one_part(const std::optional<Bytes>& data, const EarlierData& earlier, bool correlated,
                        std::optional<bool> init, std::optional<bool> final);

Outcome<Bytes> one_part_of(const auto& request) {
  return one_part(request.data, request.earlier_data, request.correlation_value.has_value(),
                  request.init_indicator, request.final_indicator);
}

// hash_of is what core has for a hashing algorithm; none for the broken and the forgotten ones.
std::optional<Hash> hash_of(HashingAlgorithm algorithm);
// hmac_of is the hash inside an HMAC; none for what is no HMAC.
std::optional<Hash> hmac_of(CryptographicAlgorithm algorithm);

}  // namespace keyway::kmip::server
