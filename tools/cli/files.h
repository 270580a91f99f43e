// What a command reads and writes: a file, or "-" for standard input and output.
#pragma once

#include <string>

#include <core/error.h>
#include <core/secret.h>
#include <core/wrapped_key.h>
#include <tools/cli/console.h>

namespace keyway::cli {

// read_input reads FILE, or standard input for "-", at most `limit` bytes; write_output likewise, files with
// mode 0600. Errors: those of <core/file.h>.
Result<Secret> read_input(const std::string& file, std::size_t limit);
Result<void> write_output(const Console& console, const std::string& file, Bytes content);

// is_standard tells whether FILE means standard input or output.
bool is_standard(const std::string& file);
// refuse_terminal is invalid_input when `file` is standard output and a person looks at it: a key must not be
// shown.
Result<void> refuse_terminal(const std::string& file);

// read_wrapped_key reads a wrapped key in its text form. Errors: those of read_input and
// wrapped_key_from_text.
Result<WrappedKey> read_wrapped_key(const std::string& file);
// write_wrapped_key writes it. A line feed follows on a terminal only: in a file every byte counts. What
// was wrapped just now refuses an existing file, which may hold the only copy of another key: invalid_input.
enum class Existing { refuse, replace };
Result<void> write_wrapped_key(const Console& console, const std::string& file, const WrappedKey& blob,
                               Existing existing);
// refuse_existing is that error before the KMS is asked for anything.
Result<void> refuse_existing(const std::string& file);

}  // namespace keyway::cli
