#include <memory>

#include <tools/kmsctl/fs_view.h>
#include <tools/kmsctl/keyring_options.h>
#include <tools/kmsctl/own_key_options.h>

namespace keyway::kmsctl {

namespace {

struct UpdateOptions {
  KeyringOptions keyring;
  OwnKeyOptions own;
  std::string name;
  std::optional<std::string> new_name;
  bool uses_cluster_key = false, renews_login = false;
};

// A login is renewed where the key is now: nothing may be asked for that would move it.
Result<void> check_renewal(const UpdateOptions& options) {
  const OwnKeyOptions& own = options.own;
  if (!own.role_id)
    return fail(ErrorKind::invalid_input,
                "--renew-login goes with --kms-role-id, and with --kms-secret-id-file or --kms-secret-id");
  if (options.uses_cluster_key || options.new_name || own.key || own.name_space)
    return fail(ErrorKind::invalid_input,
                "--renew-login goes with --kms-role-id and its secret id alone: nothing else changes");
  return {};
}

Result<void> check(const UpdateOptions& options) {
  if (options.renews_login) return check_renewal(options);
  const std::string_view own = options.own.first_given();
  if (options.uses_cluster_key && !own.empty())
    return fail(ErrorKind::invalid_input, "--use-cluster-kms-key-identifier and {} exclude each other", own);
  if (!options.uses_cluster_key && own.empty() && !options.new_name)
    return fail(
        ErrorKind::invalid_input,
        "there is nothing to change: give --new-name, --kms-key-identifier (or another of its own), or "
        "--use-cluster-kms-key-identifier");
  if (!options.new_name) return {};
  return check_name(*options.new_name, "--new-name");
}

Exit run(const UpdateOptions& options, const Session& session) {
  const cli::Console& console = session.console;
  if (auto good = check(options); !good) return console.failed(good.error());
  auto own = own_key(options.own, session);
  if (!own) return console.failed(own.error());
  auto open = open_keyring(options.keyring);
  if (!open) return console.failed(open.error());
  if (options.renews_login && own->role) {
    const auto renewed = open->ring.renew_login(options.name, *own->role);
    if (!renewed) return console.failed(renewed.error());
    return print_filesystem(console, *renewed, "its login was renewed");
  }
  const auto changed = open->ring.update_filesystem(
      options.name,
      {.new_name = options.new_name, .own = std::move(*own), .uses_cluster_key = options.uses_cluster_key});
  if (!changed) return console.failed(changed.error());
  return print_filesystem(console, *changed, "changed");
}

}  // namespace

Runner declare_fs_update(CLI::App& app) {
  const auto options = std::make_shared<UpdateOptions>();
  app.description("give a filesystem another name, or let another key wrap its key. What is not given stays");
  app.add_option("NAME", options->name, "the filesystem")->required();
  add_value(app, "--new-name", options->new_name, "its name from now on");
  declare(app, options->own);
  app.add_flag("--use-cluster-kms-key-identifier", options->uses_cluster_key,
               "no key of its own any more: the cluster's")
      ->group("Key of its own (Vault)");
  app.add_flag(
         "--renew-login", options->renews_login,
         "the role and secret id are for its key where that is now, also at a retired KMS; it stays there")
      ->group("Key of its own (Vault)");
  declare(app, options->keyring, Asks::kms);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmsctl
