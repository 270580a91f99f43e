#include <kmip/model/poll.h>

namespace keyway::kmip {

constexpr Row poll_request_rows[] = {
    field<&PollRequest::asynchronous_correlation_value>(Tag::AsynchronousCorrelationValue),
};
static_assert(well_formed(poll_request_rows));
constinit const Shape Described<PollRequest>::shape{poll_request_rows};

constinit const Shape Described<PollResponse>::shape;

}  // namespace keyway::kmip
