#include <algorithm>
#include <memory>

#include <nlohmann/json.hpp>

#include <tools/kmsctl/command.h>
#include <tools/kmsctl/keyring_options.h>
#include <tools/kmsctl/progress.h>
#include <tools/kmsctl/tally.h>
#include <tools/kmsctl/words.h>

namespace keyway::kmsctl {

namespace {

struct RewrapAllOptions {
  KeyringOptions keyring;
  std::optional<std::string> new_key;
  bool all = false, converts = false, dry_run = false;
};

std::string key_text(const keyring::RewrapOutcome& outcome) {
  if (outcome.version.empty()) return fmt::format("key {}", printable(outcome.key, 256));
  return fmt::format("version {} of key {}", outcome.version, printable(outcome.key, 256));
}

// What the database says when all is done.
std::string proof_text(const keyring::RewrapOutcome& outcome) {
  // One with a key of its own that failed is where it belongs, though not under the newest version.
  const std::int64_t left = std::max(outcome.left, outcome.tally.failed);
  if (left > 0) return fmt::format("{} left under the old key\n", counted(left, "filesystem"));
  return fmt::format("{}nothing is left under the old key: the cluster's filesystems are under {}\n",
                     outcome.own_keys > 0 ? "of the cluster's, " : "", key_text(outcome));
}

// Those with keys of their own, which nobody asked for.
void name_own_keys(const cli::Console& console, const keyring::RewrapOutcome& outcome) {
  if (outcome.own_keys == 0) return;
  console.say(fmt::format("not looked at: {} with keys of their own{}; --all moves these, too",
                          counted(outcome.own_keys, "filesystem"),
                          outcome.left_own == 0
                              ? ""
                              : fmt::format(", {} of them under another key than theirs", outcome.left_own)));
}

// The closing words of a rewrap that was one.
void advise(const cli::Console& console, const RewrapAllOptions& options,
            const keyring::RewrapOutcome& outcome) {
  // Only KMIP takes a new key. Where the configured one was named again, an earlier run had taken it.
  if (!outcome.former_key.empty())
    console.say(fmt::format("keep the key {} in the KMS: older snapshots are wrapped with it",
                            printable(outcome.former_key, 256)));
  else if (options.new_key)
    console.say("keep the former keys in the KMS: older snapshots are wrapped with them");
  if (outcome.forgotten > 0)
    console.say(fmt::format("not kept any more, because nothing is under it: the configuration of {}; {}",
                            counted(outcome.forgotten, "former KMS"), snapshots_need_it));
  if (outcome.tally.failed > 0)
    console.say("run it again when the cause is mended: what was moved stays moved");
  else if (outcome.left > 0)
    console.say("run it again: these came or changed meanwhile");
}

// Nothing may have failed, and yet something be left: another process was at work.
Exit exit_of_rewrap(const RewrapAllOptions& options, const keyring::RewrapOutcome& outcome) {
  const Exit exit = exit_of(outcome.tally);
  return exit == Exit::done && outcome.left > 0 && !options.dry_run ? Exit::partly_done : exit;
}

Exit print_rewrap(const cli::Console& console, const RewrapAllOptions& options,
                  const keyring::RewrapOutcome& outcome) {
  const keyring::Tally& tally = outcome.tally;
  if (console.json()) {
    nlohmann::ordered_json json = to_json(tally);
    json["dry_run"] = options.dry_run;
    json["key"] = outcome.key;
    json["key_version"] = outcome.version;
    json["former_key"] = outcome.former_key;
    json["left"] = outcome.left;
    json["own_keys"] = outcome.own_keys;
    json["left_own"] = outcome.left_own;
    json["forgotten"] = outcome.forgotten;
    if (auto printed = console.document(json); !printed) return console.failed(printed.error());
    return exit_of_rewrap(options, outcome);
  }
  name_failures(console, tally);
  std::string text = fmt::format("{} {}, {} already current, {} failed\n", tally.done,
                                 options.dry_run ? "to be moved" : "moved", tally.already, tally.failed);
  text += options.dry_run ? "nothing was changed\n" : proof_text(outcome);
  if (auto printed = console.data(bytes_of(text)); !printed) return console.failed(printed.error());
  name_own_keys(console, outcome);
  if (!options.dry_run) advise(console, options, outcome);
  return exit_of_rewrap(options, outcome);
}

Exit run(const RewrapAllOptions& options, const Session& session) {
  const cli::Console& console = session.console;
  if (options.new_key && options.new_key->empty())
    return console.failed({ErrorKind::invalid_input, "--new-key-uid is empty", {}, {}});
  auto open = open_keyring(options.keyring);
  if (!open) return console.failed(open.error());
  ShownProgress progress(console, "rewrap");
  const auto outcome = open->ring.rewrap({.new_key = options.new_key,
                                          .includes_own_keys = options.all,
                                          .converts_to_cluster_key = options.converts,
                                          .only_counts = options.dry_run},
                                         progress.callback());
  progress.end();
  if (!outcome) return console.failed(outcome.error());
  return print_rewrap(console, options, *outcome);
}

}  // namespace

Runner declare_kms_rewrap(CLI::App& app) {
  const auto options = std::make_shared<RewrapAllOptions>();
  app.description(
      "move the keys of filesystems to the newest version of the Vault's key, or to another key of "
      "the KMIP server; and those of a former KMS to the one that is configured. Can be ended at "
      "any time, and run again");
  add_value(app, "--new-key-uid", options->new_key,
            "KMIP: the key to move to, which becomes the configured one");
  app.add_flag("--all", options->all, "also filesystems with keys of their own, each to its newest version");
  app.add_flag("--convert-to-cluster-key-on-fs", options->converts,
               "filesystems with keys of their own move to the cluster's");
  app.add_flag("--dry-run", options->dry_run, "count only");
  declare(app, options->keyring, Asks::kms);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmsctl
