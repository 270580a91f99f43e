#include <tools/kmipctl/wrap_options.h>

namespace keyway::kmipctl {

namespace {

Exit wrap_key(const WrapOptions& options, Session& session) {
  const cli::Console& console = session.console();
  if (auto good = cli::refuse_existing(options.out); !good) return console.failed(good.error());
  auto key = read_input(options.in, longest_data_key);
  if (!key) return console.failed(key.error());
  if (auto good = check_data_key(*key); !good) return console.failed(good.error());
  auto blob = with_wrapper(session, options, [&](KeyWrapper& wrapper) {
    return wrap_one(wrapper, std::move(*key), bytes_of(options.context));
  });
  if (!blob) return console.failed(blob.error());
  return write_blob(session, options, *blob, cli::Existing::refuse);
}

}  // namespace

Runner declare_wrap(CLI::App& app) {
  const auto options = std::make_shared<WrapOptions>();
  app.add_option("--key", options->key, "key to wrap with: unique identifier, or name:NAME")
      ->required()
      ->envname("KMIP_KEY");
  declare(app, *options);
  return [options](Session& session) { return wrap_key(*options, session); };
}

}  // namespace keyway::kmipctl
