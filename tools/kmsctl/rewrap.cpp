#include <tools/cli/files.h>
#include <tools/kmsctl/kms.h>
#include <tools/kmsctl/wrapped_output.h>

namespace keyway::kmsctl {

namespace {

struct RewrapOptions {
  KmsOptions kms;
  Files files;
};

Exit run(RewrapOptions& options, const Session& session) {
  const cli::Console& console = session.console;
  auto kms = open_kms(options.kms, session);
  if (!kms) return console.failed(kms.error());
  auto old = cli::read_wrapped_key(options.files.in);
  if (!old) return console.failed(old.error());
  const auto blob = (*kms)->rewrap(std::move(*old), bytes_of(options.kms.context));
  if (!blob) return console.failed(blob.error());
  return print_wrapped(console, options.files, *blob, cli::Existing::replace);
}

}  // namespace

Runner declare_rewrap(CLI::App& app) {
  const auto options = std::make_shared<RewrapOptions>();
  app.description(
      "move a wrapped data key to the key that --key names; with --kms vault and no --key, to the newest "
      "version "
      "of its own. The old wrapped key stays good");
  declare(app, options->kms, Task::rewrap);
  declare(app, options->files);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmsctl
