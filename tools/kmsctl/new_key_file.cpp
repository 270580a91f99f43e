#include <nlohmann/json.hpp>

#include <core/local_wrapper.h>
#include <tools/kmsctl/command.h>

namespace keyway::kmsctl {

namespace {

Exit run(const std::string& file, const Session& session) {
  const cli::Console& console = session.console;
  const auto key = LocalKey::create(file);
  if (!key) return console.failed(key.error());
  console.say("keep a copy of the file in a safe place: without it, what it wrapped stays shut");
  if (!console.json()) return console.ended(console.line(key->id()));
  nlohmann::ordered_json json;
  json["key"] = key->id();
  json["out"] = file;
  return console.ended(console.document(json));
}

}  // namespace

Runner declare_new_key_file(CLI::App& app) {
  const auto file = std::make_shared<std::string>();
  app.description("make a key file for --kms local, mode 0600, and print the key's identifier");
  app.add_option("FILE", *file, "file to make; it must not exist")->required();
  return [file](const Session& session) { return run(*file, session); };
}

}  // namespace keyway::kmsctl
