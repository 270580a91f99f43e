// What the keyring's tests share: a keyring in a folder of its own, over a World.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include "fake_kms.h"
#include <keyring/keyring.h>
#include <tests/core/support.h>

namespace keyway::keyring {

using Folder = keyway::test::ScratchFolder;
// copy_folder puts all files of `from` in the place of those of `to`.
void copy_folder(const Folder& from, const Folder& to);

KeyringSettings settings_in(const Folder& folder, World& world, const char* vfs = nullptr);
// must gives the value, or fails the test with the error's words.
template <class T>
T must(Result<T> result) {
  REQUIRE_MESSAGE(result.has_value(), (result ? std::string() : describe(result.error())));
  return std::move(*result);
}
inline void must(const Result<void>& result) {
  REQUIRE_MESSAGE(result.has_value(), (result ? std::string() : describe(result.error())));
}

// The KMSs of a World, by their addresses.
inline constexpr const char* vault_a = "https://a:8200";
inline constexpr const char* vault_b = "https://b:8200";
inline constexpr const char* kmip_a = "a:5696";

inline NewFilesystem encrypted(const std::string& name, OwnKey own = {}) {
  return {.name = name, .is_encrypted = true, .own = std::move(own)};
}

VaultKms vault_at(const std::string& address, const std::string& key);
KmipKms kmip_at(const std::string& address, const std::string& key);

// What every filesystem's key is. Failing to open one fails the test.
using Keys = std::map<std::string, std::string>;  // name: fingerprint of the key
Keys keys_of(Keyring& ring);

}  // namespace keyway::keyring
