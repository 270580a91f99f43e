#include <memory>
#include <thread>

#include <nlohmann/json.hpp>

#include <tools/cli/files.h>
#include <tools/kmsctl/command.h>
#include <tools/kmsctl/exec.h>
#include <tools/kmsctl/keyring_options.h>
#include <tools/kmsctl/progress.h>
#include <tools/kmsctl/tally.h>
#include <tools/kmsctl/words.h>

namespace keyway::kmsctl {

namespace {

struct UnlockOptions {
  KeyringOptions keyring;
  std::optional<std::string> name, out, command;
  bool all = false;
  std::optional<unsigned> exec_jobs;
};

constexpr unsigned most_commands = 256;

Result<void> check(const UnlockOptions& options) {
  const auto refuse = [](const char* rule) { return fail(ErrorKind::invalid_input, "{}", rule); };
  if (options.all && options.name) return refuse("NAME and --all exclude each other");
  if (!options.all && !options.name) return refuse("fs unlock needs NAME, or --all with --exec");
  if (options.command && !options.all) return refuse("--exec goes with --all");
  if (options.all && options.out) return refuse("--out is for one filesystem: with --all it is --exec");
  if (options.all && !options.command)
    return refuse("--all goes with --exec 'COMMAND', which has each key on its standard input");
  if (options.exec_jobs && !options.all) return refuse("--exec-jobs goes with --exec");
  if (options.command && options.command->empty()) return refuse("--exec is empty");
  if (options.out && options.out->empty()) return refuse("--out is empty");
  if (options.exec_jobs && (*options.exec_jobs < 1 || *options.exec_jobs > most_commands))
    return fail(ErrorKind::invalid_input, "--exec-jobs takes 1 to {}", most_commands);
  return {};
}

Exit unlock_one(const UnlockOptions& options, const cli::Console& console) {
  const std::string out = options.out.value_or("-");
  if (auto hidden = cli::refuse_terminal(out); !hidden) return console.failed(hidden.error());
  auto open = open_keyring(options.keyring);
  if (!open) return console.failed(open.error());
  const auto key = open->ring.unlock(*options.name);
  if (!key) return console.failed(key.error());
  if (auto written = cli::write_output(console, out, key->reveal()); !written)
    return console.failed(written.error());
  if (!console.json() || cli::is_standard(out)) return Exit::done;
  nlohmann::ordered_json json;
  json["name"] = *options.name;
  json["out"] = out;
  json["bytes"] = key->size();
  return console.ended(console.document(json));
}

using Variables = std::vector<std::string>;

void add_variable(Variables& variables, const keyring::Credential& credential) {
  if (credential.place() == keyring::Credential::Place::environment) variables.push_back(credential.name());
}

// Where this program's own credentials may be: none of the commands' business.
Variables credential_variables(keyring::Keyring& ring, const cli::Console& console) {
  Variables variables = {"VAULT_TOKEN", "KMSCTL_SECRET_ID", "KMSCTL_CLIENT_KEY_PASSPHRASE", "KMIP_PASSWORD",
                         "KMIP_CLIENT_KEY_PASSPHRASE"};
  const auto overview = ring.overview();
  if (!overview) {  // damage of one KMS is no reason to keep all filesystems shut
    warn(console,
         fmt::format("the commands may see variables with credentials: {}", describe(overview.error())));
    return variables;
  }
  for (const keyring::KmsView& kms : overview->kms) {
    if (const auto* kmip = std::get_if<keyring::KmipKms>(&kms.settings)) {
      add_variable(variables, kmip->client_key);
      add_variable(variables, kmip->passphrase);
    }
    const auto* vault = std::get_if<keyring::VaultKms>(&kms.settings);
    if (vault == nullptr) continue;
    if (const auto* token = std::get_if<keyring::TokenAuth>(&vault->auth))
      add_variable(variables, token->token);
    if (const auto* role = std::get_if<keyring::AppRoleAuth>(&vault->auth))
      add_variable(variables, role->secret_id);
  }
  return variables;
}

// add counts a filesystem whose command failed as failed: it was opened before that was known.
void add(keyring::Tally& tally, const std::vector<keyring::Failure>& failures) {
  for (const auto& [filesystem, error] : failures) {
    --tally.done;
    tally.fail(filesystem, error);
  }
}

Exit unlock_all(const UnlockOptions& options, const cli::Console& console) {
  auto open = open_keyring(options.keyring);
  if (!open) return console.failed(open.error());
  const Variables hidden = credential_variables(open->ring, console);
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  KeyCommands commands({.command = *options.command,
                        .limit = options.exec_jobs.value_or(std::min(cores, most_commands)),
                        .output_to_stderr = console.json(),
                        .hidden_variables = hidden,
                        .on_slow = [&console](const std::string& filesystem) {
                          console.say(fmt::format("still waiting for the command of {}", filesystem));
                        }});
  ShownProgress progress(console, "unlock");
  auto tally = open->ring.unlock_all([&](const keyring::FilesystemRow& filesystem,
                                         const Secret& key) { return commands.start(filesystem.name, key); },
                                     progress.callback());
  progress.end();
  commands.finish();
  if (!tally) return console.failed(tally.error());
  const Exit exit = commands.failures().empty() ? exit_of(*tally) : Exit::partly_done;
  add(*tally, commands.failures());
  if (console.json()) {
    auto printed = console.document(to_json(*tally));
    return printed ? exit : console.failed(printed.error());
  }
  name_failures(console, *tally);
  console.say(fmt::format("{} unlocked, {} failed", counted(tally->done, "filesystem"), tally->failed));
  return exit;
}

Exit run(const UnlockOptions& options, const Session& session) {
  if (auto good = check(options); !good) return session.console.failed(good.error());
  return options.all ? unlock_all(options, session.console) : unlock_one(options, session.console);
}

}  // namespace

Runner declare_fs_unlock(CLI::App& app) {
  const auto options = std::make_shared<UnlockOptions>();
  app.description(
      "hand out the key of a filesystem (its 32 bytes); or run a command for each filesystem, with "
      "the key on its standard input and the name in KEYWAY_FS. A key is not written to a "
      "terminal");
  add_value(app, "NAME", options->name, "the filesystem");
  add_value(app, "--out", options->out, "file to write, mode 0600; else stdout");
  app.add_flag("--all", options->all, "all encrypted filesystems");
  add_value(app, "--exec", options->command, "command for each, run by /bin/sh");
  app.add_option_function<unsigned>(
      "--exec-jobs", [&value = options->exec_jobs](const unsigned& given) { value = given; },
      "commands at once; else as many as there are cores");
  declare(app, options->keyring, Asks::kms);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmsctl
