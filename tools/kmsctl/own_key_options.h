// The key that a filesystem is to have of its own: --kms-key-identifier and its like.
#pragma once

#include <optional>
#include <string>

#include <CLI/App.hpp>

#include <keyring/keyring.h>
#include <tools/kmsctl/command.h>

namespace keyway::kmsctl {

struct OwnKeyOptions {
  std::optional<std::string> key, name_space, role_id, secret_id_file;
  std::optional<std::string> secret_id;  // tells only that there is one: see ArgumentSecrets

  // first_given is the first of the options that was given; empty when none was.
  std::string_view first_given() const;
};

void declare(CLI::App& app, OwnKeyOptions& options);

// own_key checks the options and reads what they name. Errors: invalid_input, naming option and rule.
Result<keyring::OwnKey> own_key(const OwnKeyOptions& options, const Session& session);

}  // namespace keyway::kmsctl
