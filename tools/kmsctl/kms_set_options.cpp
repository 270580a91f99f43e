#include <CLI/CLI.hpp>

#include <keyring/model/rules.h>
#include <tools/kmsctl/credentials.h>
#include <tools/kmsctl/kms_set_options.h>
#include <tools/kmsctl/words.h>

namespace keyway::kmsctl {

namespace {

using SetOptions = KmsSetOptions;
using SetValue = KmsSetOptions::Value KmsSetOptions::*;

// One option: whose it is, and what the other kind of KMS has in its place.
struct SetRow {
  const char* name;
  SetValue value;
  Backend backend;
  const char* instead;  // null: nothing
  const char* help;
};

constexpr SetRow set_rows[] = {
    {"--token-file", &SetOptions::token_file, Backend::vault, "--client-cert and --client-key", "a token: "},
    {"--token", &SetOptions::token, Backend::vault, "--client-cert and --client-key",
     "a token; others can see it, better --token-file"},
    {"--role-id", &SetOptions::role_id, Backend::vault, "--client-cert and --client-key",
     "AppRole to log in with"},
    {"--secret-id-file", &SetOptions::secret_id_file, Backend::vault, "--client-cert and --client-key",
     "its secret id: "},
    {"--secret-id", &SetOptions::secret_id, Backend::vault, "--client-cert and --client-key",
     "its secret id; others can see it, better --secret-id-file"},
    {"--kubernetes-role", &SetOptions::kubernetes_role, Backend::vault, "--client-cert and --client-key",
     "role to log in with from inside a pod"},
    {"--kubernetes-token-file", &SetOptions::kubernetes_token_file, Backend::vault, nullptr,
     "the service account's token, if not in its usual place"},
    {"--namespace", &SetOptions::name_space, Backend::vault, nullptr, "namespace of the key and the login"},
    {"--transit-path", &SetOptions::transit_path, Backend::vault, nullptr,
     "where the transit engine is mounted (transit)"},
    {"--auth-path", &SetOptions::auth_path, Backend::vault, nullptr,
     "where the auth method is mounted (approle, kubernetes)"},
    {"--vault-ca-cert", &SetOptions::vault_ca_cert, Backend::vault, "--ca-cert",
     "CA certificates to trust (PEM), which are stored; else the system's"},
    {"--client-cert", &SetOptions::client_cert, Backend::kmip, nullptr,
     "client certificate (PEM, intermediates after it), which is stored"},
    {"--client-key", &SetOptions::client_key, Backend::kmip, nullptr,
     "its private key (PEM, may be encrypted), which is stored sealed"},
    {"--client-key-passphrase-file", &SetOptions::passphrase_file, Backend::kmip, nullptr,
     "file with its passphrase, which is stored sealed (or KMIP_CLIENT_KEY_PASSPHRASE, or the terminal)"},
    {"--ca-cert", &SetOptions::ca_cert, Backend::kmip, "--vault-ca-cert",
     "CA certificates that the server's must chain to (PEM), which are stored; else the system's"},
};

struct SetExclusion {
  SetValue one, other;
};
constexpr SetExclusion set_exclusions[] = {
    {&SetOptions::token, &SetOptions::token_file},
    {&SetOptions::token, &SetOptions::role_id},
    {&SetOptions::token, &SetOptions::secret_id},
    {&SetOptions::token, &SetOptions::secret_id_file},
    {&SetOptions::token, &SetOptions::kubernetes_role},
    {&SetOptions::token_file, &SetOptions::role_id},
    {&SetOptions::token_file, &SetOptions::secret_id},
    {&SetOptions::token_file, &SetOptions::secret_id_file},
    {&SetOptions::token_file, &SetOptions::kubernetes_role},
    {&SetOptions::role_id, &SetOptions::kubernetes_role},
    {&SetOptions::secret_id, &SetOptions::secret_id_file},
};

// `one` is of no use without one of the others.
struct SetNeed {
  SetValue one, other, or_other;
};
constexpr SetNeed set_needs[] = {
    {&SetOptions::role_id, &SetOptions::secret_id_file, &SetOptions::secret_id},
    {&SetOptions::secret_id, &SetOptions::role_id, nullptr},
    {&SetOptions::secret_id_file, &SetOptions::role_id, nullptr},
    {&SetOptions::kubernetes_token_file, &SetOptions::kubernetes_role, nullptr},
    {&SetOptions::auth_path, &SetOptions::role_id, &SetOptions::kubernetes_role},
    {&SetOptions::client_cert, &SetOptions::client_key, nullptr},
    {&SetOptions::client_key, &SetOptions::client_cert, nullptr},
    {&SetOptions::passphrase_file, &SetOptions::client_key, nullptr},
};

const char* name_of(SetValue value) {
  for (const SetRow& row : set_rows)
    if (row.value == value) return row.name;
  return "";
}

std::string_view people_call(Backend backend) { return backend == Backend::vault ? "Vault" : "KMIP"; }

Result<void> check_kind(const SetOptions& options, Backend backend) {
  for (const SetRow& row : set_rows) {
    if (!(options.*row.value) || row.backend == backend) continue;
    const std::string instead = row.instead == nullptr
                                    ? fmt::format("{} has no such thing", people_call(backend))
                                    : fmt::format("with {} it is {}", people_call(backend), row.instead);
    return fail(ErrorKind::invalid_input, "{} is for kms set {}; {}", row.name, name(row.backend), instead);
  }
  return {};
}

// What is given empty is a mistake of a script: an unset variable.
Result<void> check_not_empty(const SetOptions& options) {
  if (options.address.empty()) return fail(ErrorKind::invalid_input, "ADDRESS is empty");
  if (options.key.empty()) return fail(ErrorKind::invalid_input, "the key's name is empty");
  for (const SetRow& row : set_rows)
    if (options.*row.value && (options.*row.value)->empty())
      return fail(ErrorKind::invalid_input, "{} is empty", row.name);
  return {};
}

Result<void> check_pairs(const SetOptions& options) {
  for (const auto& [one, other] : set_exclusions)
    if (options.*one && options.*other)
      return fail(ErrorKind::invalid_input, "{} and {} exclude each other: there is one way to log in",
                  name_of(one), name_of(other));
  for (const auto& [one, other, or_other] : set_needs) {
    if (!(options.*one) || options.*other || (or_other != nullptr && options.*or_other)) continue;
    const std::string second = or_other == nullptr ? "" : fmt::format(" or {}", name_of(or_other));
    return fail(ErrorKind::invalid_input, "{} goes with {}{}", name_of(one), name_of(other), second);
  }
  return {};
}

Result<void> check_needed(const SetOptions& options, Backend backend) {
  if (backend == Backend::kmip && !options.client_cert)
    return fail(ErrorKind::invalid_input,
                "kms set kmip needs --client-cert and --client-key: they are how a KMIP server knows us");
  const bool has_login = options.token || options.token_file || options.role_id || options.kubernetes_role;
  if (backend == Backend::vault && !has_login)
    return fail(ErrorKind::invalid_input,
                "kms set vault needs a login: --token-file (or --token), --role-id with --secret-id-file (or "
                "--secret-id), or --kubernetes-role");
  return {};
}

// The rules of values say what is wrong; here it is said where.
Result<void> named(Result<void> good, std::string_view option) {
  if (!good) good.error().what = fmt::format("{}: {}", option, good.error().what);
  return good;
}

Result<void> check_values(const SetOptions& options, Backend backend) {
  if (backend == Backend::kmip) return named(keyring::check_kmip_addresses(options.address), "ADDRESS");
  if (auto good = named(keyring::check_vault_addresses(options.address), "ADDRESS"); !good) return good;
  if (!options.name_space) return {};
  return named(keyring::check_namespace(*options.name_space), "--namespace");
}

Result<void> check(const SetOptions& options, Backend backend) {
  if (auto good = check_kind(options, backend); !good) return good;
  if (auto good = check_not_empty(options); !good) return good;
  if (auto good = check_pairs(options); !good) return good;
  if (auto good = check_needed(options, backend); !good) return good;
  return check_values(options, backend);
}

// --- reading ---

Result<void> take_login(const SetOptions& options, const Session& session, keyring::VaultKms& kms) {
  if (options.kubernetes_role) {
    std::string file;
    if (options.kubernetes_token_file) {
      std::error_code ignored;
      file = std::filesystem::absolute(*options.kubernetes_token_file, ignored).string();
    }
    kms.auth = keyring::KubernetesAuth{*options.kubernetes_role, std::move(file)};
    return {};
  }
  Result<keyring::Credential> credential =
      options.role_id ? (options.secret_id ? credential_of(session.secrets.secret_id, "--secret-id", session)
                                           : credential_at(*options.secret_id_file, "--secret-id-file"))
                      : (options.token ? credential_of(session.secrets.token, "--token", session)
                                       : credential_at(*options.token_file, "--token-file"));
  if (!credential) return std::unexpected(std::move(credential.error()));
  if (options.role_id)
    kms.auth = keyring::AppRoleAuth{*options.role_id, std::move(*credential)};
  else
    kms.auth = keyring::TokenAuth{std::move(*credential)};
  return {};
}

Result<keyring::KmsSettings> vault_kms(const SetOptions& options, const Session& session) {
  keyring::VaultKms kms{.addresses = options.address, .key = options.key};
  kms.name_space = options.name_space.value_or("");
  if (options.transit_path) kms.transit_path = *options.transit_path;
  kms.auth_path = options.auth_path.value_or("");
  if (keyring::is_unencrypted(options.address))
    warn(session.console, "an http address is not encrypted: keys and tokens travel in the clear; use https");
  if (options.vault_ca_cert) {
    auto pem = certificates_in(*options.vault_ca_cert, "--vault-ca-cert");
    if (!pem) return std::unexpected(std::move(pem.error()));
    kms.ca_pem = std::move(*pem);
  }
  if (auto good = take_login(options, session, kms); !good) return std::unexpected(std::move(good.error()));
  return kms;
}

Result<keyring::KmsSettings> kmip_kms(const SetOptions& options, const Session& session) {
  keyring::KmipKms kms{.addresses = options.address, .key = options.key};
  auto certificate = certificates_in(*options.client_cert, "--client-cert");
  if (!certificate) return std::unexpected(std::move(certificate.error()));
  kms.certificate_pem = std::move(*certificate);
  if (options.ca_cert) {
    auto pem = certificates_in(*options.ca_cert, "--ca-cert");
    if (!pem) return std::unexpected(std::move(pem.error()));
    kms.ca_pem = std::move(*pem);
  }
  auto key = private_key_in(*options.client_key, "--client-key", options.passphrase_file, session);
  if (!key) return std::unexpected(std::move(key.error()));
  kms.client_key = std::move(key->key);
  kms.passphrase = std::move(key->passphrase);
  return kms;
}

}  // namespace

void declare(CLI::App& app, KmsSetOptions& options, Backend backend) {
  const bool is_vault = backend == Backend::vault;
  app.add_option(
         "ADDRESS", options.address,
         is_vault ? "URL[,URL]...: https://HOST:PORT, http://..., unix:///PATH" : "HOST:PORT[,HOST:PORT]...")
      ->required();
  app.add_option(is_vault ? "KEY-NAME" : "KEY-UID", options.key,
                 is_vault ? "key of the transit engine" : "the key's unique identifier, or name:NAME")
      ->required();
  for (const SetRow& row : set_rows) {
    std::string help = row.help;
    if (row.value == &SetOptions::token_file || row.value == &SetOptions::secret_id_file)
      help += reference_help;
    CLI::Option* option = add_value(app, row.name, options.*row.value, help);
    option->group(row.backend == backend ? "KMS" : "");  // the others are hidden, and refused later
  }
}

Result<keyring::KmsSettings> kms_settings(const KmsSetOptions& options, Backend backend,
                                          const Session& session) {
  if (auto good = check(options, backend); !good) return std::unexpected(std::move(good.error()));
  return backend == Backend::vault ? vault_kms(options, session) : kmip_kms(options, session);
}

}  // namespace keyway::kmsctl
