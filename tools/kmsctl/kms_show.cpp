#include <memory>

#include <nlohmann/json.hpp>

#include <tools/kmsctl/command.h>
#include <tools/kmsctl/keyring_options.h>
#include <tools/kmsctl/kms_view.h>
#include <tools/kmsctl/words.h>

namespace keyway::kmsctl {

namespace {

struct ShowKmsOptions {
  KeyringOptions keyring;
};

std::string block_of(const keyring::KmsView& kms, const std::string& rewrap) {
  std::string block;
  for (const auto& [fact, value] : facts_of(kms, rewrap)) block += fmt::format("{:<16} {}\n", fact, value);
  return block;
}

// What there is to say above, or in the place of, the KMSs.
std::string local_text(const keyring::Overview& overview) {
  std::string text;
  if (!is_kms(overview.current())) text = "no KMS is configured\n";
  const std::int64_t local = local_filesystems(overview);
  if (local > 0)
    text += fmt::format("{} under the local key: {}\n", counted(local, "filesystem"), local_is_weaker);
  return text;
}

nlohmann::ordered_json json_of(const keyring::Overview& overview, const keyring::Keyring& ring) {
  nlohmann::ordered_json json;
  json["configured"] = is_kms(overview.current());
  json["kms"] = nlohmann::ordered_json::array();
  for (const keyring::KmsView& kms : overview.kms) json["kms"].push_back(to_json(kms));
  json["filesystems"] = overview.filesystems;
  json["encrypted"] = overview.encrypted;
  json["own_keys"] = overview.own_keys;
  json["local"] = local_filesystems(overview);
  json["left"] = overview.left;
  json["state_key"] = ring.state_key_file().string();
  json["local_key"] = ring.local_key_file().string();
  return json;
}

Exit run(const ShowKmsOptions& options, const Session& session) {
  const cli::Console& console = session.console;
  auto open = open_keyring(options.keyring);
  if (!open) return console.failed(open.error());
  const auto overview = open->ring.overview();
  if (!overview) return console.failed(overview.error());
  if (console.json()) return console.ended(console.document(json_of(*overview, open->ring)));

  std::string text = local_text(*overview);
  for (const keyring::KmsView& kms : overview->kms) {
    if (!text.empty()) text += '\n';
    text += block_of(kms, rewrap_command(*overview));
  }
  text += fmt::format("\n{}, {} encrypted, {} with a key of its own, {} left to move\n",
                      counted(overview->filesystems, "filesystem"), overview->encrypted, overview->own_keys,
                      overview->left);
  return console.ended(console.data(bytes_of(text)));
}

}  // namespace

Runner declare_kms_show(CLI::App& app) {
  const auto options = std::make_shared<ShowKmsOptions>();
  app.description(
      "show which KMS wraps, how it is reached, and how many filesystems are under it. It is not "
      "asked for anything: see 'kms status'");
  declare(app, options->keyring, Asks::nobody);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmsctl
