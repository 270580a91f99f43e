// How secrets come in: from a file, from the environment, or typed at a terminal; from an argument only where
// other tools have taught people to give them so.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <core/error.h>
#include <core/secret.h>

namespace keyway::cli {

inline constexpr std::size_t longest_typed_secret = 4096;  // bytes

// secret_from_file reads a passphrase, password or token: the first line, without its line end, of a file of
// at most `limit` bytes.
Result<Secret> secret_from_file(const std::string& path, std::size_t limit = longest_typed_secret);
// secret_from_environment reads a variable; none when it is not set.
std::optional<Secret> secret_from_environment(const char* variable);
// secret_from_terminal asks on the terminal, not on stdin, without echo. Error: invalid_input without a
// terminal, with `otherwise` as the advice.
Result<Secret> secret_from_terminal(std::string_view prompt, std::string_view otherwise);
// ask_secret takes the first there is: the file (unless its name is empty), the environment, the terminal.
Result<Secret> ask_secret(const std::string& file, const char* variable, std::string_view prompt,
                          std::string_view otherwise);

// secret_from_argument takes the value of `option` ("--token") out of the command line, as "--token VALUE" or
// "--token=VALUE", and leaves stars in its place: so no parser makes copies of it, and `ps` shows it for an
// instant only. None when the option is not there, or has no value. Call it before the arguments are parsed.
std::optional<Secret> secret_from_argument(int argc, char** argv, std::string_view option);

// forbid_core_dumps keeps memory out of core files and away from other processes of this user.
void forbid_core_dumps();

}  // namespace keyway::cli
