#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <tools/kmipctl/wrap_options.h>

namespace keyway::kmipctl {

void declare(CLI::App& app, WrapOptions& options) {
  app.add_option("--context", options.context, "what the key is for; unwrap must be given the same");
  app.add_option("--wrap-where", options.where,
                 "cipher in the KMS (server), here with the KMS's key (client), or the"
                 " KMS wherever the protocol version can (automatic)")
      ->check(CLI::IsMember({"automatic", "server", "client"}))
      ->capture_default_str();
  app.add_option("--in", options.in, "file to read")->capture_default_str();
  app.add_option("--out", options.out, "file to write, mode 0600")->capture_default_str();
}

Exit write_blob(Session& session, const WrapOptions& options, const WrappedKey& blob,
                cli::Existing existing) {
  const cli::Console& console = session.console();
  if (console.json()) {
    if (!cli::is_standard(options.out))
      if (auto written = cli::write_wrapped_key(console, options.out, blob, existing); !written)
        return console.failed(written.error());
    const auto& mechanism = std::get<KmipMechanism>(blob.mechanism);
    nlohmann::ordered_json json;
    json["wrapped_key"] = to_text(blob);
    json["backend"] = name(blob.backend());
    json["unique_identifier"] = blob.key_id;
    json["block_cipher_mode"] = name(static_cast<kmip::BlockCipherMode>(mechanism.block_cipher_mode));
    json["where"] = mechanism.where == KmipMechanism::Where::server ? "server" : "client";
    json["protocol_version"] = fmt::format("{}.{}", mechanism.version_major, mechanism.version_minor);
    json["vendor"] = mechanism.vendor;
    return console.ended(console.document(json));
  }
  return console.ended(cli::write_wrapped_key(console, options.out, blob, existing));
}

}  // namespace keyway::kmipctl
