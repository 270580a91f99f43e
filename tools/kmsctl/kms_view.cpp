#include <nlohmann/json.hpp>

#include <tools/kmsctl/kms_view.h>
#include <tools/kmsctl/words.h>

namespace keyway::kmsctl {

namespace {

using Json = nlohmann::ordered_json;

std::string show(std::string_view text) { return printable(text, 4096); }

void add_fact(TextFacts& facts, std::string_view name, std::string_view value) {
  if (!value.empty()) facts.emplace_back(name, show(value));
}

std::string login_text(const keyring::VaultKms& kms) {
  if (const auto* token = std::get_if<keyring::TokenAuth>(&kms.auth))
    return fmt::format("token, {}", token->token.described());
  if (const auto* role = std::get_if<keyring::AppRoleAuth>(&kms.auth))
    return fmt::format("AppRole {}, secret id {}", role->role_id, role->secret_id.described());
  const auto& pod = std::get<keyring::KubernetesAuth>(kms.auth);
  return fmt::format("Kubernetes role {}{}", pod.role,
                     pod.token_file.empty() ? "" : fmt::format(", token file {}", pod.token_file));
}

Json login_json(const keyring::VaultKms& kms) {
  Json json;
  if (const auto* token = std::get_if<keyring::TokenAuth>(&kms.auth)) {
    json["kind"] = "token";
    json["token"] = token->token.written();
  } else if (const auto* role = std::get_if<keyring::AppRoleAuth>(&kms.auth)) {
    json["kind"] = "approle";
    json["role_id"] = role->role_id;
    json["secret_id"] = role->secret_id.written();
  } else {
    const auto& pod = std::get<keyring::KubernetesAuth>(kms.auth);
    json["kind"] = "kubernetes";
    json["role"] = pod.role;
    if (!pod.token_file.empty()) json["token_file"] = pod.token_file;
  }
  return json;
}

std::string trust_text(const std::string& pem) { return pem.empty() ? "the system's" : "stored"; }

void add_facts(TextFacts& facts, const keyring::VaultKms& kms) {
  add_fact(facts, "address", kms.addresses);
  add_fact(facts, "key", kms.key);
  add_fact(facts, "namespace", kms.name_space);
  add_fact(facts, "transit path", kms.transit_path);
  add_fact(facts, "login", login_text(kms));
  add_fact(facts, "auth path", kms.auth_path);
  add_fact(facts, "CA certificates", trust_text(kms.ca_pem));
}

void add_facts(TextFacts& facts, const keyring::KmipKms& kms) {
  add_fact(facts, "address", kms.addresses);
  add_fact(facts, "key", kms.key);
  add_fact(facts, "login",
           fmt::format("client certificate, key {}{}", kms.client_key.described(),
                       kms.passphrase.place() == keyring::Credential::Place::none
                           ? ""
                           : fmt::format(", passphrase {}", kms.passphrase.described())));
  add_fact(facts, "CA certificates", trust_text(kms.ca_pem));
}

void add_facts(TextFacts& facts, const keyring::LocalKms& kms) {
  add_fact(facts, "key file", kms.key_file);
  add_fact(facts, "key", kms.key);
}

void add_json(Json& json, const keyring::VaultKms& kms) {
  json["addresses"] = kms.addresses;
  json["key"] = kms.key;
  json["namespace"] = kms.name_space;
  json["transit_path"] = kms.transit_path;
  json["auth_path"] = kms.auth_path;
  json["ca_certificates"] = kms.ca_pem.empty() ? "system" : "stored";
  json["login"] = login_json(kms);
}

void add_json(Json& json, const keyring::KmipKms& kms) {
  json["addresses"] = kms.addresses;
  json["key"] = kms.key;
  json["ca_certificates"] = kms.ca_pem.empty() ? "system" : "stored";
  json["login"] = {{"kind", "certificate"},
                   {"client_key", kms.client_key.written()},
                   {"passphrase", kms.passphrase.written()}};
}

void add_json(Json& json, const keyring::LocalKms& kms) {
  json["key_file"] = kms.key_file;
  json["key"] = kms.key;
}

std::string filesystems_text(const keyring::KmsView& kms, const std::string& rewrap) {
  if (kms.filesystems == 0) return "none";
  if (kms.left == 0) return std::to_string(kms.filesystems);
  return fmt::format("{}, {} left to move: run '{}'", kms.filesystems, kms.left, rewrap);
}

}  // namespace

std::string title_of(const keyring::KmsSettings& kms) {
  if (const auto* vault = std::get_if<keyring::VaultKms>(&kms))
    return fmt::format("Vault {}, key {}", show(vault->addresses), show(vault->key));
  if (const auto* kmip = std::get_if<keyring::KmipKms>(&kms))
    return fmt::format("KMIP {}, key {}", show(kmip->addresses), show(kmip->key));
  return fmt::format("local key {}", show(std::get<keyring::LocalKms>(kms).key_file));
}

TextFacts facts_of(const keyring::KmsView& kms, const std::string& rewrap) {
  TextFacts facts;
  const Backend backend = keyring::backend_of(kms.settings);
  const char* kind = backend == Backend::vault ? "Vault" : backend == Backend::kmip ? "KMIP" : "local key";
  if (!kms.is_current)
    add_fact(facts, "retired KMS", fmt::format("{} (opens, wraps nothing new)", kind));
  else
    add_fact(facts, backend == Backend::local ? "in its place" : "KMS", kind);
  std::visit([&facts](const auto& settings) { add_facts(facts, settings); }, kms.settings);
  add_fact(facts, "set", time_text(kms.set_at));
  add_fact(facts, "filesystems", filesystems_text(kms, rewrap));
  return facts;
}

Json to_json(const keyring::KmsView& kms) {
  Json json;
  json["kms"] = name(keyring::backend_of(kms.settings));
  json["current"] = kms.is_current;
  std::visit([&json](const auto& settings) { add_json(json, settings); }, kms.settings);
  json["set_at"] = time_text(kms.set_at);
  json["filesystems"] = kms.filesystems;
  json["left"] = kms.left;
  return json;
}

std::string rewrap_command(Backend current, const std::string& key) {
  return current == Backend::kmip ? fmt::format("kmsctl kms rewrap --new-key-uid {}", printable(key, 256))
                                  : "kmsctl kms rewrap";
}

std::string rewrap_command(const keyring::Overview& overview) {
  const keyring::KmsView* current = overview.current();
  if (current == nullptr) return "kmsctl kms rewrap";
  return rewrap_command(keyring::backend_of(current->settings), keyring::key_of(current->settings));
}

bool is_kms(const keyring::KmsView* kms) {
  return kms != nullptr && keyring::backend_of(kms->settings) != Backend::local;
}

std::int64_t local_filesystems(const keyring::Overview& overview) {
  std::int64_t number = 0;
  for (const keyring::KmsView& kms : overview.kms)
    if (keyring::backend_of(kms.settings) == Backend::local) number += kms.filesystems;
  return number;
}

}  // namespace keyway::kmsctl
