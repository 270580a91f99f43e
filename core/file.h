// Files read with a limit and written whole.
#pragma once

#include <filesystem>
#include <string>

#include <core/bytes.h>
#include <core/error.h>
#include <core/secret.h>

namespace keyway {

// read_file reads all of a file into wiping memory. Errors: not_found; invalid_input for a folder or a file
// of more than `limit` bytes; internal for any other failure. Each names the path.
Result<Secret> read_file(const std::filesystem::path& path, std::size_t limit);
// read_descriptor reads until the end of `fd`; `what` names it in errors ("standard input").
Result<Secret> read_descriptor(int fd, std::size_t limit, std::string_view what);

enum class Mode : unsigned { secret = 0600, shared = 0644 };

// write_file replaces `path` in one step: temporary file in the same folder, fsync, rename, fsync of the
// folder. A crash leaves the old content or the new, never a part.
Result<void> write_file(const std::filesystem::path& path, Bytes content, Mode mode);
// create_file makes a file that must not exist yet (O_EXCL), and removes it again if it cannot be completed.
// Error: invalid_input when it exists.
Result<void> create_file(const std::filesystem::path& path, Bytes content, Mode mode);
// write_descriptor writes all of `content` without a buffer of its own, so that no copy of a secret stays.
Result<void> write_descriptor(int fd, Bytes content, std::string_view what);

}  // namespace keyway
