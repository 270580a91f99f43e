#include <algorithm>
#include <map>
#include <mutex>

#include <core/file.h>
#include <core/local_wrapper.h>
#include <keyring/connector.h>
#include <keyring/spread_wrapper.h>
#include <kmip/client/blocking.h>
#include <kmip/client/key_wrapper.h>
#include <vault/client/blocking.h>
#include <vault/client/key_wrapper.h>

namespace keyway::keyring {

namespace {

// Wrappers by the key they wrap with, made when they are first asked for.
class WrapperShelf {
 public:
  template <class Make>
  KeyWrapper& take(const std::string& key, Make make) {
    const std::lock_guard lock(mutex_);
    auto& wrapper = wrappers_[key];
    if (!wrapper) wrapper = make();
    return *wrapper;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<KeyWrapper>> wrappers_;
};

class VaultConnection final : public Connection {
 public:
  VaultConnection(vault::ClientSettings settings, std::string mount)
      : mount_(std::move(mount)), client_(std::move(settings)) {}

  KeyWrapper& wrapper(const std::string& key) override {
    return wrappers_.take(key, [&] {
      return std::make_unique<vault::VaultWrapper>(client_.async(),
                                                   vault::WrapperSettings{.key = {mount_, key}});
    });
  }
  Result<std::string> newest_version(const std::string& key) override {
    const auto info = client_.read_key({mount_, key});
    if (!info) return std::unexpected(info.error());
    return std::to_string(info->latest_version);
  }
  Result<std::string> identify(const std::string& key) override {
    if (auto good = vault::check_key({mount_, key}); !good) return std::unexpected(std::move(good.error()));
    return key;
  }
  bool newest_on_rewrap() const override { return true; }

 private:
  const std::string mount_;
  vault::BlockingClient client_;
  WrapperShelf wrappers_;
};

class KmipConnection final : public Connection {
 public:
  KmipConnection(const kmip::ClientSettings& settings, std::size_t jobs) {
    for (std::size_t i = 0; i < std::max<std::size_t>(jobs, 1); ++i)
      clients_.push_back(std::make_unique<kmip::BlockingClient>(settings));
  }

  KeyWrapper& wrapper(const std::string& key) override {
    return wrappers_.take(key, [&] {
      std::vector<std::unique_ptr<KeyWrapper>> all;
      for (const auto& client : clients_)
        all.push_back(
            std::make_unique<kmip::KmipWrapper>(client->async(), kmip::KmipWrapperSettings{.key = {key}}));
      return std::make_unique<SpreadWrapper>(std::move(all));
    });
  }
  Result<std::string> newest_version(const std::string& key) override {
    auto facts = clients_.front()->facts(key);  // none is there for a key that is not
    if (!facts && facts.error().kind == ErrorKind::not_found) return std::unexpected(facts.error());
    return std::string();
  }
  Result<std::string> identify(const std::string& key) override { return clients_.front()->find({key}); }
  bool newest_on_rewrap() const override { return false; }

 private:
  std::vector<std::unique_ptr<kmip::BlockingClient>> clients_;
  WrapperShelf wrappers_;
};

class LocalConnection final : public Connection {
 public:
  explicit LocalConnection(LocalKey key) : id_(key.id()), wrapper_(std::move(key)) {}

  KeyWrapper& wrapper(const std::string&) override { return wrapper_; }
  Result<std::string> newest_version(const std::string&) override { return std::string(); }
  Result<std::string> identify(const std::string&) override { return id_; }
  bool newest_on_rewrap() const override { return false; }

 private:
  const std::string id_;
  LocalWrapper wrapper_;
};

// A client reads a credential again for each login, so that a reference is one.
vault::SecretSource source_of(const Credential& credential) {
  return [credential] { return credential.read(); };
}

vault::Login role_login(const AppRoleAuth& role, const std::string& path) {
  vault::AppRoleLogin login{.role_id = role.role_id, .secret_id = source_of(role.secret_id)};
  if (!path.empty()) login.path = path;
  return login;
}

// A pod's token changes about hourly, in a file that others of the pod may read.
Result<Secret> service_account_token(const std::string& file) {
  constexpr std::size_t longest = 64UL * 1024;  // bytes
  const auto content = read_file(file, longest);
  if (!content) return std::unexpected(content.error());
  return first_line(*content, file);
}

vault::Login login_of(const VaultKms& kms, const OwnLogin* own) {
  // The cluster's path is that of its own method; a filesystem's is AppRole always.
  const bool is_approle = std::holds_alternative<AppRoleAuth>(kms.auth);
  if (own != nullptr) return role_login(own->role, is_approle ? kms.auth_path : std::string());
  if (const auto* token = std::get_if<TokenAuth>(&kms.auth))
    return vault::TokenLogin{source_of(token->token)};
  if (const auto* role = std::get_if<AppRoleAuth>(&kms.auth)) return role_login(*role, kms.auth_path);
  const auto& pod = std::get<KubernetesAuth>(kms.auth);
  const std::string file = pod.token_file.empty() ? vault::service_account_token : pod.token_file;
  vault::KubernetesLogin login{.role = pod.role, .jwt = [file] { return service_account_token(file); }};
  if (!kms.auth_path.empty()) login.path = kms.auth_path;
  return login;
}

Result<std::unique_ptr<Connection>> connect_vault(const VaultKms& kms, const OwnLogin* own,
                                                  const ConnectorSettings& how) {
  vault::ClientSettings settings;
  auto urls = vault::http::parse_urls(kms.addresses);
  if (!urls) return std::unexpected(std::move(urls.error()));
  settings.addresses = std::move(*urls);
  auto tls = net::TlsContext::client({.ca_pem = kms.ca_pem});
  if (!tls) return std::unexpected(std::move(tls.error()));
  settings.tls = std::move(*tls);
  settings.name_space = own != nullptr ? own->name_space : kms.name_space;
  settings.login = login_of(kms, own);
  settings.request_timeout = how.timeout;
  settings.connect_timeout = std::min(settings.connect_timeout, how.timeout);
  settings.connections = how.jobs;
  settings.attempts = how.attempts;
  settings.renews = false;  // a command's end comes before the token's; a new login replaces a dead one
  return std::make_unique<VaultConnection>(std::move(settings),
                                           vault::http::without_stray_slashes(kms.transit_path));
}

Result<std::unique_ptr<Connection>> connect_kmip(const KmipKms& kms, const ConnectorSettings& how) {
  kmip::ClientSettings settings;
  auto endpoints = net::parse_endpoints(kms.addresses, kmip::default_port);
  if (!endpoints) return std::unexpected(std::move(endpoints.error()));
  settings.endpoint = endpoints->front();
  settings.others.assign(endpoints->begin() + 1, endpoints->end());
  settings.request_timeout = how.timeout;
  settings.connect_timeout = std::min(settings.connect_timeout, how.timeout);
  auto key = kms.client_key.read();
  if (!key) return std::unexpected(std::move(key.error()));
  net::TlsSettings trust;
  trust.ca_pem = kms.ca_pem;
  trust.certificate_pem = kms.certificate_pem;
  trust.key_pem = key->reveal_text();
  trust.passphrase = [&kms] { return kms.passphrase.read(); };
  auto tls = net::TlsContext::client(trust);
  if (!tls) return std::unexpected(std::move(tls.error()));
  settings.tls = std::move(*tls);
  return std::make_unique<KmipConnection>(settings, how.jobs);
}

Result<std::unique_ptr<Connection>> connect_local(const LocalKms& kms) {
  auto key = LocalKey::load(kms.key_file);
  if (!key && key.error().kind == ErrorKind::not_found)
    return fail_with_advice(ErrorKind::not_found,
                            "restore it from a copy: what it wrapped stays shut without it",
                            "the local key file {} is missing", printable(kms.key_file, 4096));
  if (!key) return std::unexpected(std::move(key.error()));
  if (key->id() != kms.key)
    return fail_with_advice(ErrorKind::not_mine, "put the former file back",
                            "{} holds the local key {}, and {} is needed", printable(kms.key_file, 4096),
                            key->id(), printable(kms.key, 64));
  return std::make_unique<LocalConnection>(std::move(*key));
}

}  // namespace

Result<std::unique_ptr<Connection>> NetworkConnector::connect(const KmsSettings& kms, const OwnLogin* own) {
  if (const auto* vault = std::get_if<VaultKms>(&kms)) return connect_vault(*vault, own, settings_);
  if (own != nullptr)
    return fail(ErrorKind::invalid_input, "logins of filesystems are for a Vault, not for {}",
                name(backend_of(kms)));
  if (const auto* kmip = std::get_if<KmipKms>(&kms)) return connect_kmip(*kmip, settings_);
  return connect_local(std::get<LocalKms>(kms));
}

}  // namespace keyway::keyring
