#include <memory>

#include <nlohmann/json.hpp>

#include <tools/kmsctl/command.h>
#include <tools/kmsctl/keyring_options.h>
#include <tools/kmsctl/progress.h>
#include <tools/kmsctl/tally.h>
#include <tools/kmsctl/words.h>

namespace keyway::kmsctl {

namespace {

struct UnsetOptions {
  KeyringOptions keyring;
  bool allows_downgrade = false;
};

Exit print_unset(const cli::Console& console, const keyring::Tally& tally) {
  if (console.json()) {
    nlohmann::ordered_json json = to_json(tally);
    json["unset"] = tally.failed == 0;
    if (auto printed = console.document(json); !printed) return console.failed(printed.error());
    return exit_of(tally);
  }
  name_failures(console, tally);
  const std::string moved =
      tally.done == 0 ? ""
                      : fmt::format("; {} moved to the local key", counted(tally.done, "filesystem key"));
  const std::string line = tally.failed == 0 ? fmt::format("no KMS is configured now{}", moved)
                                             : fmt::format("the KMS stays configured: {} failed{}",
                                                           counted(tally.failed, "filesystem"), moved);
  if (auto printed = console.line(line); !printed) return console.failed(printed.error());
  if (tally.failed == 0)
    console.say(fmt::format("the KMS's configuration is not kept any more; {}", snapshots_need_it));
  else
    console.say("run it again when the cause is mended: what was moved stays moved");
  return exit_of(tally);
}

Exit run(const UnsetOptions& options, const Session& session) {
  const cli::Console& console = session.console;
  auto open = open_keyring(options.keyring);
  if (!open) return console.failed(open.error());
  if (options.allows_downgrade) warn(console, fmt::format("--allow-downgrade: {}", local_is_weaker));
  ShownProgress progress(console, "unset");
  const auto tally = open->ring.unset_kms(options.allows_downgrade, progress.callback());
  progress.end();
  if (!tally) return console.failed(tally.error());
  return print_unset(console, *tally);
}

}  // namespace

Runner declare_kms_unset(CLI::App& app) {
  const auto options = std::make_shared<UnsetOptions>();
  app.description(
      "do without a KMS. Refused while filesystems are encrypted, unless their keys may be moved "
      "to the local key");
  app.add_flag("--allow-downgrade", options->allows_downgrade,
               "move the keys to the local key, which is weaker than a KMS");
  declare(app, options->keyring, Asks::kms);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmsctl
