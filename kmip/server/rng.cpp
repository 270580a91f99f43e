// RNG Retrieve (1.4 §4.35, 2.1 §6.1.49) and RNG Seed (1.4 §4.36, 2.1 §6.1.50).
#include <kmip/server/operations.h>

namespace keyway::kmip::server {

namespace {

constexpr std::int32_t most_random_bytes = 1 << 16;  // in one answer

}  // namespace

Outcome<> rng_retrieve(Call& call, const RngRetrieveRequest& request) {
  if (request.data_length <= 0 || request.data_length > most_random_bytes)
    return refuse(reason::invalid_field, "Data Length is {} bytes, not 1 to {}", request.data_length,
                  most_random_bytes);
  const Secret random = call.settings.random->secret(static_cast<std::size_t>(request.data_length));
  return call.answer(RngRetrieveResponse{random.reveal()});
}

Outcome<> rng_seed(Call& call, const RngSeedRequest&) {
  // A server may use none of it and say so; the system's generator seeds itself better than a client can.
  return call.answer(RngSeedResponse{0});
}

}  // namespace keyway::kmip::server
