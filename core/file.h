// Files read with a limit and written whole.
#pragma once

#include <filesystem>
#include <string>

#include <core/bytes.h>
#include <core/error.h>
#include <core/secret.h>

namespace keyway {

// The functions below are thread-safe. Their errors name the path: not_found when it, or a folder above it,
// does not exist; invalid_input when this user may not use it or it is of the wrong kind; internal for any
// other failure.

// read_file reads all of a file, pipe or device into wiping memory. Also invalid_input: a folder, or more
// than `limit` bytes.
Result<Secret> read_file(const std::filesystem::path& path, std::size_t limit);
// read_private_file is read_file for a secret at rest: also invalid_input when it is not a regular file, or
// when others than its owner have any permission on it. What is checked is the file that is read.
Result<Secret> read_private_file(const std::filesystem::path& path, std::size_t limit);
// read_descriptor reads until the end of `fd`; `what` names it in errors ("standard input").
Result<Secret> read_descriptor(int fd, std::size_t limit, std::string_view what);

// first_line is `content` up to its first line end (LF or CR), which is not part of it: what a file that
// people edit holds of a token or passphrase. Error: invalid_input when that is empty; `what` names the file
// in it.
Result<Secret> first_line(const Secret& content, std::string_view what);

enum class Mode : unsigned { secret = 0600, shared = 0644 };

// write_file replaces `path` in one step: temporary file in the same folder, fsync, rename, fsync of the
// folder. A crash leaves the old content or the new, never a part, and perhaps the temporary file
// (".keyway-*.tmp"); an error leaves the old content, unless it says otherwise. A symbolic link at `path` is
// replaced, not followed. Error: invalid_input for what is not a file, or a link to one: a device must not
// become a file.
Result<void> write_file(const std::filesystem::path& path, Bytes content, Mode mode);
// create_file is write_file for a path at which nothing may stand, not even a link to nothing: of several who
// create it at once one succeeds, and whoever finds a file there finds all of it. Error: invalid_input when
// there is something.
Result<void> create_file(const std::filesystem::path& path, Bytes content, Mode mode);
// write_descriptor writes all of `content` without a buffer of its own, so that no copy of a secret stays.
Result<void> write_descriptor(int fd, Bytes content, std::string_view what);

}  // namespace keyway
