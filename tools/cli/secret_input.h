// How secrets come in: from a file, from the environment, or typed at a terminal. Never from an argument.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <core/error.h>
#include <core/secret.h>

namespace keyway::cli {

inline constexpr std::size_t longest_typed_secret = 4096;  // bytes

// secret_from_file reads a passphrase or password: the first line, without its line end.
Result<Secret> secret_from_file(const std::string& path);
// secret_from_environment reads a variable; none when it is not set.
std::optional<Secret> secret_from_environment(const char* variable);
// secret_from_terminal asks on the terminal, not on stdin, without echo. Error: invalid_input without a
// terminal, with `otherwise` as the advice.
Result<Secret> secret_from_terminal(std::string_view prompt, std::string_view otherwise);

// forbid_core_dumps keeps memory out of core files and away from other processes of this user.
void forbid_core_dumps();

}  // namespace keyway::cli
