#include <cmath>
#include <cstdint>

#include <tools/cli/duration.h>

namespace keyway::cli {

Result<std::chrono::milliseconds> duration(double seconds, std::string_view option) {
  constexpr double longest = 24.0 * 3600;
  if (!std::isfinite(seconds) || seconds <= 0 || seconds > longest)
    return fail(ErrorKind::invalid_input, "{} takes seconds above 0 and at most {}", option, longest);
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(seconds * 1000)));
}

}  // namespace keyway::cli
