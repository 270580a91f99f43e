#include <algorithm>
#include <filesystem>
#include <memory>

#include <nlohmann/json.hpp>

#include <tools/kmsctl/command.h>
#include <tools/kmsctl/keyring_options.h>
#include <tools/kmsctl/words.h>

namespace keyway::kmsctl {

namespace {

struct BackupOptions {
  KeyringOptions keyring;
  std::string file;
};

std::string existing(const std::filesystem::path& file) {
  std::error_code ignored;
  return std::filesystem::exists(file, ignored) ? file.string() : "";
}

bool uses_local_key(keyring::Keyring& ring) {
  const auto overview = ring.overview();
  return overview && std::ranges::any_of(overview->kms, [](const keyring::KmsView& kms) {
           return keyring::backend_of(kms.settings) == Backend::local;
         });
}

Exit run(const BackupOptions& options, const Session& session) {
  const cli::Console& console = session.console;
  auto open = open_keyring(options.keyring);
  if (!open) return console.failed(open.error());
  if (auto copied = open->ring.backup(options.file); !copied) return console.failed(copied.error());
  const std::string state_key = existing(open->ring.state_key_file());
  // One that is in use is named in any case: what it wrapped stays shut without it.
  const std::string local_file = open->ring.local_key_file().string();
  const bool is_missing = existing(local_file).empty() && uses_local_key(open->ring);
  const std::string local_key = is_missing ? local_file : existing(local_file);
  if (is_missing)
    warn(console, fmt::format("the local key {} is missing: what it wrapped stays shut; bring it back, or "
                              "name it with --local-key",
                              printable(local_key, 4096)));
  for (const std::string& key : {state_key, is_missing ? std::string() : local_key})
    if (!key.empty())
      console.say(fmt::format("{} is not in it: keep a copy of that, too, and in another place", key));
  if (!console.json())
    return console.ended(console.line(fmt::format("{}: a copy of the keyring", options.file)));
  nlohmann::ordered_json json;
  json["out"] = options.file;
  json["state_key"] = state_key;
  json["local_key"] = local_key;
  json["local_key_missing"] = is_missing;
  return console.ended(console.document(json));
}

}  // namespace

Runner declare_backup(CLI::App& app) {
  const auto options = std::make_shared<BackupOptions>();
  app.description(
      "copy the keyring's database to a file that does not exist yet, mode 0600, while it is in "
      "use. State key and local key are not in it: they are to be kept apart from it");
  app.add_option("FILE", options->file, "file to make")->required();
  declare(app, options->keyring, Asks::nobody);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmsctl
