#include <fuzz/keyring_seeds.h>
#include <keyring/model/kms.h>
#include <keyring/model/snapshot.h>

namespace keyway::fuzz {

namespace {

using namespace keyring;

Credential stored(Text secret) { return Credential::stored(Secret(secret)); }

VaultKms vault(decltype(VaultKms::auth) auth) {
  VaultKms kms;
  kms.addresses = "https://kms1:8200,https://kms2:8200";
  kms.key = "fs";
  kms.auth = std::move(auth);
  return kms;
}

VaultKms vault_with_all() {
  VaultKms kms = vault(AppRoleAuth{"role", stored("s")});
  kms.name_space = "team/a";
  kms.auth_path = "logins";
  kms.ca_pem = "-----BEGIN CERTIFICATE-----\n\"\\\xc3\xa9\n";
  return kms;
}

KmipKms kmip(Credential passphrase) {
  return {"kms1:5696,[::1]:5696", "7f1c", "CERTIFICATE\n", "CA\n", stored("KEY\n"), std::move(passphrase)};
}

// The JSON, a NUL, the secrets.
void add_settings(std::vector<Seed>& seeds, std::string name, const KmsSettings& kms) {
  std::string bytes = written(kms).value_or("");
  bytes += '\0';
  bytes += secrets_of(kms).reveal_text();
  seeds.push_back({"keyring_settings", std::move(name), std::move(bytes)});
}

void add_snapshot(std::vector<Seed>& seeds, std::string name, std::string filesystem, WrappedKey key) {
  const std::chrono::sys_seconds taken{std::chrono::seconds(1'795'348'800)};
  const Snapshot snapshot{"00112233445566778899aabbccddeeff", std::move(filesystem), taken, std::move(key)};
  const std::string text = to_text(snapshot);
  seeds.push_back({"snapshot", name + " without checksum", text.substr(0, text.rfind("  \"checksum\""))});
  seeds.push_back({"snapshot", std::move(name), text});
}

WrappedKey wrapped_key(decltype(WrappedKey::mechanism) mechanism) {
  return {.key_id = "fs",
          .key_version = "3",
          .mechanism = std::move(mechanism),
          .ciphertext = OwnedBytes(48, std::byte{0xc1}),
          .check_value = {}};
}

}  // namespace

std::vector<Seed> keyring_seeds() {
  std::vector<Seed> seeds;
  add_settings(seeds, "local", LocalKms{"/var/lib/keyway/local.key", "630dcd2966c4336691125448bbb25b4f"});
  add_settings(seeds, "kmip", kmip({}));
  add_settings(seeds, "kmip with passphrase", kmip(stored("swordfish")));
  add_settings(seeds, "kmip with systemd", kmip(Credential::systemd("kmip.passphrase")));
  add_settings(seeds, "token", vault(TokenAuth{stored("hvs.x")}));
  add_settings(seeds, "token of a file", vault(TokenAuth{Credential::file("/etc/token")}));
  add_settings(seeds, "approle", vault_with_all());
  add_settings(seeds, "approle of a variable", vault(AppRoleAuth{"r", Credential::environment("SECRET_ID")}));
  add_settings(seeds, "kubernetes", vault(KubernetesAuth{"reader", "/run/token"}));
  add_snapshot(seeds, "vault", "archive \"a\"", wrapped_key(VaultMechanism{"transit", "team-a"}));
  add_snapshot(seeds, "local", "\xc3\xa9t\xc3\xa9",
               wrapped_key(LocalMechanism{OwnedBytes(12, std::byte{1}), OwnedBytes(16, std::byte{2})}));
  return seeds;
}

}  // namespace keyway::fuzz
