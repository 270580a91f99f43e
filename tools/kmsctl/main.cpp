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
  static constexpr Command list[] = {
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

int run(int argc, char** argv) {
  const ArgumentSecrets secrets{cli::secret_from_argument(argc, argv, "--token"),
                                cli::secret_from_argument(argc, argv, "--secret-id")};
  cli::Console console("kmsctl", false);
  bool json = false;

  CLI::App app("kmsctl: wrap keys with a KMS, and find out what hinders it", "kmsctl");
  app.set_version_flag("--version", "kmsctl " KEYWAY_VERSION);
  app.require_subcommand(1);
  app.fallthrough();  // --json may stand before or after the command
  app.get_formatter()->column_width(36);
  app.add_flag("--json", json, "print JSON");

  Runner chosen;
  for (const Command& command : commands()) {
    CLI::App* sub = app.add_subcommand(command.name, command.help);
    Runner runner = command.declare(*sub);
    sub->callback([&chosen, runner = std::move(runner)] { chosen = runner; });
  }
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
