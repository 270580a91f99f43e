#include <algorithm>
#include <csignal>
#include <exception>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include <tools/cli/secret_input.h>
#include <tools/kmsctl/command.h>

#ifndef KEYWAY_VERSION
#error "the build defines KEYWAY_VERSION"
#endif

namespace keyway::kmsctl {

std::span<const Command> commands() {
  // "kms set" needs to be told which kind: no runner of its own.
  static constexpr Command kinds[] = {
      {"vault", "a transit key of HashiCorp Vault or OpenBao", declare_kms_set_vault},
      {"kmip", "a key of a KMIP server", declare_kms_set_kmip},
  };
  static constexpr Command kms[] = {
      {"set", "choose the KMS, and the key in it that wraps", nullptr, nullptr, kinds},
      {"show", "show the KMS (also: kmsctl kms)", declare_kms_show},
      {"status", "find out whether the KMS works", declare_kms_status},
      {"unset", "do without a KMS (also: reset)", declare_kms_unset, "reset"},
      {"rewrap", "move the filesystems' keys to a new key, or the newest version", declare_kms_rewrap},
  };
  static constexpr Command filesystems[] = {
      {"create", "make a filesystem (also: add)", declare_fs_create, "add"},
      {"list", "list all filesystems (also: kmsctl fs)", declare_fs_list},
      {"show", "show one filesystem", declare_fs_show},
      {"remove", "remove a filesystem, and its key for good", declare_fs_remove},
      {"update", "give a filesystem another name, or another key of the KMS", declare_fs_update},
      {"kms-rewrap", "move one filesystem's key to the newest version, or the new KMS",
       declare_fs_kms_rewrap},
      {"unlock", "hand out a filesystem's key, or all of them", declare_fs_unlock},
      {"snapshot", "write the wrapped key, to be stored beside the data", declare_fs_snapshot},
      {"download", "make a filesystem of a snapshot's key", declare_fs_download},
  };
  static constexpr Command list[] = {
      {"kms", "the keyring's KMS", declare_kms_show, nullptr, kms},
      {"fs", "the keyring's filesystems and their keys", declare_fs_list, nullptr, filesystems},
      {"verify", "check the keyring, and that its keys open", declare_verify},
      {"events", "list what was changed, and when", declare_events},
      {"backup", "copy the keyring while it is in use", declare_backup},
      {"restore", "put a copy in the keyring's place", declare_restore},
      {"wrap", "wrap a data key with a key of the KMS", declare_wrap},
      {"unwrap", "unwrap a data key", declare_unwrap},
      {"rewrap", "move a wrapped data key to another key, or to the newest version of its own",
       declare_rewrap},
      {"check", "find out whether the KMS can be used as the options say", declare_check},
      {"new-key-file", "make a key file for --kms local", declare_new_key_file},
  };
  return list;
}

namespace {

// The first option that was given to `app` itself.
std::string given_option(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options())
    if (option->count() > 0) return option->get_name();
  return {};
}

// folded breaks a paragraph into lines.
std::string folded(std::string_view text) {
  constexpr std::size_t width = 100;
  std::string lines;
  while (text.size() > width) {
    const std::size_t end = text.rfind(' ', width);
    if (end == std::string_view::npos) break;
    lines.append(text.substr(0, end)).append("\n");
    text.remove_prefix(end + 1);
  }
  return lines.append(text);
}

// add puts `command`, and what is below it, under `parent`. Parsing sets `chosen`.
void add(CLI::App& parent, const Command& command, Runner& chosen) {
  CLI::App* app = parent.add_subcommand(command.name, command.help);
  if (command.other_name != nullptr) app->alias(command.other_name);
  const bool is_group = !command.below.empty();
  if (is_group) app->require_subcommand(command.declare == nullptr ? 1 : 0, 1);
  for (const Command& row : command.below) add(*app, row, chosen);
  if (command.declare == nullptr) return;
  Runner runner = command.declare(*app);
  // The long description would fill the list of commands.
  if (!is_group && app->get_description() != command.help) app->footer("\n" + folded(app->get_description()));
  app->description(command.help);
  app->callback([&chosen, app, runner = std::move(runner)] {
    const auto below = app->get_subcommands();
    if (below.empty()) {
      chosen = runner;
    } else if (const std::string option = given_option(*app); !option.empty()) {
      // It would be the group's own, and without effect.
      throw CLI::ParseError(fmt::format("{} stands behind the command: {} {} {} ...", option, app->get_name(),
                                        below.front()->get_name(), option),
                            CLI::ExitCodes::ExtrasError);
    }
  });
}

int run(int argc, char** argv) {
  const ArgumentSecrets secrets{cli::secret_from_argument(argc, argv, "--token"),
                                cli::secret_from_argument(argc, argv, "--secret-id"),
                                cli::secret_from_argument(argc, argv, "--kms-secret-id")};
  cli::Console console("kmsctl", false);
  bool json = false;

  CLI::App app("kmsctl: keep filesystems' keys, wrapped by a KMS", "kmsctl");
  app.set_version_flag("--version", "kmsctl " KEYWAY_VERSION);
  app.require_subcommand(1);
  app.fallthrough();  // --json may stand before or after the command
  app.get_formatter()->column_width(36);
  app.add_flag("--json", json, "print JSON");

  Runner chosen;
  for (const Command& command : commands()) add(app, command, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const bool is_mistake = e.get_exit_code() != 0;
    const std::vector<std::string_view> arguments(argv, argv + argc);
    console.use_json(std::ranges::find(arguments, "--json") != arguments.end());
    if (is_mistake && console.json())
      return static_cast<int>(console.failed(Error{ErrorKind::invalid_input, e.what(), {}, {}}));
    app.exit(e);  // prints help, version or the mistake
    return is_mistake ? static_cast<int>(Exit::usage) : 0;
  }
  console.use_json(json);
  return static_cast<int>(chosen({console, secrets}));
}

}  // namespace
}  // namespace keyway::kmsctl

int main(int argc, char** argv) {
  keyway::cli::forbid_core_dumps();
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error to report, not a reason to die
  try {
    return keyway::kmsctl::run(argc, argv);
  } catch (const std::exception& e) {
    keyway::cli::Console("kmsctl", false).say(fmt::format("internal error: {}", e.what()));
    return static_cast<int>(keyway::cli::Exit::internal);
  }
}
