#include <kmip/model/log.h>

namespace keyway::kmip {

constexpr Row log_request_rows[] = {
    field<&LogRequest::log_message>(Tag::LogMessage),
};
static_assert(well_formed(log_request_rows));
constinit const Shape Described<LogRequest>::shape{log_request_rows};

constinit const Shape Described<LogResponse>::shape;

}  // namespace keyway::kmip
