#include <nlohmann/json.hpp>

#include <keyring/model/rules.h>
#include <tools/kmsctl/fs_view.h>
#include <tools/kmsctl/words.h>

namespace keyway::kmsctl {

namespace {

void add_part(std::string& text, std::string_view what, const std::string& value) {
  if (!value.empty()) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", what, printable(value, 256));
}

}  // namespace

nlohmann::ordered_json to_json(const keyring::FilesystemView& filesystem) {
  const keyring::FilesystemRow& row = filesystem.row;
  nlohmann::ordered_json json;
  json["name"] = row.name;
  json["id"] = row.id;
  if (row.is_damaged()) {
    json["damaged"] = true;
    return json;
  }
  json["created"] = time_text(row.created);
  json["encrypted"] = row.is_encrypted();
  if (!row.is_encrypted()) return json;
  json["kms"] = name(filesystem.backend);
  json["key"] = row.key->key_id;
  json["key_version"] = row.key->key_version;
  json["left"] = filesystem.is_left;
  json["context"] = filesystem.context;
  const bool has_own = !row.own_key.empty() || !row.own_namespace.empty() || !filesystem.role_id.empty();
  if (has_own)
    json["own"] = {{"key", row.own_key}, {"namespace", row.own_namespace}, {"role_id", filesystem.role_id}};
  return json;
}

std::string own_text(const keyring::FilesystemView& filesystem) {
  std::string text;
  add_part(text, "key", filesystem.row.own_key);
  add_part(text, "namespace", filesystem.row.own_namespace);
  add_part(text, "role", filesystem.role_id);
  return text;
}

std::string key_text(const keyring::FilesystemView& filesystem) {
  if (!filesystem.row.is_encrypted()) return "not encrypted";
  const WrappedKey& key = *filesystem.row.key;
  const std::string version =
      key.key_version.empty() ? "" : fmt::format("version {} of ", printable(key.key_version, 64));
  const char* place = filesystem.backend == Backend::vault  ? "in Vault"
                      : filesystem.backend == Backend::kmip ? "of the KMIP server"
                                                            : "of the local key file";
  return fmt::format("{}key {} {}", version, printable(key.key_id, 256), place);
}

Exit print_filesystem(const cli::Console& console, const keyring::FilesystemView& filesystem,
                      std::string_view what) {
  const bool is_local = filesystem.row.is_encrypted() && filesystem.backend == Backend::local;
  if (is_local) warn(console, local_is_weaker);
  if (console.json()) return console.ended(console.document(to_json(filesystem)));
  return console.ended(
      console.line(fmt::format("{}: {}, {}", filesystem.row.name, what, key_text(filesystem))));
}

Result<void> check_name(const std::string& filesystem, std::string_view what) {
  auto good = keyring::check_filesystem_name(filesystem);
  if (!good) good.error().what = fmt::format("{}: {}", what, good.error().what);
  return good;
}

}  // namespace keyway::kmsctl
