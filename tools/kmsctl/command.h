// What every command of kmsctl is: a name, its options, and what it does with a session.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include <CLI/App.hpp>

#include <core/secret.h>
#include <tools/cli/console.h>

namespace keyway::kmsctl {

using cli::Exit;

// Secrets of the command line, taken from it before it was parsed.
struct ArgumentSecrets {
  std::optional<Secret> token, secret_id, kms_secret_id;
};

struct Session {
  const cli::Console& console;
  const ArgumentSecrets& secrets;
};

// add_value is add_option for text that counts as given when it is empty: CLI11 takes an empty optional for
// none.
inline CLI::Option* add_value(CLI::App& app, const char* name, std::optional<std::string>& value,
                              const std::string& help) {
  return app.add_option_function<std::string>(
      name, [&value](const std::string& given) { value = given; }, help);
}

using Runner = std::function<Exit(const Session&)>;

struct Command {
  const char* name;
  const char* help;
  // declare adds the options to the command's own App and returns what runs it. It knows nothing of sessions,
  // and the runner nothing of parsing. That of a group is what the group's name alone does.
  Runner (*declare)(CLI::App& app);
  const char* other_name = nullptr;
  std::span<const Command> below = {};  // the commands of a group
};

// The commands, each in a file of its name.
Runner declare_wrap(CLI::App& app);
Runner declare_unwrap(CLI::App& app);
Runner declare_rewrap(CLI::App& app);
Runner declare_check(CLI::App& app);
Runner declare_new_key_file(CLI::App& app);

// Those of the keyring.
Runner declare_kms_set_vault(CLI::App& app);
Runner declare_kms_set_kmip(CLI::App& app);
Runner declare_kms_show(CLI::App& app);
Runner declare_kms_status(CLI::App& app);
Runner declare_kms_unset(CLI::App& app);
Runner declare_kms_rewrap(CLI::App& app);
Runner declare_fs_create(CLI::App& app);
Runner declare_fs_list(CLI::App& app);
Runner declare_fs_show(CLI::App& app);
Runner declare_fs_remove(CLI::App& app);
Runner declare_fs_update(CLI::App& app);
Runner declare_fs_kms_rewrap(CLI::App& app);
Runner declare_fs_unlock(CLI::App& app);
Runner declare_fs_snapshot(CLI::App& app);
Runner declare_fs_download(CLI::App& app);
Runner declare_verify(CLI::App& app);
Runner declare_events(CLI::App& app);
Runner declare_backup(CLI::App& app);
Runner declare_restore(CLI::App& app);

std::span<const Command> commands();

}  // namespace keyway::kmsctl
