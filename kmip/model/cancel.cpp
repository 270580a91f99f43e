#include <kmip/model/cancel.h>

namespace keyway::kmip {

constexpr Row cancel_request_rows[] = {
    field<&CancelRequest::asynchronous_correlation_value>(Tag::AsynchronousCorrelationValue),
};
static_assert(well_formed(cancel_request_rows));
constinit const Shape Described<CancelRequest>::shape{cancel_request_rows};

constexpr Row cancel_response_rows[] = {
    field<&CancelResponse::asynchronous_correlation_value>(Tag::AsynchronousCorrelationValue),
    field<&CancelResponse::cancellation_result>(Tag::CancellationResult),
};
static_assert(well_formed(cancel_response_rows));
constinit const Shape Described<CancelResponse>::shape{cancel_response_rows};

}  // namespace keyway::kmip
