#include <kmip/model/query_asynchronous_requests.h>

namespace keyway::kmip {

constexpr Row query_asynchronous_requests_request_rows[] = {
    field<&QueryAsynchronousRequestsRequest::asynchronous_correlation_values>(
        Tag::AsynchronousCorrelationValues),
    field<&QueryAsynchronousRequestsRequest::operations>(Tag::Operations),
};
static_assert(well_formed(query_asynchronous_requests_request_rows));
constinit const Shape Described<QueryAsynchronousRequestsRequest>::shape{
    query_asynchronous_requests_request_rows};

constexpr Row query_asynchronous_requests_response_rows[] = {
    field<&QueryAsynchronousRequestsResponse::asynchronous_requests>(Tag::AsynchronousRequest),
};
static_assert(well_formed(query_asynchronous_requests_response_rows));
constinit const Shape Described<QueryAsynchronousRequestsResponse>::shape{
    query_asynchronous_requests_response_rows};

}  // namespace keyway::kmip
