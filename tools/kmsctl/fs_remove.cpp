#include <array>
#include <cstdio>
#include <memory>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <tools/kmsctl/fs_view.h>
#include <tools/kmsctl/keyring_options.h>

namespace keyway::kmsctl {

namespace {

struct RemoveOptions {
  KeyringOptions keyring;
  std::string name;
  bool force = false;
};

// confirm lets a person type the name; a script says --force.
Result<void> confirm(const cli::Console& console, const std::string& name) {
  const std::string what = fmt::format(
      "removing {} removes its key for good: what it encrypted can then only be read with a snapshot's",
      name);
  if (!cli::is_terminal(STDIN_FILENO) || !cli::is_terminal(STDERR_FILENO))
    return fail_with_advice(ErrorKind::invalid_input, "give --force", "{}", what);
  console.say(what);
  console.block("type the filesystem's name to remove it: ");
  std::array<char, 256> typed{};
  if (std::fgets(typed.data(), static_cast<int>(typed.size()), stdin) != nullptr &&
      typed.data() == name + "\n")
    return {};
  return fail(ErrorKind::invalid_input, "that is not the name: {} was not removed", name);
}

Exit run(const RemoveOptions& options, const Session& session) {
  const cli::Console& console = session.console;
  auto open = open_keyring(options.keyring);
  if (!open) return console.failed(open.error());
  const auto filesystem = open->ring.filesystem(options.name);
  // A damaged one can be removed all the same, by its name as it reads now or by its id.
  if (!filesystem && !options.force) return console.failed(filesystem.error());
  if (filesystem && filesystem->row.is_encrypted() && !options.force)
    if (auto sure = confirm(console, filesystem->row.name); !sure) return console.failed(sure.error());
  if (auto removed = open->ring.remove_filesystem(options.name); !removed)
    return console.failed(removed.error());
  if (!console.json()) return console.ended(console.line(fmt::format("{}: removed", options.name)));
  nlohmann::ordered_json json;
  json["name"] = options.name;
  if (filesystem) json["id"] = filesystem->row.id;
  json["removed"] = true;
  return console.ended(console.document(json));
}

}  // namespace

Runner declare_fs_remove(CLI::App& app) {
  const auto options = std::make_shared<RemoveOptions>();
  app.description("remove a filesystem, and its key for good. Asks on a terminal");
  app.add_option("NAME", options->name, "the filesystem")->required();
  app.add_flag("--force", options->force, "do not ask");
  declare(app, options->keyring, Asks::nobody);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmsctl
