// Which KMS, which key there, and who we are: the options that all commands share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <CLI/App.hpp>

#include <core/error.h>
#include <core/wrapped_key.h>

namespace keyway::kmsctl {

enum class Task : std::uint8_t { wrap = 1, unwrap = 2, rewrap = 4, check = 8 };

// KmsOptions holds what the command line gave; settle() adds the environment. The options' rules stand in
// kms_options.cpp as tables.
struct KmsOptions {
  using Value = std::optional<std::string>;  // none: not given

  Task task = Task::wrap;
  std::string kms;
  std::string context;
  double timeout = 30;  // seconds

  Value address, key;  // vault and kmip
  Value client_cert, client_key, passphrase_file, server_name;

  Value name_space, transit_path, key_version, vault_ca_cert, vault_ca_path;  // vault
  Value token_file, token;  // token and secret_id tell only that there is one: see ArgumentSecrets
  Value role_id, secret_id_file, secret_id, wrapped_secret_id;
  Value kubernetes_role, kubernetes_token_file;
  Value auth_path;

  Value ca_cert, username, password_file, kmip_version, wrap_where;  // kmip

  Value key_file, new_key_file;  // local
};

// declare adds the options that `task` takes.
void declare(CLI::App& app, KmsOptions& options, Task task);

// settle refuses options that do not go together or lack another, takes from the environment what was not
// given, and tells which backend was asked for. Error: invalid_input, naming option and rule.
Result<Backend> settle(KmsOptions& options);

// environment is a variable's value; none when it is not set or empty.
std::optional<std::string> environment(const char* variable);

}  // namespace keyway::kmsctl
