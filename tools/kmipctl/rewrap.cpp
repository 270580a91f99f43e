#include <tools/kmipctl/wrap_options.h>

namespace keyway::kmipctl {

namespace {

Exit rewrap_key(const WrapOptions& options, Session& session) {
  const cli::Console& console = session.console();
  const auto old = cli::read_wrapped_key(options.in);
  if (!old) return console.failed(old.error());
  auto blob = with_wrapper(session, options, [&](KeyWrapper& wrapper) {
    return rewrap_one(wrapper, *old, bytes_of(options.context));
  });
  if (!blob) return console.failed(blob.error());
  return write_blob(session, options, *blob, cli::Existing::replace);
}

}  // namespace

Runner declare_rewrap(CLI::App& app) {
  const auto options = std::make_shared<WrapOptions>();
  app.add_option("--new-key", options->key, "key to wrap with from now on: unique identifier, or name:NAME")
      ->required();
  declare(app, *options);
  return [options](Session& session) { return rewrap_key(*options, session); };
}

}  // namespace keyway::kmipctl
