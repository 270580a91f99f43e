// What tests of kmsctl do with a thousand filesystems at once. Usage:
//   keyring-tool make DATABASE PREFIX COUNT     makes filesystems PREFIX0000 and so on, encrypted
//   keyring-tool fingerprints DATABASE          prints every key as "SHA-256 NAME"
#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <core/digest.h>
#include <core/hex.h>
#include <keyring/keyring.h>

namespace {

using namespace keyway;

int failed(const Error& error) {
  std::fprintf(stderr, "keyring-tool: %s\n", describe(error).c_str());
  return 1;
}

Result<keyring::Keyring> open(const char* database, keyring::NetworkConnector& connector) {
  keyring::KeyringSettings settings;
  settings.store.path = database;
  settings.connector = &connector;
  return keyring::Keyring::open(settings);
}

int make(const char* database, std::string_view prefix, unsigned count) {
  keyring::NetworkConnector connector;
  auto ring = open(database, connector);
  if (!ring) return failed(ring.error());
  std::vector<std::string> names;
  for (unsigned i = 0; i < count; ++i) names.push_back(fmt::format("{}{:04}", prefix, i));
  const auto tally = ring->create_filesystems(names);
  if (!tally) return failed(tally.error());
  return tally->failed == 0 ? 0 : failed(tally->failures.front().error);
}

int print_fingerprints(const char* database) {
  keyring::NetworkConnector connector;
  auto ring = open(database, connector);
  if (!ring) return failed(ring.error());
  const auto print = [](const keyring::FilesystemRow& row, const Secret& key) -> Result<void> {
    const auto fingerprint = digest(Hash::sha256, key.reveal());
    if (!fingerprint) return std::unexpected(fingerprint.error());
    std::printf("%s %s\n", to_hex(fingerprint->reveal()).c_str(), row.name.c_str());
    return {};
  };
  const auto tally = ring->unlock_all(print);
  if (!tally) return failed(tally.error());
  return tally->failed == 0 ? 0 : failed(tally->failures.front().error);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "fingerprints" && argc == 3) return print_fingerprints(argv[2]);
  const std::string_view given = command == "make" && argc == 5 ? argv[4] : "";
  unsigned count = 0;
  const auto read = std::from_chars(given.data(), given.data() + given.size(), count);
  if (!given.empty() && read.ec == std::errc() && read.ptr == given.data() + given.size())
    return make(argv[2], argv[3], count);
  std::fputs("usage: keyring-tool make DATABASE PREFIX COUNT, or fingerprints DATABASE\n", stderr);
  return 2;
}
