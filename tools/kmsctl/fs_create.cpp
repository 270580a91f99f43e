#include <memory>

#include <tools/kmsctl/fs_view.h>
#include <tools/kmsctl/keyring_options.h>
#include <tools/kmsctl/own_key_options.h>

namespace keyway::kmsctl {

namespace {

struct CreateOptions {
  KeyringOptions keyring;
  OwnKeyOptions own;
  std::string name;
  bool encrypted = false, allow_no_kms = false;
};

Result<void> check(const CreateOptions& options) {
  if (auto good = check_name(options.name, "NAME"); !good) return good;
  if (options.encrypted) return {};
  if (const auto own = options.own.first_given(); !own.empty())
    return fail(ErrorKind::invalid_input, "{} goes with --encrypted: only then there is a key", own);
  if (options.allow_no_kms)
    return fail(ErrorKind::invalid_input, "--allow-no-kms goes with --encrypted: only then there is a key");
  return {};
}

Exit run(const CreateOptions& options, const Session& session) {
  const cli::Console& console = session.console;
  if (auto good = check(options); !good) return console.failed(good.error());
  auto own = own_key(options.own, session);
  if (!own) return console.failed(own.error());
  auto open = open_or_make_keyring(options.keyring, console);
  if (!open) return console.failed(open.error());
  const auto made = open->ring.create_filesystem({.name = options.name,
                                                  .is_encrypted = options.encrypted,
                                                  .allows_no_kms = options.allow_no_kms,
                                                  .own = std::move(*own)});
  if (!made) return console.failed(made.error());
  return print_filesystem(console, *made, "made");
}

}  // namespace

Runner declare_fs_create(CLI::App& app) {
  const auto options = std::make_shared<CreateOptions>();
  app.description("make a filesystem; an encrypted one has a new random key, wrapped by the KMS");
  app.add_option("NAME", options->name, "at most 32 characters, without '/' and '\\'")->required();
  app.add_flag("--encrypted", options->encrypted, "with a key");
  app.add_flag("--allow-no-kms", options->allow_no_kms,
               "when no KMS is configured the local key wraps, which is weaker");
  declare(app, options->own);
  declare(app, options->keyring, Asks::kms);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmsctl
