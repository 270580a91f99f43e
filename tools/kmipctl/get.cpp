#include <nlohmann/json.hpp>

#include <core/hex.h>
#include <kmip/model/get.h>
#include <tools/kmipctl/object_options.h>

namespace keyway::kmipctl {

namespace {

struct GetOptions {
  std::string id;
  std::string out;
  std::string format;
};

// Writes a line of text and a secret after it without the secret ever being in a string.
Result<void> print_secret(const cli::Console& console, std::string_view label, const Secret& key) {
  SecretBuffer line;
  line.append(label);
  line.append(to_hex_secret(key.reveal()).reveal());
  line.append(Text("\n"));
  return console.data(line.view());
}

Result<void> print_json(const cli::Console& console, const nlohmann::ordered_json& json, const Secret* key) {
  if (key == nullptr) return console.document(json);
  // The document is cut open at its end, so that the key goes only through wiping memory.
  std::string text = json.dump(2);
  text.resize(text.rfind('\n'));
  SecretBuffer out;
  out.append(Text(text));
  out.append(Text(",\n  \"key_material\": \""));
  out.append(to_hex_secret(key->reveal()).reveal());
  out.append(Text("\"\n}\n"));
  return console.data(out.view());
}

Exit run(const GetOptions& options, Session& session) {
  const cli::Console& console = session.console();
  kmip::GetRequest request;
  if (!options.format.empty()) {
    auto format = named_value<kmip::KeyFormatType>(options.format, "--format");
    if (!format) return console.failed(format.error());
    request.key_format_type = *format;
  }
  const auto id = session.find(options.id);
  if (!id) return console.failed(id.error());
  request.unique_identifier = kmip::Identifier(*id);
  auto reply = session.call(std::move(request));
  if (!reply) return console.failed(reply.error());
  const auto& answer = **reply;
  const kmip::KeyBlock* block = answer.object.key_block();
  const Secret* key = block ? block->key_bytes() : nullptr;

  if (!options.out.empty()) {
    if (!key)
      return console.failed(Error{ErrorKind::unsupported,
                                  fmt::format("object '{}' is a {} without plain key bytes",
                                              printable(*id, 128), spec_name(answer.object_type)),
                                  {},
                                  {}});
    if (auto written = write_output(console, options.out, key->reveal()); !written)
      return console.failed(written.error());
    return Exit::done;
  }

  nlohmann::ordered_json json;
  json["unique_identifier"] = *id;
  json["object_type"] = name(answer.object_type);
  if (block) {
    json["key_format_type"] = name(block->key_format_type);
    if (block->cryptographic_algorithm)
      json["cryptographic_algorithm"] = name(*block->cryptographic_algorithm);
    if (block->cryptographic_length) json["cryptographic_length"] = *block->cryptographic_length;
    json["wrapped"] = block->wrapped_key_value.has_value();
    if (key) json["key_bytes"] = key->size();
  }
  const bool show = session.connection().show_secrets && key != nullptr;
  if (console.json()) return console.ended(print_json(console, json, show ? key : nullptr));
  std::string text;
  for (const auto& [field, value] : json.items())
    text += fmt::format("{}: {}\n", field,
                        value.is_string() ? printable(value.get<std::string>()) : value.dump());
  if (auto written = console.data(bytes_of(text)); !written) return console.failed(written.error());
  if (show) return console.ended(print_secret(console, "key_material: ", *key));
  if (key) console.say("the key itself is not shown; --out FILE stores it, --show-secrets prints it");
  return Exit::done;
}

}  // namespace

Runner declare_get(CLI::App& app) {
  const auto options = std::make_shared<GetOptions>();
  app.add_option("ID", options->id, "unique identifier, or name:NAME")->required();
  app.add_option("--out", options->out, "write the key bytes to this file (mode 0600); - is standard output");
  app.add_option("--format", options->format, "Raw, TransparentSymmetricKey, ...; else the server chooses");
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmipctl
