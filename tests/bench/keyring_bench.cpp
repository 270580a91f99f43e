// One step of many filesystems' keys, with its time and its memory. run_keyring_bench.py sets up the keyring.
//
// usage: keyring-bench DATABASE create N          N encrypted filesystems under the configured KMS
//        keyring-bench DATABASE unlock            opens every key
//        keyring-bench DATABASE rewrap [NEW-KEY]  brings all to the newest version, or to another key
//
// Prints: filesystems, seconds, filesystems a second, and the peak of resident memory in MB.
#include <chrono>
#include <cstdlib>
#include <fstream>

#include <fmt/format.h>

#include <keyring/keyring.h>

using namespace keyway;
using namespace keyway::keyring;

namespace {

[[noreturn]] void give_up(std::string_view words) {
  fmt::print(stderr, "keyring-bench: {}\n", words);
  std::exit(1);
}

template <class T>
T must(Result<T> result) {
  if (!result) give_up(describe(result.error()));
  return std::move(*result);
}

// A line of /proc/self/status, in kB: "VmHWM".
std::size_t status_of_memory(std::string_view name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name)) return std::strtoul(line.c_str() + name.size() + 1, nullptr, 10);
  return 0;
}

std::int64_t all_done(const Tally& tally) {
  if (tally.failed > 0)
    give_up(fmt::format("{} failed: {}: {}", tally.failed, tally.failures[0].filesystem,
                        describe(tally.failures[0].error)));
  return tally.done;
}

std::int64_t create(Keyring& ring, std::int64_t count) {
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < count; ++i) names.push_back(fmt::format("filesystem-{}", i));
  return all_done(must(ring.create_filesystems(names)));
}

std::int64_t unlock(Keyring& ring) {
  return all_done(must(ring.unlock_all([](const FilesystemRow&, const Secret& key) -> Result<void> {
    if (key.size() != filesystem_key_size) return fail(ErrorKind::corrupt, "a key of {} bytes", key.size());
    return {};
  })));
}

std::int64_t rewrap(Keyring& ring, const char* new_key) {
  RewrapOptions options{.includes_own_keys = true};
  if (new_key != nullptr) options.new_key = new_key;
  const RewrapOutcome outcome = must(ring.rewrap(options));
  if (outcome.left > 0) give_up(fmt::format("{} are left", outcome.left));
  return all_done(outcome.tally);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) give_up("usage: keyring-bench DATABASE create N | unlock | rewrap [NEW-KEY]");
  const std::string_view step = argv[2];
  NetworkConnector connector({.jobs = 8});
  KeyringSettings settings;
  settings.store.path = argv[1];
  settings.connector = &connector;
  Keyring ring = must(Keyring::open(settings));
  const auto begin = std::chrono::steady_clock::now();
  std::int64_t done = 0;
  if (step == "create" && argc == 4)
    done = create(ring, std::atoll(argv[3]));
  else if (step == "unlock")
    done = unlock(ring);
  else if (step == "rewrap")
    done = rewrap(ring, argc > 3 ? argv[3] : nullptr);
  else
    give_up("there is no such step");
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  fmt::print("{} {:.3f} {:.0f} {}\n", done, seconds, static_cast<double>(done) / seconds,
             status_of_memory("VmHWM") / 1024);
}
