#include <CLI/CLI.hpp>

#include <keyring/model/rules.h>
#include <tools/kmsctl/credentials.h>
#include <tools/kmsctl/own_key_options.h>

namespace keyway::kmsctl {

namespace {

using OwnValue = std::optional<std::string> OwnKeyOptions::*;

struct OwnRow {
  const char* name;
  OwnValue value;
  const char* help;
};

constexpr OwnRow own_rows[] = {
    {"--kms-key-identifier", &OwnKeyOptions::key, "the filesystem's own key in the Vault"},
    {"--kms-namespace", &OwnKeyOptions::name_space, "namespace of that key; else the cluster's"},
    {"--kms-role-id", &OwnKeyOptions::role_id, "AppRole of its own; else the cluster's credentials"},
    {"--kms-secret-id-file", &OwnKeyOptions::secret_id_file, "its secret id: "},
    {"--kms-secret-id", &OwnKeyOptions::secret_id,
     "its secret id; others can see it, better --kms-secret-id-file"},
};

Result<void> check_own_options(const OwnKeyOptions& options) {
  for (const OwnRow& row : own_rows)
    if (options.*row.value && (options.*row.value)->empty())
      return fail(ErrorKind::invalid_input, "{} is empty", row.name);
  if (options.secret_id && options.secret_id_file)
    return fail(ErrorKind::invalid_input, "--kms-secret-id and --kms-secret-id-file exclude each other");
  const bool has_secret_id = options.secret_id || options.secret_id_file;
  if (options.role_id && !has_secret_id)
    return fail(ErrorKind::invalid_input,
                "--kms-role-id goes with --kms-secret-id-file or --kms-secret-id: an AppRole is both");
  if (has_secret_id && !options.role_id)
    return fail(ErrorKind::invalid_input, "{} goes with --kms-role-id: an AppRole is both",
                options.secret_id ? "--kms-secret-id" : "--kms-secret-id-file");
  if (!options.name_space) return {};
  auto good = keyring::check_namespace(*options.name_space);
  if (!good) good.error().what = fmt::format("--kms-namespace: {}", good.error().what);
  return good;
}

}  // namespace

std::string_view OwnKeyOptions::first_given() const {
  for (const OwnRow& row : own_rows)
    if (this->*row.value) return row.name;
  return {};
}

void declare(CLI::App& app, OwnKeyOptions& options) {
  for (const OwnRow& row : own_rows) {
    std::string help = row.help;
    if (row.value == &OwnKeyOptions::secret_id_file) help += reference_help;
    add_value(app, row.name, options.*row.value, help)->group("Key of its own (Vault)");
  }
}

Result<keyring::OwnKey> own_key(const OwnKeyOptions& options, const Session& session) {
  if (auto good = check_own_options(options); !good) return std::unexpected(std::move(good.error()));
  keyring::OwnKey own{.key = options.key, .name_space = options.name_space, .role = {}};
  if (!options.role_id) return own;
  auto secret_id = options.secret_id
                       ? credential_of(session.secrets.kms_secret_id, "--kms-secret-id", session)
                       : credential_at(*options.secret_id_file, "--kms-secret-id-file");
  if (!secret_id) return std::unexpected(std::move(secret_id.error()));
  own.role = keyring::AppRoleAuth{*options.role_id, std::move(*secret_id)};
  return own;
}

}  // namespace keyway::kmsctl
