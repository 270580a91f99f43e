#include <nlohmann/json.hpp>

#include <tools/cli/files.h>
#include <tools/kmsctl/kms.h>
#include <tools/kmsctl/wrapped_output.h>

namespace keyway::kmsctl {

namespace {

struct UnwrapOptions {
  KmsOptions kms;
  Files files;
};

Exit write_key(const UnwrapOptions& options, const cli::Console& console, const Secret& key) {
  if (auto written = cli::write_output(console, options.files.out, key.reveal()); !written)
    return console.failed(written.error());
  if (!console.json() || cli::is_standard(options.files.out)) return Exit::done;
  nlohmann::ordered_json json;
  json["out"] = options.files.out;
  json["bytes"] = key.size();
  return console.ended(console.document(json));
}

Exit run(UnwrapOptions& options, const Session& session) {
  const cli::Console& console = session.console;
  if (auto hidden = cli::refuse_terminal(options.files.out); !hidden) return console.failed(hidden.error());
  auto kms = open_kms(options.kms, session);
  if (!kms) return console.failed(kms.error());
  auto blob = cli::read_wrapped_key(options.files.in);
  if (!blob) return console.failed(blob.error());
  const auto key = (*kms)->unwrap(std::move(*blob), bytes_of(options.kms.context));
  if (!key) return console.failed(key.error());
  return write_key(options, console, *key);
}

}  // namespace

Runner declare_unwrap(CLI::App& app) {
  const auto options = std::make_shared<UnwrapOptions>();
  app.description(
      "unwrap a data key. The wrapped key names its key in the KMS; --key, --transit-path and --namespace "
      "open "
      "it with another, for one that was renamed or moved");
  declare(app, options->kms, Task::unwrap);
  declare(app, options->files);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmsctl
