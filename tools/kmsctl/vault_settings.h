// How kmsctl reaches a Vault server: from the options and from the variables that Vault's own tools read.
#pragma once

#include <core/error.h>
#include <tools/kmsctl/command.h>
#include <tools/kmsctl/kms_options.h>
#include <vault/client/settings.h>

namespace keyway::kmsctl {

// vault_settings reads credentials and certificates, and warns of what is unwise. The namespace is that of
// given_namespace, or the root. Errors name the option.
Result<vault::ClientSettings> vault_settings(const KmsOptions& options, const Session& session);

// given_namespace is that of --namespace or VAULT_NAMESPACE; none when neither is given.
std::optional<std::string> given_namespace(const KmsOptions& options);

// logs_in tells whether the options ask for a login, rather than naming a token that exists.
bool logs_in(const KmsOptions& options);

}  // namespace keyway::kmsctl
