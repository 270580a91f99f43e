#include <tools/kmsctl/kms.h>

namespace keyway::kmsctl {

namespace {

Exit run(KmsOptions& options, const Session& session) {
  auto kms = open_kms(options, session);
  if (!kms) return session.console.failed(kms.error());
  Report report(session.console);
  (*kms)->check(report, bytes_of(options.context));
  return report.end(options.kms);
}

}  // namespace

Runner declare_check(CLI::App& app) {
  const auto options = std::make_shared<KmsOptions>();
  app.description(
      "find out whether the KMS can be used as the options say: a line for each finding, to the end. Ends "
      "with "
      "the exit code of the first that failed; warnings do not count");
  declare(app, *options, Task::check);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmsctl
