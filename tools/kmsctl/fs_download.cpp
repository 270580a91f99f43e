#include <memory>

#include <tools/cli/files.h>
#include <tools/kmsctl/fs_view.h>
#include <tools/kmsctl/keyring_options.h>
#include <tools/kmsctl/own_key_options.h>

namespace keyway::kmsctl {

namespace {

struct DownloadOptions {
  KeyringOptions keyring;
  OwnKeyOptions own;
  std::string name, from;
  bool allow_no_kms = false;
};

Exit run(const DownloadOptions& options, const Session& session) {
  const cli::Console& console = session.console;
  if (auto good = check_name(options.name, "NEW-NAME"); !good) return console.failed(good.error());
  if (options.from.empty()) return console.failed({ErrorKind::invalid_input, "--from is empty", {}, {}});
  auto own = own_key(options.own, session);
  if (!own) return console.failed(own.error());
  const auto text = cli::read_input(options.from, keyring::longest_snapshot);
  if (!text) return console.failed(text.error());
  auto snapshot = keyring::snapshot_from_text(text->reveal_text());
  if (!snapshot) {
    snapshot.error().what = fmt::format("{}: {}", printable(options.from, 4096), snapshot.error().what);
    return console.failed(snapshot.error());
  }
  auto open = open_or_make_keyring(options.keyring, console);
  if (!open) return console.failed(open.error());
  const auto made = open->ring.download(options.name, *snapshot, *own, options.allow_no_kms);
  if (!made) return console.failed(made.error());
  return print_filesystem(console, *made,
                          fmt::format("made of a snapshot of {}", printable(snapshot->filesystem_name, 128)));
}

}  // namespace

Runner declare_fs_download(CLI::App& app) {
  const auto options = std::make_shared<DownloadOptions>();
  app.description(
      "make a filesystem of a snapshot's key: it is opened with the configured KMS, or the key "
      "that is given, and wrapped anew for the new filesystem");
  app.add_option("NEW-NAME", options->name, "name of the new filesystem")->required();
  app.add_option("--from", options->from, "the snapshot's file; '-': stdin")->required();
  app.add_flag("--allow-no-kms", options->allow_no_kms,
               "when no KMS is configured the local key wraps, which is weaker");
  declare(app, options->own);
  declare(app, options->keyring, Asks::kms);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmsctl
