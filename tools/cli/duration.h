// Durations as options give them.
#pragma once

#include <chrono>
#include <string_view>

#include <core/error.h>

namespace keyway::cli {

// duration turns the seconds that `option` was given, fractions allowed, into a time to wait. Error:
// invalid_input unless they are above 0 and at most a day.
Result<std::chrono::milliseconds> duration(double seconds, std::string_view option);

}  // namespace keyway::cli
