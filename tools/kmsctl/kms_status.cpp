#include <memory>

#include <nlohmann/json.hpp>

#include <tools/kmsctl/command.h>
#include <tools/kmsctl/keyring_options.h>
#include <tools/kmsctl/kms_view.h>
#include <tools/kmsctl/words.h>

namespace keyway::kmsctl {

namespace {

struct StatusOptions {
  KeyringOptions keyring;
};

std::string health_line(const keyring::KmsHealth& health) {
  std::string title = title_of(health.kms.settings);
  if (!health.newest_version.empty()) title += fmt::format(", version {}", health.newest_version);
  if (!health.kms.is_current) title += " (retired)";
  const std::string verdict =
      health.error ? fmt::format("FAILED   {}: {}", title, describe(*health.error))
                   : fmt::format("ok       {}: round trip {} ms", title, health.round_trip.count());
  return fmt::format("{}\n         {}, {} left to move\n", verdict,
                     counted(health.kms.filesystems, "filesystem"), health.kms.left);
}

nlohmann::ordered_json health_json(const keyring::KmsHealth& health) {
  nlohmann::ordered_json json = to_json(health.kms);
  json["ok"] = !health.error;
  json["newest_version"] = health.newest_version;
  if (health.error)
    json["error"] = cli::to_json(*health.error);
  else
    json["round_trip_milliseconds"] = health.round_trip.count();
  return json;
}

Exit first_failure(const std::vector<keyring::KmsHealth>& all) {
  for (const keyring::KmsHealth& health : all)
    if (health.error) return cli::exit_of(health.error->kind);
  return Exit::done;
}

Result<void> print_status(const cli::Console& console, const keyring::Overview& overview,
                          const std::vector<keyring::KmsHealth>& all) {
  if (console.json()) {
    nlohmann::ordered_json json;
    json["ok"] = first_failure(all) == Exit::done;
    json["exit_code"] = static_cast<int>(first_failure(all));
    json["configured"] = is_kms(overview.current());
    json["kms"] = nlohmann::ordered_json::array();
    for (const keyring::KmsHealth& health : all) json["kms"].push_back(health_json(health));
    json["filesystems"] = overview.filesystems;
    json["encrypted"] = overview.encrypted;
    json["own_keys"] = overview.own_keys;
    json["local"] = local_filesystems(overview);
    json["left"] = overview.left;
    return console.document(json);
  }
  std::string text;
  if (!is_kms(overview.current())) text = "no KMS is configured\n";
  for (const keyring::KmsHealth& health : all) text += health_line(health);
  text += fmt::format("{}, {} encrypted, {} with a key of its own, {} left to move\n",
                      counted(overview.filesystems, "filesystem"), overview.encrypted, overview.own_keys,
                      overview.left);
  return console.data(bytes_of(text));
}

Exit run(const StatusOptions& options, const Session& session) {
  const cli::Console& console = session.console;
  auto open = open_keyring(options.keyring);
  if (!open) return console.failed(open.error());
  const auto all = open->ring.health();
  if (!all) return console.failed(all.error());
  const auto overview = open->ring.overview();
  if (!overview) return console.failed(overview.error());
  if (auto printed = print_status(console, *overview, *all); !printed) return console.failed(printed.error());
  if (local_filesystems(*overview) > 0) warn(console, local_is_weaker);
  if (overview->left > 0)
    console.say(fmt::format("{} left to move: run '{}'", counted(overview->left, "filesystem"),
                            rewrap_command(*overview)));
  return first_failure(*all);
}

}  // namespace

Runner declare_kms_status(CLI::App& app) {
  const auto options = std::make_shared<StatusOptions>();
  app.description(
      "find out whether each KMS of the keyring works: a key is wrapped, unwrapped and compared. "
      "Ends with the exit code of the first that failed");
  declare(app, options->keyring, Asks::kms);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmsctl
