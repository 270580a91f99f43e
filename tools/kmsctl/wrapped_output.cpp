#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <tools/cli/files.h>
#include <tools/kmsctl/wrapped_output.h>

namespace keyway::kmsctl {

namespace {

nlohmann::ordered_json to_json(const WrappedKey& blob) {
  nlohmann::ordered_json json;
  json["wrapped_key"] = to_text(blob);
  json["kms"] = name(blob.backend());
  json["key"] = blob.key_id;
  if (const auto* mechanism = std::get_if<VaultMechanism>(&blob.mechanism)) {
    json["key_version"] = blob.key_version;
    json["transit_path"] = mechanism->mount;
    json["namespace"] = mechanism->key_namespace;
  }
  if (const auto* mechanism = std::get_if<KmipMechanism>(&blob.mechanism)) {
    json["where"] = mechanism->where == KmipMechanism::Where::server ? "server" : "client";
    json["protocol_version"] = fmt::format("{}.{}", mechanism->version_major, mechanism->version_minor);
    json["vendor"] = mechanism->vendor;
  }
  return json;
}

}  // namespace

void declare(CLI::App& app, Files& files) {
  app.add_option("--in", files.in, "file to read")->capture_default_str();
  app.add_option("--out", files.out, "file to write, mode 0600")->capture_default_str();
}

Exit print_wrapped(const cli::Console& console, const Files& files, const WrappedKey& blob,
                   cli::Existing existing) {
  if (!console.json()) return console.ended(cli::write_wrapped_key(console, files.out, blob, existing));
  if (!cli::is_standard(files.out))
    if (auto written = cli::write_wrapped_key(console, files.out, blob, existing); !written)
      return console.failed(written.error());
  return console.ended(console.document(to_json(blob)));
}

}  // namespace keyway::kmsctl
