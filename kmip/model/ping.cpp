#include <kmip/model/ping.h>

namespace keyway::kmip {

constinit const Shape Described<PingRequest>::shape;

constinit const Shape Described<PingResponse>::shape;

}  // namespace keyway::kmip
