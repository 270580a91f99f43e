#include <memory>

#include <nlohmann/json.hpp>

#include <tools/kmsctl/keyring_options.h>
#include <tools/kmsctl/kms_set_options.h>
#include <tools/kmsctl/kms_view.h>
#include <tools/kmsctl/words.h>

namespace keyway::kmsctl {

namespace {

struct SetCommand {
  Backend backend = Backend::vault;
  KmsSetOptions kms;
  KeyringOptions keyring;
  bool converts = false, skips_check = false, new_state_key = false, retired = false;
};

Exit print_set(const cli::Console& console, const SetCommand& options,
               const keyring::SetKmsOutcome& outcome) {
  if (console.json()) {
    nlohmann::ordered_json json;
    json["kms"] = name(options.backend);
    json["key"] = outcome.key;
    json["checked"] = !options.skips_check;
    json["retired"] = options.retired;
    json["same_key"] = outcome.is_same_key;
    json["converted"] = outcome.converted;
    json["left"] = outcome.left;
    return console.ended(console.document(json));
  }
  const std::string title = fmt::format("{} {}, key {}", options.backend == Backend::vault ? "Vault" : "KMIP",
                                        printable(options.kms.address, 4096), printable(outcome.key, 256));
  std::string line = fmt::format("{} wraps now{}", title, options.skips_check ? ", unchecked" : "");
  if (options.retired)
    line = fmt::format("{}: retired as before, reached in the new way; nothing else has changed", title);
  else if (outcome.is_same_key)
    line = fmt::format("{}: the same key as before, reached in the new way", title);
  if (auto printed = console.line(line); !printed) return console.failed(printed.error());
  if (outcome.converted > 0)
    console.say(fmt::format("{} had a key of their own, and are to be under this one",
                            counted(outcome.converted, "filesystem")));
  if (outcome.left > 0 && !options.retired)
    console.say(fmt::format("{} left under another key: run '{}'; until then the former KMS is needed",
                            counted(outcome.left, "filesystem"),
                            rewrap_command(options.backend, outcome.key)));
  return Exit::done;
}

Exit run(const SetCommand& options, const Session& session) {
  const cli::Console& console = session.console;
  if (options.retired && options.converts)
    return console.failed(
        {ErrorKind::invalid_input,
         "--retired and --convert-to-cluster-key-on-fs exclude each other: nothing is to be "
         "under a retired KMS",
         {},
         {}});
  auto settings = kms_settings(options.kms, options.backend, session);
  if (!settings) return console.failed(settings.error());
  auto open =
      options.retired ? open_keyring(options.keyring) : open_or_make_keyring(options.keyring, console);
  if (!open) return console.failed(open.error());
  if (options.skips_check)
    warn(console, "--skip-check: nothing was tried; a wrong address, key or login shows with the first use");
  const auto outcome = open->ring.set_kms({.kms = std::move(*settings),
                                           .skips_check = options.skips_check,
                                           .converts_to_cluster_key = options.converts,
                                           .replaces_state_key = options.new_state_key,
                                           .is_retired = options.retired});
  if (!outcome) return console.failed(outcome.error());
  return print_set(console, options, *outcome);
}

Runner declare_set(CLI::App& app, Backend backend) {
  const auto options = std::make_shared<SetCommand>();
  options->backend = backend;
  app.description(
      backend == Backend::vault
          ? "let a key of the transit engine of HashiCorp Vault or OpenBao wrap the keys of "
            "filesystems. A key is wrapped, unwrapped and compared before anything is stored"
          : "let a key of a KMIP server wrap the keys of filesystems. A key is wrapped, unwrapped "
            "and compared before anything is stored");
  declare(app, options->kms, backend);
  app.add_flag("--convert-to-cluster-key-on-fs", options->converts,
               "filesystems with keys of their own are to be under this one");
  app.add_flag("--skip-check", options->skips_check, "store it without trying; the events say so");
  app.add_flag("--new-state-key", options->new_state_key,
               "the state key is lost: make another. What it sealed has to be set again");
  app.add_flag("--retired", options->retired,
               "how a retired KMS is reached from now on; its key has to open what is left under it. The one "
               "that wraps stays");
  declare(app, options->keyring, Asks::kms);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace

Runner declare_kms_set_vault(CLI::App& app) { return declare_set(app, Backend::vault); }
Runner declare_kms_set_kmip(CLI::App& app) { return declare_set(app, Backend::kmip); }

}  // namespace keyway::kmsctl
