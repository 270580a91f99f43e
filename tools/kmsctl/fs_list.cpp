#include <memory>
#include <optional>

#include <nlohmann/json.hpp>

#include <tools/cli/table.h>
#include <tools/kmsctl/fs_view.h>
#include <tools/kmsctl/keyring_options.h>
#include <tools/kmsctl/words.h>

namespace keyway::kmsctl {

namespace {

struct ListOptions {
  KeyringOptions keyring;
};

void add_row(cli::Table& table, const keyring::FilesystemView& filesystem) {
  const keyring::FilesystemRow& row = filesystem.row;
  if (row.is_damaged()) return table.row({row.name, "DAMAGED", "-", "-", "-", "-", "-"});
  if (!row.is_encrypted()) return table.row({row.name, "no", "-", "-", "-", "-", "-"});
  const std::string own = own_text(filesystem);
  const auto or_dash = [](std::string_view text) { return text.empty() ? std::string_view("-") : text; };
  table.row({row.name, "yes", name(filesystem.backend), row.key->key_id, or_dash(row.key->key_version),
             or_dash(own), filesystem.is_left ? "due" : "-"});
}

// The first damaged filesystem's error goes to `damage`: the list goes on.
Result<void> print_table(const cli::Console& console, keyring::Keyring& ring, std::optional<Error>& damage) {
  cli::Table table({"NAME", "ENCRYPTED", "KMS", "KEY", "VERSION", "OWN KEY", "REWRAP"});
  bool has_local = false;
  auto read = ring.each([&](const keyring::FilesystemView& filesystem) -> Result<void> {
    add_row(table, filesystem);
    if (!damage) damage = filesystem.row.damage;
    has_local = has_local || (filesystem.row.is_encrypted() && filesystem.backend == Backend::local);
    return {};
  });
  if (!read) return read;
  if (auto printed = table.print(console); !printed) return printed;
  if (has_local) warn(console, local_is_weaker);
  return {};
}

// The array is written as it is read: a list of 100,000 is not built first.
Result<void> print_json(const cli::Console& console, keyring::Keyring& ring, std::optional<Error>& damage) {
  constexpr std::size_t enough = 64UL * 1024;  // bytes to write at once
  std::string text = "{\n  \"filesystems\": [";
  const char* between = "\n    ";
  const auto flush = [&]() -> Result<void> {
    auto written = console.data(bytes_of(text));
    text.clear();
    return written;
  };
  auto read = ring.each([&](const keyring::FilesystemView& filesystem) -> Result<void> {
    text += between;
    if (!damage) damage = filesystem.row.damage;
    text += to_json(filesystem).dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    between = ",\n    ";
    return text.size() < enough ? Result<void>() : flush();
  });
  if (!read) return read;
  text += "\n  ]\n}\n";
  return flush();
}

Exit run(const ListOptions& options, const Session& session) {
  const cli::Console& console = session.console;
  auto open = open_keyring(options.keyring);
  if (!open) return console.failed(open.error());
  std::optional<Error> damage;
  const auto printed =
      console.json() ? print_json(console, open->ring, damage) : print_table(console, open->ring, damage);
  if (!printed || !damage) return console.ended(printed);
  return console.failed(*damage);
}

}  // namespace

Runner declare_fs_list(CLI::App& app) {
  const auto options = std::make_shared<ListOptions>();
  app.description("list all filesystems, oldest first, and which key each is under");
  declare(app, options->keyring, Asks::nobody);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmsctl
