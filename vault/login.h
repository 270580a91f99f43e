// Who we are at a Vault server.
#pragma once

#include <functional>
#include <string>
#include <variant>

#include <core/error.h>
#include <core/secret.h>

namespace keyway::vault {

// A SecretSource gives a credential when it is needed, on the client's thread; it is asked again for each
// login, so that a file may be replaced under a running client.
using SecretSource = std::function<Result<Secret>()>;

// A token that was made for us. When it has died the source is asked again, in case it has a new one.
struct TokenLogin {
  SecretSource token;
};

struct AppRoleLogin {
  std::string role_id;
  SecretSource secret_id;
  bool is_wrapped = false;  // secret_id gives a wrapping token, good once, and the secret id is behind it
  std::string path = "approle";
};

struct KubernetesLogin {
  std::string role;
  SecretSource jwt;  // the service account's token; it changes about hourly
  std::string path = "kubernetes";
};

// No token of ours: a Vault agent at the address adds its own (auto-auth).
struct AgentLogin {};

using Login = std::variant<TokenLogin, AppRoleLogin, KubernetesLogin, AgentLogin>;

// Where a pod finds its service account's token.
inline constexpr const char* service_account_token = "/var/run/secrets/kubernetes.io/serviceaccount/token";

}  // namespace keyway::vault
