#include <cstdlib>

#include <CLI/CLI.hpp>

#include <tools/kmsctl/kms_options.h>

namespace keyway::kmsctl {

namespace {

using Value = KmsOptions::Value KmsOptions::*;

constexpr unsigned bit(Backend backend) { return 1U << static_cast<unsigned>(backend); }
constexpr unsigned of_local = bit(Backend::local), of_kmip = bit(Backend::kmip),
                   of_vault = bit(Backend::vault);
constexpr unsigned of_both = of_vault | of_kmip;

constexpr unsigned bit(Task task) { return static_cast<unsigned>(task); }
constexpr unsigned always = 0xff;
constexpr unsigned wrapping = bit(Task::wrap) | bit(Task::rewrap);

// One option: the backends that know it, the tasks that take it, and where else its value may come from.
struct Row {
  const char* name;
  Value value;
  unsigned backends;
  unsigned tasks;
  const char* vault_variable;
  const char* kmip_variable;
  const char* help;
};

using O = KmsOptions;
constexpr Row rows[] = {
    {"--address", &O::address, of_both, always, "VAULT_ADDR", "KMIP_SERVER",
     "where the KMS is: URL[,URL]... of a Vault, HOST[:PORT][,HOST[:PORT]]... of a KMIP server"},
    {"--key", &O::key, of_both, always, nullptr, nullptr,
     "key in the KMS: Vault's name of it; for KMIP a unique identifier, or name:NAME"},
    {"--client-cert", &O::client_cert, of_both, always, "VAULT_CLIENT_CERT", "KMIP_CLIENT_CERT",
     "client certificate (PEM, intermediates after it)"},
    {"--client-key", &O::client_key, of_both, always, "VAULT_CLIENT_KEY", "KMIP_CLIENT_KEY",
     "client private key (PEM, may be encrypted)"},
    {"--client-key-passphrase-file", &O::passphrase_file, of_both, always, nullptr,
     "KMIP_CLIENT_KEY_PASSPHRASE_FILE", "file with its passphrase; else it is asked for at the terminal"},
    {"--server-name", &O::server_name, of_both, always, "VAULT_TLS_SERVER_NAME", "KMIP_SERVER_NAME",
     "name to expect in the server's certificate, if not the host's"},

    {"--namespace", &O::name_space, of_vault, always, nullptr, nullptr, "namespace (or VAULT_NAMESPACE)"},
    {"--transit-path", &O::transit_path, of_vault, always, nullptr, nullptr,
     "where the transit engine is mounted (transit)"},
    {"--key-version", &O::key_version, of_vault, wrapping, nullptr, nullptr,
     "version of the key to wrap with; else the latest"},
    {"--vault-ca-cert", &O::vault_ca_cert, of_vault, always, nullptr, nullptr,
     "CA certificates to trust (PEM; or VAULT_CACERT); else the system's"},
    {"--vault-ca-path", &O::vault_ca_path, of_vault, always, nullptr, nullptr,
     "folder of hashed CA certificates (or VAULT_CAPATH)"},
    {"--token-file", &O::token_file, of_vault, always, nullptr, nullptr,
     "file with a token (or VAULT_TOKEN, or ~/.vault-token)"},
    {"--token", &O::token, of_vault, always, nullptr, nullptr,
     "a token; others can see it, better --token-file"},
    {"--role-id", &O::role_id, of_vault, always, nullptr, nullptr, "AppRole to log in with"},
    {"--secret-id-file", &O::secret_id_file, of_vault, always, nullptr, nullptr,
     "file with its secret id (or KMSCTL_SECRET_ID, or the terminal)"},
    {"--secret-id", &O::secret_id, of_vault, always, nullptr, nullptr,
     "its secret id; others can see it, better --secret-id-file"},
    {"--wrapped-secret-id", &O::wrapped_secret_id, of_vault, always, nullptr, nullptr,
     "the secret id given is a wrapping token that it is behind, good once"},
    {"--kubernetes-role", &O::kubernetes_role, of_vault, always, nullptr, nullptr,
     "role to log in with from inside a pod"},
    {"--kubernetes-token-file", &O::kubernetes_token_file, of_vault, always, nullptr, nullptr,
     "the service account's token, if not in its usual place"},
    {"--auth-path", &O::auth_path, of_vault, always, nullptr, nullptr,
     "where the auth method is mounted (approle, kubernetes)"},

    {"--ca-cert", &O::ca_cert, of_kmip, always, nullptr, "KMIP_CA",
     "CA certificates that the server's must chain to (PEM); else the system's"},
    {"--username", &O::username, of_kmip, always, nullptr, "KMIP_USERNAME",
     "user name to send beside the certificate"},
    {"--password-file", &O::password_file, of_kmip, always, nullptr, "KMIP_PASSWORD_FILE",
     "file with its password (or KMIP_PASSWORD, or the terminal)"},
    {"--kmip-version", &O::kmip_version, of_kmip, always, nullptr, "KMIP_VERSION",
     "protocol version to insist on, 1.0 to 2.1; 'auto' negotiates"},
    {"--wrap-where", &O::wrap_where, of_kmip, always, nullptr, nullptr,
     "cipher in the KMS (server), here with the KMS's key (client), or automatic"},

    {"--key-file", &O::key_file, of_local, always, nullptr, nullptr,
     "key file that wraps (kmsctl new-key-file)"},
    {"--new-key-file", &O::new_key_file, of_local, bit(Task::rewrap), nullptr, nullptr,
     "key file to move to; else the key is wrapped anew with the same"},
};

// `one` excludes `other`.
struct Exclusion {
  Value one, other;
};
constexpr Exclusion exclusions[] = {
    {&O::token_file, &O::token},
    {&O::token_file, &O::role_id},
    {&O::token, &O::role_id},
    {&O::token_file, &O::kubernetes_role},
    {&O::token, &O::kubernetes_role},
    {&O::role_id, &O::kubernetes_role},
    {&O::secret_id_file, &O::secret_id},
};

// `one` is of no use without one of the others.
struct Need {
  Value one;
  Value others[2];
};
constexpr Need needs[] = {
    {&O::secret_id_file, {&O::role_id}},
    {&O::secret_id, {&O::role_id}},
    {&O::wrapped_secret_id, {&O::role_id}},
    {&O::kubernetes_token_file, {&O::kubernetes_role}},
    {&O::auth_path, {&O::role_id, &O::kubernetes_role}},
};

// `value` has to be there for these tasks, once the environment was asked.
struct Requirement {
  Value value;
  unsigned backends, tasks;
};
constexpr Requirement requirements[] = {
    {&O::address, of_both, always},
    {&O::key, of_vault, bit(Task::wrap) | bit(Task::check)},
    {&O::key, of_kmip, wrapping | bit(Task::check)},
    {&O::client_cert, of_kmip, always},
    {&O::client_key, of_kmip, always},
    {&O::key_file, of_local, always},
};

const Row& row_of(Value value) {
  for (const Row& row : rows)
    if (row.value == value) return row;
  std::abort();  // a table names a value that no row has: the first run of any command would show it
}

std::string backend_names(unsigned backends) {
  std::string names;
  for (const Backend backend : {Backend::vault, Backend::kmip, Backend::local})
    if ((backends & bit(backend)) != 0)
      names += fmt::format("{}{}", names.empty() ? "" : " and ", name(backend));
  return names;
}

const char* variable_of(const Row& row, Backend backend) {
  return backend == Backend::vault  ? row.vault_variable
         : backend == Backend::kmip ? row.kmip_variable
                                    : nullptr;
}

std::string group_of(const Row& row) {
  if (row.backends == of_both) return "KMS";
  return fmt::format("With --kms {}", backend_names(row.backends));
}

std::string help_of(const Row& row) {
  std::string variables;
  for (const char* variable : {row.vault_variable, row.kmip_variable})
    if (variable != nullptr) variables += fmt::format("{}{}", variables.empty() ? "" : ", ", variable);
  return variables.empty() ? row.help : fmt::format("{} [{}]", row.help, variables);
}

Result<void> check_backend(const KmsOptions& options, Backend backend) {
  for (const Row& row : rows)
    if (options.*row.value && (row.backends & bit(backend)) == 0)
      return fail(ErrorKind::invalid_input, "{} is for --kms {}, not for --kms {}", row.name,
                  backend_names(row.backends), name(backend));
  return {};
}

Result<void> check_together(const KmsOptions& options) {
  for (const auto& [one, other] : exclusions)
    if (options.*one && options.*other)
      return fail(ErrorKind::invalid_input, "{} and {} exclude each other", row_of(one).name,
                  row_of(other).name);
  for (const auto& [one, others] : needs) {
    const bool has = options.*others[0] || (others[1] != nullptr && options.*others[1]);
    if (!(options.*one) || has) continue;
    const std::string second =
        others[1] == nullptr ? std::string() : fmt::format(" or {}", row_of(others[1]).name);
    return fail(ErrorKind::invalid_input, "{} goes with {}{}", row_of(one).name, row_of(others[0]).name,
                second);
  }
  if (options.task == Task::rewrap && options.transit_path && !options.key)
    return fail(ErrorKind::invalid_input,
                "with rewrap, --transit-path goes with --key: it is where the new key is");
  return {};
}

// What is given empty is a mistake of a script (an unset variable), but for the root namespace.
Result<void> check_filled(const KmsOptions& options) {
  for (const Row& row : rows)
    if (options.*row.value && (options.*row.value)->empty() && row.value != &O::name_space)
      return fail(ErrorKind::invalid_input, "{} is empty", row.name);
  return {};
}

void take_environment(KmsOptions& options, Backend backend) {
  for (const Row& row : rows) {
    const char* variable = variable_of(row, backend);
    if (variable != nullptr && !(options.*row.value)) options.*row.value = environment(variable);
  }
  // As with Vault's own tools, the file comes before the folder; and an option before either variable.
  if (backend != Backend::vault || options.vault_ca_cert || options.vault_ca_path) return;
  options.vault_ca_cert = environment("VAULT_CACERT");
  if (!options.vault_ca_cert) options.vault_ca_path = environment("VAULT_CAPATH");
}

Result<void> check_required(const KmsOptions& options, Backend backend) {
  for (const auto& [value, backends, tasks] : requirements) {
    if (options.*value || (backends & bit(backend)) == 0 || (tasks & bit(options.task)) == 0) continue;
    const Row& row = row_of(value);
    const char* variable = variable_of(row, backend);
    return fail(ErrorKind::invalid_input, "--kms {} needs {}{}", name(backend), row.name,
                variable == nullptr ? std::string() : fmt::format(", or {} set", variable));
  }
  if (options.client_cert.has_value() != options.client_key.has_value())
    return fail(ErrorKind::invalid_input, "--client-cert and --client-key go together");
  return {};
}

Backend backend_of(const KmsOptions& options) {
  for (const Backend backend : {Backend::vault, Backend::kmip})
    if (options.kms == name(backend)) return backend;
  return Backend::local;
}

}  // namespace

void declare(CLI::App& app, KmsOptions& options, Task task) {
  options.task = task;
  app.add_option("--kms", options.kms, "kind of the KMS")
      ->group("KMS")
      ->required()
      ->check(CLI::IsMember({"vault", "kmip", "local"}));
  app.add_option("--context", options.context, "what the data key is for; unwrap must be given the same");
  app.add_option("--timeout", options.timeout, "seconds for a request")->group("KMS")->capture_default_str();
  for (const Row& row : rows) {
    if ((row.tasks & bit(task)) == 0) continue;
    KmsOptions::Value& value = options.*row.value;
    CLI::Option* option = nullptr;
    if (row.value == &O::wrapped_secret_id)
      option = app.add_flag_callback(row.name, [&value] { value = "yes"; }, row.help);
    else
      option = app.add_option_function<std::string>(
          row.name, [&value](const std::string& given) { value = given; }, help_of(row));
    option->group(group_of(row));
    if (row.value == &O::wrap_where) option->check(CLI::IsMember({"automatic", "server", "client"}));
    if (row.value == &O::kmip_version)
      option->check(CLI::IsMember({"auto", "1.0", "1.1", "1.2", "1.3", "1.4", "2.0", "2.1"}));
  }
}

Result<Backend> settle(KmsOptions& options) {
  const Backend backend = backend_of(options);
  if (auto good = check_backend(options, backend); !good) return std::unexpected(std::move(good.error()));
  if (auto good = check_together(options); !good) return std::unexpected(std::move(good.error()));
  if (auto good = check_filled(options); !good) return std::unexpected(std::move(good.error()));
  take_environment(options, backend);
  if (auto good = check_required(options, backend); !good) return std::unexpected(std::move(good.error()));
  return backend;
}

std::optional<std::string> environment(const char* variable) {
  const char* value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): read before threads start
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

}  // namespace keyway::kmsctl
