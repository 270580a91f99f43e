#include <fmt/chrono.h>

#include <tools/kmsctl/words.h>

namespace keyway::kmsctl {

void warn(const cli::Console& console, std::string_view text) {
  console.say(fmt::format("warning: {}", text));
}

std::string time_text(std::chrono::sys_seconds time) { return fmt::format("{:%FT%TZ}", time); }

std::string counted(std::int64_t number, std::string_view one) {
  return fmt::format("{} {}{}", number, one, number == 1 ? "" : "s");
}

const char* const snapshots_need_it =
    "a snapshot made under it opens only when that KMS is configured again: kms set, fs download, kms set "
    "back, kms rewrap";

const char* const local_is_weaker =
    "the local key is weaker than a KMS: it lies in a file beside the database, and whoever reads the disk "
    "has both";

}  // namespace keyway::kmsctl
