// Which keyring a command works on: its database, the key files beside it, and how long to wait.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <CLI/App.hpp>

#include <keyring/keyring.h>
#include <tools/cli/console.h>

namespace keyway::kmsctl {

struct KeyringOptions {
  std::optional<std::string> db, state_key, local_key;
  double wait = 10;     // seconds, for other writers
  double timeout = 30;  // seconds, for one request to the KMS
  unsigned jobs = 4;
};

enum class Asks : std::uint8_t { nobody, kms };  // whether a command has questions to a KMS

void declare(CLI::App& app, KeyringOptions& options, Asks asks);

// database_file is --db, or KMSCTL_DB, or the usual place. Error: invalid_input when there is none.
Result<std::filesystem::path> database_file(const KeyringOptions& options);
// store_settings is what the options say of the database alone.
Result<keyring::StoreSettings> store_settings(const KeyringOptions& options);

// A keyring and what it reaches KMSs with.
struct OpenKeyring {
  std::unique_ptr<keyring::Connector> connector;  // before the keyring, which uses it until its end
  keyring::Keyring ring;
};

// open_keyring opens the database. Errors: invalid_input, naming the option; those of the Store.
Result<OpenKeyring> open_keyring(const KeyringOptions& options);
// open_or_make_keyring makes one where there is none yet, and says so: the place may be mistyped.
Result<OpenKeyring> open_or_make_keyring(const KeyringOptions& options, const cli::Console& console);

}  // namespace keyway::kmsctl
