#include <nlohmann/json.hpp>

#include <kmip/model/discover_versions.h>
#include <tools/kmipctl/command.h>

namespace keyway::kmipctl {

namespace {

Exit show_versions(Session& session) {
  const cli::Console& console = session.console();
  auto reply = session.call(kmip::DiscoverVersionsRequest{});
  if (!reply) return console.failed(reply.error());
  auto client = session.client();
  const auto facts = (*client)->connect();
  nlohmann::ordered_json versions = nlohmann::ordered_json::array();
  std::string lines;
  for (const auto& version : (*reply)->protocol_versions) {
    const std::string text = to_string(version.number());
    versions.push_back(text);
    lines += text + "\n";
  }
  if (!console.json()) return console.ended(console.data(bytes_of(lines)));
  nlohmann::ordered_json json;
  json["protocol_versions"] = versions;
  if (facts) {
    json["negotiated"] = name(facts->version);
    json["server"] = facts->peer;
    json["tls"] = facts->tls_protocol;
    json["certificate"] = facts->peer_subject;
  }
  return console.ended(console.document(json));
}

}  // namespace

Runner declare_discover_versions(CLI::App&) { return show_versions; }

}  // namespace keyway::kmipctl
