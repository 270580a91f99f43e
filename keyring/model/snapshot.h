// The manifest of a snapshot: a filesystem's wrapped key, to be stored beside the data. It holds no secret.
#pragma once

#include <chrono>
#include <string>

#include <core/error.h>
#include <core/wrapped_key.h>

namespace keyway::keyring {

struct Snapshot {
  std::string filesystem_id;  // what the wrapped key is bound to
  std::string filesystem_name;
  std::chrono::sys_seconds taken;
  WrappedKey key;
};

inline constexpr std::size_t longest_snapshot = 512UL * 1024;  // bytes of the text

// to_text is JSON, with a checksum over all it says, in lines that end with LF. The id has to be 32
// lower-case hexadecimal digits, the name one that check_filesystem_name takes: no other comes back.
std::string to_text(const Snapshot& snapshot);
// snapshot_from_text takes exactly what to_text makes, byte by byte: also one with CR LF as line ends, or
// without the last LF, is refused, in words that say so. Errors: corrupt, naming what is wrong; unsupported
// for a later format.
Result<Snapshot> snapshot_from_text(Text text);

}  // namespace keyway::keyring
