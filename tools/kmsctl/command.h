// What every command of kmsctl is: a name, its options, and what it does with a session.
#pragma once

#include <functional>
#include <optional>
#include <span>

#include <CLI/App.hpp>

#include <core/secret.h>
#include <tools/cli/console.h>

namespace keyway::kmsctl {

using cli::Exit;

// Secrets of the command line, taken from it before it was parsed.
struct ArgumentSecrets {
  std::optional<Secret> token, secret_id;
};

struct Session {
  const cli::Console& console;
  const ArgumentSecrets& secrets;
};

using Runner = std::function<Exit(const Session&)>;

struct Command {
  const char* name;
  const char* help;
  // declare adds the options to the command's own App and returns what runs it. It knows nothing of sessions,
  // and the runner nothing of parsing.
  Runner (*declare)(CLI::App& app);
};

// The commands, each in a file of its name.
Runner declare_wrap(CLI::App& app);
Runner declare_unwrap(CLI::App& app);
Runner declare_rewrap(CLI::App& app);
Runner declare_check(CLI::App& app);
Runner declare_new_key_file(CLI::App& app);

std::span<const Command> commands();

}  // namespace keyway::kmsctl
