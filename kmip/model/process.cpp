#include <kmip/model/process.h>

namespace keyway::kmip {

constexpr Row process_request_rows[] = {
    field<&ProcessRequest::asynchronous_correlation_value>(Tag::AsynchronousCorrelationValue),
};
static_assert(well_formed(process_request_rows));
constinit const Shape Described<ProcessRequest>::shape{process_request_rows};

constinit const Shape Described<ProcessResponse>::shape;

}  // namespace keyway::kmip
