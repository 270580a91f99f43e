#include <kmip/model/rng_seed.h>

namespace keyway::kmip {

constexpr Row rng_seed_request_rows[] = {
    field<&RngSeedRequest::data>(Tag::Data).secret(),
};
static_assert(well_formed(rng_seed_request_rows));
constinit const Shape Described<RngSeedRequest>::shape{rng_seed_request_rows};

constexpr Row rng_seed_response_rows[] = {
    field<&RngSeedResponse::data_length>(Tag::DataLength),
};
static_assert(well_formed(rng_seed_response_rows));
constinit const Shape Described<RngSeedResponse>::shape{rng_seed_response_rows};

}  // namespace keyway::kmip
