// A filesystem of the keyring for a person, and as JSON.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include <keyring/keyring.h>
#include <tools/kmsctl/command.h>

namespace keyway::kmsctl {

nlohmann::ordered_json to_json(const keyring::FilesystemView& filesystem);

// own_text names what a filesystem has of its own: "key a, namespace b, role c"; empty when nothing.
std::string own_text(const keyring::FilesystemView& filesystem);
// key_text is "version 3 of key fs in Vault"; "not encrypted" where there is none.
std::string key_text(const keyring::FilesystemView& filesystem);

// print_filesystem prints what was made or changed: "NAME: WHAT, version 3 of key fs in Vault", or JSON.
// Warns when the local key wraps.
Exit print_filesystem(const cli::Console& console, const keyring::FilesystemView& filesystem,
                      std::string_view what);

// check_name checks a filesystem's name. Error: invalid_input, naming `what` ("NAME") and the rule.
Result<void> check_name(const std::string& filesystem, std::string_view what);

}  // namespace keyway::kmsctl
