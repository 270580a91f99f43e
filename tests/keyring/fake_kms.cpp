#include "fake_kms.h"

#include <core/local_wrapper.h>

namespace keyway::keyring {

namespace {

// One identity at one server. Answers come on a worker's thread, as those of a real wrapper.
class FakeConnection final : public Connection {
 public:
  FakeConnection(World& world, std::string address, Backend backend, std::string name_space)
      : world_(world), address_(std::move(address)), backend_(backend), name_space_(std::move(name_space)) {}

  KeyWrapper& wrapper(const std::string& key) override {
    auto& wrapper = wrappers_[key];
    if (!wrapper) wrapper = std::make_unique<Wrapper>(*this, key);
    return *wrapper;
  }
  Result<std::string> newest_version(const std::string& key) override {
    const std::lock_guard lock(world_.mutex);
    const auto found = find(key);
    if (!found) return std::unexpected(found.error());
    return backend_ == Backend::vault ? std::to_string((*found)->versions) : std::string();
  }
  Result<std::string> identify(const std::string& key) override { return key; }
  bool newest_on_rewrap() const override { return backend_ == Backend::vault; }

 private:
  class Wrapper final : public KeyWrapper {
   public:
    Wrapper(FakeConnection& at, std::string key) : at_(at), key_(std::move(key)) {}
    Traits traits() const override {
      return {.backend = at_.backend_, .rewraps_inside = true, .batch_limit = 10};
    }
    void wrap(std::vector<WrapJob> jobs, Done<WrappedKey> done) override {
      worker_.post([this, jobs = std::move(jobs), done = std::move(done)]() mutable {
        Each<WrappedKey> answers;
        const Fault fault = at_.begin();
        for (const WrapJob& job : jobs) answers.push_back(at_.wrap(key_, job.key, job.context, fault));
        done(std::move(answers));
      });
    }
    void unwrap(std::vector<UnwrapJob> jobs, Done<Secret> done) override {
      worker_.post([this, jobs = std::move(jobs), done = std::move(done)]() mutable {
        Each<Secret> answers;
        const Fault fault = at_.begin();
        for (const UnwrapJob& job : jobs) answers.push_back(at_.unwrap(job.key, job.context, fault));
        done(std::move(answers));
      });
    }
    void rewrap(std::vector<UnwrapJob> jobs, Done<WrappedKey> done) override {
      worker_.post([this, jobs = std::move(jobs), done = std::move(done)]() mutable {
        Each<WrappedKey> answers;
        const Fault fault = at_.begin();
        for (const UnwrapJob& job : jobs) {
          const auto opened = at_.unwrap(job.key, job.context, fault);
          const auto newest = at_.newest_version(job.key.key_id);
          if (opened && key_.empty() && newest && *newest == job.key.key_version)
            answers.push_back(job.key);  // it is there already
          else if (opened)
            answers.push_back(at_.wrap(key_.empty() ? job.key.key_id : key_, *opened, job.context, fault));
          else
            answers.emplace_back(std::unexpected(opened.error()));
        }
        done(std::move(answers));
      });
    }

   private:
    FakeConnection& at_;
    const std::string key_;
    Worker worker_;
  };

  Fault begin() {
    if (const auto meanwhile = std::exchange(world_.on_call, nullptr)) meanwhile();
    const std::lock_guard lock(world_.mutex);
    if (world_.servers[address_].is_away) return Fault::unreachable;
    const int call = ++world_.calls;
    const bool fails =
        call == world_.fail_at || (world_.fails_on && world_.fail_at != 0 && call > world_.fail_at);
    return fails ? world_.fault : Fault::none;
  }

  Result<World::Key*> find(const std::string& key) {
    auto& keys = world_.servers[address_].keys;
    const auto found = keys.find(name_space_ + "/" + key);
    if (found == keys.end()) return fail(ErrorKind::not_found, "no key '{}'", key);
    return &found->second;
  }

  Result<Sha256> key_of(const std::string& key, const std::string& version) {
    const std::lock_guard lock(world_.mutex);
    const auto found = find(key);
    if (!found) return std::unexpected(found.error());
    if (!version.empty() && std::stoi(version) > (*found)->versions)
      return fail(ErrorKind::corrupt, "no version {}", version);
    return sha256(bytes_of((*found)->secret + version));
  }

  Result<void> allowed(Bytes context, Fault fault) {
    if (fault == Fault::unreachable) return fail(ErrorKind::unreachable, "{} is away", address_);
    if (fault == Fault::refused) return fail(ErrorKind::refused, "{} says no", address_);
    const std::lock_guard lock(world_.mutex);
    if (world_.bad_contexts.contains(std::string(text_of(context))))
      return fail(ErrorKind::refused, "not this one");
    return {};
  }

  Result<WrappedKey> wrap(const std::string& key, const Secret& secret, Bytes context, Fault fault) {
    if (auto good = allowed(context, fault); !good) return std::unexpected(good.error());
    std::string version;
    if (backend_ == Backend::vault) {
      auto newest = newest_version(key);
      if (!newest) return std::unexpected(newest.error());
      version = *newest;
    }
    const auto kek = key_of(key, version);
    if (!kek) return std::unexpected(kek.error());
    const OwnedBytes iv = system_random().bytes(gcm_iv_size);
    auto sealed = aes_gcm_seal(*kek, iv, {}, secret.reveal());
    if (!sealed) return std::unexpected(sealed.error());
    // A wrapper proves what it gives out: garbage is found out before.
    if (fault == Fault::garbage) return fail(ErrorKind::corrupt, "what was wrapped does not open");
    WrappedKey blob{.key_id = key, .key_version = version, .check_value = key_check_value(secret, context)};
    if (backend_ == Backend::vault)
      blob.mechanism = VaultMechanism{.mount = "transit", .key_namespace = name_space_};
    else
      blob.mechanism =
          KmipMechanism{.iv = {}, .tag = {}, .version_major = 1, .version_minor = 4, .vendor = {}};
    blob.ciphertext = iv;
    blob.ciphertext.insert(blob.ciphertext.end(), sealed->tag.begin(), sealed->tag.end());
    blob.ciphertext.insert(blob.ciphertext.end(), sealed->ciphertext.begin(), sealed->ciphertext.end());
    return blob;
  }

  Result<Secret> unwrap(const WrappedKey& blob, Bytes context, Fault fault) {
    if (auto good = allowed(context, fault); !good) return std::unexpected(good.error());
    if (blob.backend() != backend_) return fail(ErrorKind::not_mine, "of another kind of KMS");
    const auto* vault = std::get_if<VaultMechanism>(&blob.mechanism);
    if (vault != nullptr && vault->key_namespace != name_space_)
      return fail(ErrorKind::not_mine, "of namespace '{}'", vault->key_namespace);
    const auto kek = key_of(blob.key_id, blob.key_version);
    if (!kek) return std::unexpected(kek.error());
    const Bytes all = blob.ciphertext;
    auto opened = aes_gcm_open(*kek, all.first(gcm_iv_size), {}, all.subspan(gcm_iv_size + gcm_tag_size),
                               all.subspan(gcm_iv_size, gcm_tag_size));
    if (!opened) return opened;
    if (fault == Fault::garbage) opened = Secret(system_random().bytes(opened->size()));
    if (auto good = verify_key(blob, *opened, context); !good) return std::unexpected(good.error());
    return opened;
  }

  World& world_;
  const std::string address_;
  const Backend backend_;
  const std::string name_space_;
  std::map<std::string, std::unique_ptr<Wrapper>> wrappers_;
};

}  // namespace

void World::add_key(const std::string& address, const std::string& name, const std::string& name_space) {
  servers[address].keys[name_space + "/" + name] = {1, address + name_space + name};
}

Result<std::unique_ptr<Connection>> World::connect(const KmsSettings& kms, const OwnLogin* own) {
  if (std::holds_alternative<LocalKms>(kms)) return NetworkConnector().connect(kms, own);
  if (const auto* kmip = std::get_if<KmipKms>(&kms))
    return std::make_unique<FakeConnection>(*this, kmip->addresses, Backend::kmip, "");
  const auto& vault = std::get<VaultKms>(kms);
  Server& server = servers[vault.addresses];
  ++server.logins;
  const auto connected_as = [&](const std::string& name_space) -> std::unique_ptr<Connection> {
    return std::make_unique<FakeConnection>(*this, vault.addresses, Backend::vault, name_space);
  };
  if (own != nullptr) {
    const auto given = own->role.secret_id.read();
    if (!given) return std::unexpected(given.error());
    server.shown.emplace(given->reveal_text());
    if (server.secrets.empty()) return connected_as(own->name_space);
    if (server.secrets[own->name_space + "/" + own->role.role_id] != given->reveal_text())
      return fail(ErrorKind::refused, "the login is refused");
  }
  return connected_as(own == nullptr ? vault.name_space : own->name_space);
}

}  // namespace keyway::keyring
