#include <memory>

#include <nlohmann/json.hpp>

#include <tools/kmsctl/fs_view.h>
#include <tools/kmsctl/keyring_options.h>
#include <tools/kmsctl/kms_view.h>
#include <tools/kmsctl/words.h>

namespace keyway::kmsctl {

namespace {

struct ShowFilesystemOptions {
  KeyringOptions keyring;
  std::string name;
};

// With Vault, `kms rewrap` leaves keys of filesystems' own alone unless it is told.
std::string rewrap_text(const keyring::FilesystemView& filesystem, const keyring::Overview& overview) {
  return fmt::format("due: run '{}{}', or 'kmsctl fs kms-rewrap'", rewrap_command(overview),
                     filesystem.row.own_key.empty() ? "" : " --all");
}

std::string text_of(const keyring::FilesystemView& filesystem, const keyring::Overview& overview) {
  const keyring::FilesystemRow& row = filesystem.row;
  std::string text;
  const auto add = [&text](std::string_view what, std::string_view value) {
    text += fmt::format("{:<14} {}\n", what, value);
  };
  add("name", row.name);
  add("id", row.id);
  add("created", time_text(row.created));
  add("encrypted", row.is_encrypted() ? "yes" : "no");
  if (!row.is_encrypted()) return text;
  add("under", key_text(filesystem));
  if (const std::string own = own_text(filesystem); !own.empty()) add("of its own", own);
  if (filesystem.is_left) add("rewrap", rewrap_text(filesystem, overview));
  add("context", filesystem.context);
  add("wrapped key", to_text(*row.key));
  return text;
}

Exit run(const ShowFilesystemOptions& options, const Session& session) {
  const cli::Console& console = session.console;
  auto open = open_keyring(options.keyring);
  if (!open) return console.failed(open.error());
  const auto filesystem = open->ring.filesystem(options.name);
  if (!filesystem) return console.failed(filesystem.error());
  if (filesystem->row.is_encrypted() && filesystem->backend == Backend::local) warn(console, local_is_weaker);
  if (!console.json()) {
    const auto overview = open->ring.overview();
    if (!overview) return console.failed(overview.error());
    return console.ended(console.data(bytes_of(text_of(*filesystem, *overview))));
  }
  nlohmann::ordered_json json = to_json(*filesystem);
  if (filesystem->row.is_encrypted()) json["wrapped_key"] = to_text(*filesystem->row.key);
  return console.ended(console.document(json));
}

}  // namespace

Runner declare_fs_show(CLI::App& app) {
  const auto options = std::make_shared<ShowFilesystemOptions>();
  app.description(
      "show one filesystem, and its wrapped key, which is no secret: 'kmsctl unwrap --context' "
      "opens it by hand");
  app.add_option("NAME", options->name, "the filesystem")->required();
  declare(app, options->keyring, Asks::nobody);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmsctl
