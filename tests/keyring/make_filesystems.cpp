// Makes many filesystems at once, encrypted under the KMS that is configured, for tests that need a
// thousand. Usage: make-filesystems DATABASE FIRST-OF-NAME COUNT; they are called FIRST-OF-NAME0000 and so
// on.
#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <keyring/keyring.h>

namespace {

using namespace keyway;

int failed(const Error& error) {
  std::fprintf(stderr, "make-filesystems: %s\n", describe(error).c_str());
  return 1;
}

int make(const std::string& database, std::string_view prefix, unsigned count) {
  keyring::NetworkConnector connector;
  keyring::KeyringSettings settings;
  settings.store.path = database;
  settings.connector = &connector;
  auto ring = keyring::Keyring::open(settings);
  if (!ring) return failed(ring.error());
  std::vector<std::string> names;
  for (unsigned i = 0; i < count; ++i) names.push_back(fmt::format("{}{:04}", prefix, i));
  const auto tally = ring->create_filesystems(names);
  if (!tally) return failed(tally.error());
  return tally->failed == 0 ? 0 : failed(tally->failures.front().error);
}

}  // namespace

int main(int argc, char** argv) {
  unsigned count = 0;
  const std::string_view given = argc == 4 ? argv[3] : "";
  const auto read = std::from_chars(given.data(), given.data() + given.size(), count);
  if (given.empty() || read.ec != std::errc() || read.ptr != given.data() + given.size()) {
    std::fputs("usage: make-filesystems DATABASE FIRST-OF-NAME COUNT\n", stderr);
    return 2;
  }
  return make(argv[1], argv[2], count);
}
