#include "support.h"

#include <core/crypto.h>
#include <core/hex.h>

namespace keyway::keyring {

void copy_folder(const Folder& from, const Folder& to) {
  std::filesystem::remove_all(to.path());
  std::filesystem::copy(from.path(), to.path(), std::filesystem::copy_options::recursive);
}

KeyringSettings settings_in(const Folder& folder, World& world, const char* vfs) {
  KeyringSettings settings;
  settings.store.path = folder.path() / "keyring.db";
  settings.store.vfs = vfs;
  settings.connector = &world;
  return settings;
}

VaultKms vault_at(const std::string& address, const std::string& key) {
  VaultKms kms;
  kms.addresses = address;
  kms.key = key;
  kms.auth = AppRoleAuth{"cluster-role", Credential::stored(Secret(Text("cluster-secret")))};
  return kms;
}

KmipKms kmip_at(const std::string& address, const std::string& key) {
  KmipKms kms;
  kms.addresses = address;
  kms.key = key;
  kms.certificate_pem = "certificate";
  kms.client_key = Credential::stored(Secret(Text("private key")));
  return kms;
}

Keys keys_of(Keyring& ring) {
  Keys keys;
  const auto tally = ring.unlock_all([&](const FilesystemRow& row, const Secret& key) -> Result<void> {
    keys[row.name] = to_hex(sha256(key.reveal()));
    return {};
  });
  REQUIRE(tally);
  for (const Failure& failure : tally->failures)
    FAIL_CHECK(failure.filesystem << ": " << describe(failure.error));
  return keys;
}

}  // namespace keyway::keyring
