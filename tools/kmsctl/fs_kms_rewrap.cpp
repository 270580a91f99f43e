#include <memory>

#include <nlohmann/json.hpp>

#include <tools/kmsctl/fs_view.h>
#include <tools/kmsctl/keyring_options.h>

namespace keyway::kmsctl {

namespace {

struct RewrapOneOptions {
  KeyringOptions keyring;
  std::string name;
};

Exit run(const RewrapOneOptions& options, const Session& session) {
  const cli::Console& console = session.console;
  auto open = open_keyring(options.keyring);
  if (!open) return console.failed(open.error());
  bool was_moved = false;
  const auto filesystem = open->ring.rewrap_filesystem(options.name, &was_moved);
  if (!filesystem) return console.failed(filesystem.error());
  if (!console.json()) return print_filesystem(console, *filesystem, was_moved ? "moved" : "already current");
  nlohmann::ordered_json json = to_json(*filesystem);
  json["moved"] = was_moved;
  return console.ended(console.document(json));
}

}  // namespace

Runner declare_fs_kms_rewrap(CLI::App& app) {
  const auto options = std::make_shared<RewrapOneOptions>();
  app.description(
      "move one filesystem's key to the newest version of its key in the KMS, or from a former KMS "
      "to the one that is configured");
  app.add_option("NAME", options->name, "the filesystem")->required();
  declare(app, options->keyring, Asks::kms);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmsctl
