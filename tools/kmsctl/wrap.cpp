#include <tools/cli/files.h>
#include <tools/kmsctl/kms.h>
#include <tools/kmsctl/wrapped_output.h>

namespace keyway::kmsctl {

namespace {

struct WrapOptions {
  KmsOptions kms;
  Files files;
};

Exit run(WrapOptions& options, const Session& session) {
  const cli::Console& console = session.console;
  if (auto good = cli::refuse_existing(options.files.out); !good) return console.failed(good.error());
  auto kms = open_kms(options.kms, session);
  if (!kms) return console.failed(kms.error());
  auto key = cli::read_input(options.files.in, longest_data_key);
  if (!key) return console.failed(key.error());
  if (auto good = check_data_key(*key); !good) return console.failed(good.error());
  const auto blob = (*kms)->wrap(std::move(*key), bytes_of(options.kms.context));
  if (!blob) return console.failed(blob.error());
  return print_wrapped(console, options.files, *blob, cli::Existing::refuse);
}

}  // namespace

Runner declare_wrap(CLI::App& app) {
  const auto options = std::make_shared<WrapOptions>();
  declare(app, options->kms, Task::wrap);
  declare(app, options->files);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmsctl
