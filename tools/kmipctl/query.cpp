#include <nlohmann/json.hpp>

#include <kmip/model/query.h>
#include <tools/kmipctl/command.h>

namespace keyway::kmipctl {

namespace {

using Json = nlohmann::ordered_json;

template <class E>
Json names_of(const std::vector<E>& values) {
  Json list = Json::array();
  for (const E value : values) list.push_back(name(value));
  return list;
}

// The texts of Server Information by field; vendors add fields of other types, which stay theirs.
Json server_information(const kmip::ServerInformation& information) {
  Json fields = Json::object();
  const auto put = [&fields](kmip::Tag tag, const std::optional<Text>& text) {
    if (text) fields[name(tag)] = printable(*text);
  };
  put(kmip::Tag::ServerName, information.server_name);
  put(kmip::Tag::ServerSerialNumber, information.server_serial_number);
  put(kmip::Tag::ServerVersion, information.server_version);
  put(kmip::Tag::ServerLoad, information.server_load);
  put(kmip::Tag::ProductName, information.product_name);
  put(kmip::Tag::BuildLevel, information.build_level);
  put(kmip::Tag::BuildDate, information.build_date);
  put(kmip::Tag::ClusterInfo, information.cluster_info);
  for (const kmip::Raw& item : information.vendor_specific)
    if (item.type == kmip::Type::TextString) put(item.tag, text_of(item.value));
  return fields;
}

// What the server can be asked in this version.
std::vector<kmip::QueryFunction> functions(kmip::Version version) {
  using enum kmip::QueryFunction;
  std::vector<kmip::QueryFunction> asked{QueryOperations, QueryObjects, QueryServerInformation,
                                         QueryApplicationNamespaces};
  if (version >= kmip::Version::V1_3) asked.insert(asked.end(), {QueryProfiles, QueryCapabilities});
  return asked;
}

void print_list(std::string& text, std::string_view title, const Json& list) {
  if (list.empty()) return;
  text += fmt::format("{}:\n", title);
  for (const auto& entry : list) text += fmt::format("  {}\n", entry.get<std::string>());
}

Exit show_server(Session& session) {
  const cli::Console& console = session.console();
  auto client = session.client();
  if (!client) return console.failed(client.error());
  const auto facts = (*client)->connect();
  if (!facts) return console.failed(facts.error());
  kmip::QueryRequest request;
  request.functions = functions(facts->version);
  auto reply = session.call(std::move(request));
  if (!reply) return console.failed(reply.error());
  const auto& answer = **reply;

  Json json;
  json["server"] = facts->peer;
  json["protocol_version"] = name(facts->version);
  json["tls"] = facts->tls_protocol;
  json["certificate"] = facts->peer_subject;
  json["vendor_identification"] = printable(answer.vendor_identification.value_or(Text{}));
  json["server_information"] =
      answer.server_information ? server_information(*answer.server_information) : Json::object();
  json["operations"] = names_of(answer.operations);
  json["object_types"] = names_of(answer.object_types);
  Json namespaces = Json::array();
  for (const Text one : answer.application_namespaces) namespaces.push_back(printable(one));
  json["application_namespaces"] = namespaces;
  if (console.json()) return console.ended(console.document(json));

  std::string text;
  text += fmt::format("server: {}\nprotocol version: {}\nTLS: {}\ncertificate: {}\nvendor: {}\n", facts->peer,
                      name(facts->version), facts->tls_protocol, facts->peer_subject,
                      json["vendor_identification"].get<std::string>());
  for (const auto& [field, value] : json["server_information"].items())
    text += fmt::format("{}: {}\n", field, value.get<std::string>());
  print_list(text, "operations", json["operations"]);
  print_list(text, "object types", json["object_types"]);
  print_list(text, "application namespaces", json["application_namespaces"]);
  return console.ended(console.data(bytes_of(text)));
}

}  // namespace

Runner declare_query(CLI::App&) { return show_server; }

}  // namespace keyway::kmipctl
