#include <csignal>
#include <exception>

#include <CLI/CLI.hpp>

#include <tools/cli/secret_input.h>
#include <tools/kmipctl/command.h>

#ifndef KEYWAY_VERSION
#error "the build defines KEYWAY_VERSION"
#endif

namespace keyway::kmipctl {
namespace {

int run(int argc, char** argv) {
  cli::Console console("kmipctl", false);
  Connection connection;
  bool json = false;

  CLI::App app("kmipctl: try, diagnose and use KMIP servers, and wrap keys with them", "kmipctl");
  app.set_version_flag("--version", "kmipctl " KEYWAY_VERSION);
  app.require_subcommand(1);
  app.fallthrough();  // options of the connection may stand before or after the command
  app.get_formatter()->column_width(36);
  declare(app, connection);
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
    const int code = app.exit(e);  // prints help, version or the mistake
    return code == 0 ? 0 : static_cast<int>(Exit::usage);
  }
  console.use_json(json);
  if (auto applied = apply_profile(app, connection); !applied)
    return static_cast<int>(console.failed(applied.error()));
  Session session(connection, console);
  return static_cast<int>(chosen(session));
}

}  // namespace
}  // namespace keyway::kmipctl

int main(int argc, char** argv) {
  keyway::cli::forbid_core_dumps();
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error to report, not a reason to die
  try {
    return keyway::kmipctl::run(argc, argv);
  } catch (const std::exception& e) {
    keyway::cli::Console("kmipctl", false).say(fmt::format("internal error: {}", e.what()));
    return static_cast<int>(keyway::cli::Exit::internal);
  }
}
