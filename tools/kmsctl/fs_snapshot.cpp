#include <memory>

#include <nlohmann/json.hpp>

#include <core/file.h>
#include <tools/cli/files.h>
#include <tools/kmsctl/command.h>
#include <tools/kmsctl/keyring_options.h>
#include <tools/kmsctl/words.h>

namespace keyway::kmsctl {

namespace {

struct SnapshotOptions {
  KeyringOptions keyring;
  std::string name, out;
};

Result<void> print_snapshot(const cli::Console& console, const SnapshotOptions& options,
                            const keyring::Snapshot& snapshot) {
  if (!console.json())
    return console.line(
        fmt::format("{}: {} is to be stored beside the data; it holds no secret", options.name, options.out));
  nlohmann::ordered_json json;
  json["name"] = snapshot.filesystem_name;
  json["id"] = snapshot.filesystem_id;
  json["taken"] = time_text(snapshot.taken);
  json["kms"] = name(snapshot.key.backend());
  json["key"] = snapshot.key.key_id;
  json["key_version"] = snapshot.key.key_version;
  json["out"] = options.out;
  return console.document(json);
}

Exit run(const SnapshotOptions& options, const Session& session) {
  const cli::Console& console = session.console;
  if (options.out.empty()) return console.failed({ErrorKind::invalid_input, "--out is empty", {}, {}});
  if (auto good = cli::refuse_existing(options.out); !good) return console.failed(good.error());
  auto open = open_keyring(options.keyring);
  if (!open) return console.failed(open.error());
  const auto snapshot = open->ring.snapshot(options.name);
  if (!snapshot) return console.failed(snapshot.error());
  const std::string text = keyring::to_text(*snapshot);
  if (cli::is_standard(options.out)) return console.ended(console.data(bytes_of(text)));
  if (auto written = create_file(options.out, bytes_of(text), Mode::shared); !written)
    return console.failed(written.error());
  return console.ended(print_snapshot(console, options, *snapshot));
}

}  // namespace

Runner declare_fs_snapshot(CLI::App& app) {
  const auto options = std::make_shared<SnapshotOptions>();
  app.description(
      "write a filesystem's wrapped key to a file, to be stored beside its data: 'fs download' "
      "makes a filesystem of it as long as the KMS has its key. Never replaces a file");
  app.add_option("NAME", options->name, "the filesystem")->required();
  app.add_option("--out", options->out, "file to write; '-': stdout")->required();
  declare(app, options->keyring, Asks::nobody);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmsctl
