#include <memory>

#include <nlohmann/json.hpp>

#include <tools/kmsctl/command.h>
#include <tools/kmsctl/keyring_options.h>

namespace keyway::kmsctl {

namespace {

struct RestoreOptions {
  KeyringOptions keyring;
  std::string file;
};

Exit run(const RestoreOptions& options, const Session& session) {
  const cli::Console& console = session.console;
  const auto settings = store_settings(options.keyring);
  if (!settings) return console.failed(settings.error());
  const auto former = keyring::restore_database(options.file, *settings);
  if (!former) return console.failed(former.error());
  if (console.json()) {
    nlohmann::ordered_json json;
    json["db"] = settings->path.string();
    json["from"] = options.file;
    json["former"] = former->string();
    return console.ended(console.document(json));
  }
  if (!former->empty()) console.say(fmt::format("what stood there is kept as {}", former->string()));
  console.say("run 'kmsctl verify --all': it wants the state key that belongs to the copy");
  return console.ended(
      console.line(fmt::format("{}: restored from {}", settings->path.string(), options.file)));
}

}  // namespace

Runner declare_restore(CLI::App& app) {
  const auto options = std::make_shared<RestoreOptions>();
  app.description(
      "put a copy that 'backup' made in the keyring's place. It is checked first, and what stood "
      "there is kept");
  app.add_option("FILE", options->file, "the copy")->required();
  declare(app, options->keyring, Asks::nobody);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmsctl
