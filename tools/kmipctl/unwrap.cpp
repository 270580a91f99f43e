#include <tools/kmipctl/wrap_options.h>

namespace keyway::kmipctl {

namespace {

Exit unwrap_key(const WrapOptions& options, Session& session) {
  const cli::Console& console = session.console();
  if (auto hidden = cli::refuse_terminal(options.out); !hidden) return console.failed(hidden.error());
  const auto blob = cli::read_wrapped_key(options.in);
  if (!blob) return console.failed(blob.error());
  if (!options.key.empty()) {
    const auto expected = session.find(options.key);
    if (!expected) return console.failed(expected.error());
    if (*expected != blob->key_id)
      return console.failed(Error{ErrorKind::not_mine,
                                  fmt::format("this key was wrapped with key '{}', not with '{}'",
                                              printable(blob->key_id, 128), printable(*expected, 128)),
                                  {},
                                  {}});
  }
  auto key = with_wrapper(session, options, [&](KeyWrapper& wrapper) {
    return unwrap_one(wrapper, *blob, bytes_of(options.context));
  });
  if (!key) return console.failed(key.error());
  return console.ended(write_output(console, options.out, key->reveal()));
}

}  // namespace

Runner declare_unwrap(CLI::App& app) {
  const auto options = std::make_shared<WrapOptions>();
  app.add_option("--key", options->key, "refuse a blob that another key than this one wrapped");
  declare(app, *options);
  return [options](Session& session) { return unwrap_key(*options, session); };
}

}  // namespace keyway::kmipctl
