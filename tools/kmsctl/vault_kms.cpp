#include <charconv>

#include <tools/kmsctl/kms.h>
#include <tools/kmsctl/vault_check.h>
#include <tools/kmsctl/vault_settings.h>
#include <vault/client/blocking.h>
#include <vault/client/key_wrapper.h>

namespace keyway::kmsctl {

namespace {

constexpr const char* default_mount = "transit";

Result<std::int64_t> version_number(const KmsOptions::Value& text) {
  if (!text) return 0;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size() || number < 1)
    return fail(ErrorKind::invalid_input, "--key-version takes a number from 1 on, not '{}'",
                printable(*text, 32));
  return number;
}

class VaultKms final : public Kms {
 public:
  VaultKms(const KmsOptions& options, std::int64_t key_version, vault::ClientSettings settings)
      : options_(options), key_version_(key_version), settings_(std::move(settings)) {}

  Result<WrappedKey> wrap(Secret key, Bytes context) override {
    vault::BlockingClient client(settings_);
    vault::VaultWrapper wrapper(client.async(), {.key = named_key(), .key_version = key_version_});
    return wrap_one(wrapper, std::move(key), context);
  }

  Result<Secret> unwrap(WrappedKey blob, Bytes context) override {
    if (auto mine = check_mine(blob, Backend::vault); !mine) return std::unexpected(std::move(mine.error()));
    auto& mechanism = std::get<VaultMechanism>(blob.mechanism);
    if (options_.key) blob.key_id = *options_.key;
    if (options_.transit_path) mechanism.mount = vault::http::without_stray_slashes(*options_.transit_path);
    if (options_.key || options_.transit_path)
      if (auto good = vault::check_key({mechanism.mount, blob.key_id}); !good)
        return std::unexpected(std::move(good.error()));
    take_namespace(mechanism);
    vault::BlockingClient client(settings_);
    vault::VaultWrapper wrapper(client.async(), {});
    return unwrap_one(wrapper, blob, context);
  }

  Result<WrappedKey> rewrap(WrappedKey blob, Bytes context) override {
    if (auto mine = check_mine(blob, Backend::vault); !mine) return std::unexpected(std::move(mine.error()));
    auto& mechanism = std::get<VaultMechanism>(blob.mechanism);
    vault::WrapperSettings settings{.key_version = key_version_};
    if (options_.key) settings.key = {options_.transit_path.value_or(mechanism.mount), *options_.key};
    settings.key.mount = vault::http::without_stray_slashes(settings.key.mount);
    take_namespace(mechanism);
    vault::BlockingClient client(settings_);
    vault::VaultWrapper wrapper(client.async(), settings);
    return rewrap_one(wrapper, blob, context);
  }

  void check(Report& report, Bytes context) override {
    vault::BlockingClient client(settings_);
    check_vault(report, client, named_key(),
                {.address = *options_.address,
                 .name_space = settings_.name_space,
                 .context = context,
                 .logs_in = logs_in(options_)});
  }

 private:
  vault::TransitKey named_key() const {
    return {vault::http::without_stray_slashes(options_.transit_path.value_or(default_mount)), *options_.key};
  }

  // The client speaks to the namespace that was given, or else to that of the blob. --namespace says where
  // the key is now, whatever the blob says; VAULT_NAMESPACE, which may have been set for something else, does
  // not.
  void take_namespace(VaultMechanism& mechanism) {
    if (!given_namespace(options_)) settings_.name_space = mechanism.key_namespace;
    if (options_.name_space) mechanism.key_namespace = settings_.name_space;
  }

  KmsOptions options_;
  std::int64_t key_version_;
  vault::ClientSettings settings_;
};

}  // namespace

Result<std::unique_ptr<Kms>> open_vault(const KmsOptions& options, const Session& session) {
  const auto version = version_number(options.key_version);
  if (!version) return std::unexpected(version.error());
  if (options.key) {
    const vault::TransitKey key{
        vault::http::without_stray_slashes(options.transit_path.value_or(default_mount)), *options.key};
    if (auto good = vault::check_key(key); !good) return std::unexpected(std::move(good.error()));
  }
  auto settings = vault_settings(options, session);
  if (!settings) return std::unexpected(std::move(settings.error()));
  return std::make_unique<VaultKms>(options, *version, std::move(*settings));
}

}  // namespace keyway::kmsctl
