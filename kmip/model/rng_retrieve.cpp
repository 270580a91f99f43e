#include <kmip/model/rng_retrieve.h>

namespace keyway::kmip {

constexpr Row rng_retrieve_request_rows[] = {
    field<&RngRetrieveRequest::data_length>(Tag::DataLength),
};
static_assert(well_formed(rng_retrieve_request_rows));
constinit const Shape Described<RngRetrieveRequest>::shape{rng_retrieve_request_rows};

constexpr Row rng_retrieve_response_rows[] = {
    field<&RngRetrieveResponse::data>(Tag::Data).secret(),
};
static_assert(well_formed(rng_retrieve_response_rows));
constinit const Shape Described<RngRetrieveResponse>::shape{rng_retrieve_response_rows};

}  // namespace keyway::kmip
