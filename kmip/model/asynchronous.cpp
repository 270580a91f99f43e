#include <kmip/model/asynchronous.h>

namespace keyway::kmip {

constexpr Row asynchronous_request_rows[] = {
    field<&AsynchronousRequest::asynchronous_correlation_value>(Tag::AsynchronousCorrelationValue),
    field<&AsynchronousRequest::operation>(Tag::Operation),
    field<&AsynchronousRequest::submission_date>(Tag::SubmissionDate),
    field<&AsynchronousRequest::processing_stage>(Tag::ProcessingStage),
};
static_assert(well_formed(asynchronous_request_rows));
constinit const Shape Described<AsynchronousRequest>::shape{asynchronous_request_rows};

constexpr Row asynchronous_correlation_values_rows[] = {
    field<&AsynchronousCorrelationValues::asynchronous_correlation_value>(Tag::AsynchronousCorrelationValue),
};
static_assert(well_formed(asynchronous_correlation_values_rows));
constinit const Shape Described<AsynchronousCorrelationValues>::shape{asynchronous_correlation_values_rows};

}  // namespace keyway::kmip
