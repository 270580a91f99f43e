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
  bool uses_cluster_key = false;
};

Result<void> check(const UpdateOptions& options) {
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
  declare(app, options->keyring, Asks::kms);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmsctl
