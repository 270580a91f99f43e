// The options of `kms set vault` and `kms set kmip`: both take those of either, so that a wrong one is
// refused with its rule.
#pragma once

#include <optional>
#include <string>

#include <CLI/App.hpp>

#include <keyring/model/kms.h>
#include <tools/kmsctl/command.h>

namespace keyway::kmsctl {

struct KmsSetOptions {
  using Value = std::optional<std::string>;

  std::string address, key;
  Value token, token_file, role_id, secret_id, secret_id_file;  // vault; token and secret_id tell only that
  Value kubernetes_role, kubernetes_token_file;                 // there is one: see ArgumentSecrets
  Value name_space, transit_path, auth_path, vault_ca_cert;
  Value client_cert, client_key, passphrase_file, ca_cert;  // kmip
};

// declare adds the options. Backend: vault or kmip.
void declare(CLI::App& app, KmsSetOptions& options, Backend backend);

// kms_settings checks the options, warns of what is unwise, and reads the files that they name. Errors:
// invalid_input, naming option and rule; those of the files.
Result<keyring::KmsSettings> kms_settings(const KmsSetOptions& options, Backend backend,
                                          const Session& session);

}  // namespace keyway::kmsctl
