#include <memory>

#include <nlohmann/json.hpp>

#include <tools/kmsctl/command.h>
#include <tools/kmsctl/keyring_options.h>
#include <tools/kmsctl/progress.h>
#include <tools/kmsctl/tally.h>
#include <tools/kmsctl/words.h>

namespace keyway::kmsctl {

namespace {

struct VerifyOptions {
  KeyringOptions keyring;
  bool all = false;
};

Exit run(const VerifyOptions& options, const Session& session) {
  const cli::Console& console = session.console;
  auto open = open_keyring(options.keyring);
  if (!open) return console.failed(open.error());
  ShownProgress progress(console, "verify");
  const auto tally = open->ring.verify(options.all, progress.callback());
  progress.end();
  if (!tally) return console.failed(tally.error());
  if (console.json()) {
    nlohmann::ordered_json json = to_json(*tally);
    json["all"] = options.all;
    auto printed = console.document(json);
    return printed ? exit_of(*tally) : console.failed(printed.error());
  }
  name_failures(console, *tally);
  const char* which = options.all ? "all that are encrypted" : "one of each key";
  auto printed = console.line(fmt::format("the database is sound; {} opened ({}), {} failed",
                                          counted(tally->done, "filesystem"), which, tally->failed));
  return printed ? exit_of(*tally) : console.failed(printed.error());
}

}  // namespace

Runner declare_verify(CLI::App& app) {
  const auto options = std::make_shared<VerifyOptions>();
  app.description("read all of the database, and open the key of one filesystem of each key of the KMS");
  app.add_flag("--all", options->all, "open all filesystems' keys");
  declare(app, options->keyring, Asks::kms);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmsctl
