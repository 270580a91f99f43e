// Sentences and values that several commands of the keyring print.
#pragma once

#include <chrono>
#include <string>

#include <core/bytes.h>
#include <tools/cli/console.h>

namespace keyway::kmsctl {

void warn(const cli::Console& console, std::string_view text);

// time_text is UTC as in RFC 3339, "2031-05-06T07:08:09Z".
std::string time_text(std::chrono::sys_seconds time);

// counted is "1 filesystem", "2 filesystems".
std::string counted(std::int64_t number, std::string_view one);

// What follows from a KMS's configuration being dropped.
extern const char* const snapshots_need_it;

// What is to be known of the local key wherever it wraps.
extern const char* const local_is_weaker;

}  // namespace keyway::kmsctl
