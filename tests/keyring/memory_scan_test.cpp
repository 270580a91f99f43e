// After filesystems were made, opened, moved and downloaded, neither their keys nor the credentials that were
// sealed, nor the keys of the two key files, are anywhere in this process's memory.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "support.h"
#include <core/file.h>
#include <core/hex.h>
#include <tests/memory/memory_scan.h>

using namespace keyway;
using namespace keyway::keyring;
using keyway::test::check_nowhere, keyway::test::Masked, keyway::test::Scanner;

namespace {

// The key of a key file that Keyway made: the hexadecimal digits after its label.
Masked key_in(const std::string& name, const std::filesystem::path& file) {
  constexpr std::size_t digits = 64;
  const Secret content = must(read_file(file, 4096));
  const Text text = content.reveal_text();
  const auto key = from_hex(text.substr(text.size() - 1 - digits, digits));
  REQUIRE(key);
  return {name, *key};
}

}  // namespace

TEST_CASE("keys and credentials are gone when their work is done") {
  Scanner scanner;
  Folder folder;
  World world;  // for the local key only: it reaches the real one
  std::vector<Masked> keys, credentials;
  {
    Keyring ring = must(Keyring::create(settings_in(folder, world)));
    for (const char* name : {"one", "two", "three"})
      must(ring.create_filesystem({.name = name, .is_encrypted = true, .allows_no_kms = true}));
    for (const char* name : {"one", "two", "three"}) keys.emplace_back(name, must(ring.unlock(name)));
    CHECK_FALSE(scanner.places(key_in("local key", ring.local_key_file())).empty());  // it is at work
    check_nowhere("unlocked", scanner.places(keys));
    CHECK(keys_of(ring).size() == 3);
    check_nowhere("unlocked all", scanner.places(keys));
    must(ring.download("copy", must(ring.snapshot("one")), {}, true));
    check_nowhere("downloaded", scanner.places(keys));
    must(ring.update_filesystem("two", {.uses_cluster_key = true}));
    check_nowhere("wrapped anew", scanner.places(keys));

    SecretBuffer token, pem;
    token.append(to_hex_secret(system_random().bytes(20)).reveal());
    pem.append(to_hex_secret(system_random().bytes(200)).reveal());
    credentials.emplace_back("token", token.view());
    credentials.emplace_back("private key", pem.view());
    VaultKms vault = vault_at("https://a:8200", "cluster");
    vault.auth = TokenAuth{Credential::stored(Secret(std::move(token)))};
    must(ring.set_kms({.kms = vault, .skips_check = true}));
    KmipKms kmip = kmip_at("a:5696", "uid");
    kmip.client_key = Credential::stored(Secret(std::move(pem)));
    vault = {};
    check_nowhere("sealed", scanner.places(credentials[0]));
    must(ring.set_kms({.kms = kmip, .skips_check = true}));
    kmip = {};
    check_nowhere("sealed", scanner.places(credentials));
    credentials.push_back(key_in("state key", ring.state_key_file()));
    credentials.push_back(key_in("local key", ring.local_key_file()));
  }
  check_nowhere("at the end", scanner.places(keys));
  check_nowhere("at the end", scanner.places(credentials));
}

int main(int argc, char** argv) {
  if (keyway::test::is_sanitized) return 77;  // meson's word for skipped
  return doctest::Context(argc, argv).run();
}
