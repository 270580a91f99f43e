#include <kmip/model/poll.h>

namespace keyway::kmip {

constexpr Row poll_request_rows[] = {
    field<&PollRequest::asynchronous_correlation_value>(Tag::AsynchronousCorrelationValue),
};
static_assert(well_formed(poll_request_rows));
constinit const Shape Described<PollRequest>::shape{poll_request_rows};

constexpr Row poll_response_rows[] = {
    others<&PollResponse::answer>(),
};
static_assert(well_formed(poll_response_rows));
constinit const Shape Described<PollResponse>::shape{poll_response_rows};

}  // namespace keyway::kmip
