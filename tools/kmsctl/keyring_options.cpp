#include <CLI/CLI.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <tools/cli/duration.h>
#include <tools/kmsctl/command.h>
#include <tools/kmsctl/keyring_options.h>
#include <tools/kmsctl/kms_options.h>

namespace keyway::kmsctl {

namespace {

constexpr unsigned most_jobs = 64;

// The folder that programs of this user keep their state in (XDG Base Directory Specification, "Environment
// variables": a path that is not absolute is to be ignored).
Result<std::filesystem::path> state_folder() {
  if (::geteuid() == 0) return "/var/lib";
  if (const auto folder = environment("XDG_STATE_HOME"); folder && folder->front() == '/') return *folder;
  if (const auto home = environment("HOME")) return std::filesystem::path(*home) / ".local" / "state";
  return fail_with_advice(ErrorKind::invalid_input, "give --db, or set KMSCTL_DB or HOME",
                          "nothing says where the keyring is");
}

Result<std::filesystem::path> absolute_path(const std::string& path, std::string_view option) {
  if (path.empty()) return fail(ErrorKind::invalid_input, "{} is empty", option);
  std::error_code failed;
  auto whole = std::filesystem::absolute(path, failed);
  if (failed) return fail(ErrorKind::internal, "{} {}: {}", option, printable(path, 4096), failed.message());
  return whole;
}

Result<void> take(const std::optional<std::string>& given, std::string_view option,
                  std::filesystem::path& path) {
  if (!given) return {};
  auto whole = absolute_path(*given, option);
  if (!whole) return std::unexpected(std::move(whole.error()));
  path = std::move(*whole);
  return {};
}

// The folders above the keyring's own, for the first program of this user that keeps state; 0700 as the
// specification wants. What cannot be made is an error of the Store, which says so better.
void make_folders_above(const std::filesystem::path& database) {
  const mode_t former = ::umask(0077);
  std::error_code ignored;
  std::filesystem::create_directories(database.parent_path().parent_path(), ignored);
  ::umask(former);
}

struct Settings {
  std::unique_ptr<keyring::Connector> connector;  // outlives the keyring
  keyring::KeyringSettings keyring;
};

Result<Settings> settings_of(const KeyringOptions& options) {
  Settings settings;
  auto store = store_settings(options);
  if (!store) return std::unexpected(std::move(store.error()));
  settings.keyring.store = std::move(*store);
  if (auto good = take(options.state_key, "--state-key", settings.keyring.state_key); !good)
    return std::unexpected(std::move(good.error()));
  if (auto good = take(options.local_key, "--local-key", settings.keyring.local_key); !good)
    return std::unexpected(std::move(good.error()));
  const auto timeout = cli::duration(options.timeout, "--timeout");
  if (!timeout) return std::unexpected(timeout.error());
  if (options.jobs < 1 || options.jobs > most_jobs)
    return fail(ErrorKind::invalid_input, "--jobs takes 1 to {}", most_jobs);
  settings.connector = std::make_unique<keyring::NetworkConnector>(
      keyring::ConnectorSettings{.timeout = *timeout, .jobs = options.jobs});
  settings.keyring.connector = settings.connector.get();
  return settings;
}

}  // namespace

void declare(CLI::App& app, KeyringOptions& options, Asks asks) {
  constexpr const char* group = "Keyring";
  add_value(app, "--db", options.db,
            "the keyring's database (or KMSCTL_DB); else /var/lib/keyway/keyring.db for root, and "
            "$XDG_STATE_HOME/keyway/keyring.db for others")
      ->group(group);
  add_value(app, "--state-key", options.state_key,
            "key file that credentials are sealed with; else beside the database")
      ->group(group);
  add_value(app, "--local-key", options.local_key,
            "key file that wraps when there is no KMS; else beside the database")
      ->group(group);
  app.add_option("--wait", options.wait, "seconds to wait for other writers")
      ->group(group)
      ->capture_default_str();
  if (asks == Asks::nobody) return;
  app.add_option("--timeout", options.timeout, "seconds for a request to the KMS")
      ->group(group)
      ->capture_default_str();
  app.add_option("--jobs", options.jobs, fmt::format("connections at once to one KMS, 1 to {}", most_jobs))
      ->group(group)
      ->capture_default_str();
}

Result<std::filesystem::path> database_file(const KeyringOptions& options) {
  if (options.db) return absolute_path(*options.db, "--db");
  if (const auto variable = environment("KMSCTL_DB")) return absolute_path(*variable, "KMSCTL_DB");
  auto folder = state_folder();
  if (!folder) return folder;
  return *folder / "keyway" / "keyring.db";
}

Result<keyring::StoreSettings> store_settings(const KeyringOptions& options) {
  auto path = database_file(options);
  if (!path) return std::unexpected(std::move(path.error()));
  keyring::StoreSettings settings{.path = std::move(*path)};
  const auto patience = cli::duration(options.wait, "--wait");
  if (!patience) return std::unexpected(patience.error());
  settings.patience = *patience;
  return settings;
}

Result<OpenKeyring> open_keyring(const KeyringOptions& options) {
  auto settings = settings_of(options);
  if (!settings) return std::unexpected(std::move(settings.error()));
  auto ring = keyring::Keyring::open(settings->keyring);
  if (!ring) return std::unexpected(std::move(ring.error()));
  return OpenKeyring{std::move(settings->connector), std::move(*ring)};
}

Result<OpenKeyring> open_or_make_keyring(const KeyringOptions& options, const cli::Console& console) {
  auto settings = settings_of(options);
  if (!settings) return std::unexpected(std::move(settings.error()));
  const std::filesystem::path& database = settings->keyring.store.path;
  if (!options.db && !environment("KMSCTL_DB")) make_folders_above(database);
  std::error_code unknown;
  const bool is_new = !std::filesystem::exists(database, unknown) && !unknown;
  auto ring = keyring::Keyring::create(settings->keyring);
  if (!ring) return std::unexpected(std::move(ring.error()));
  if (is_new) console.say(fmt::format("a new keyring was made: {}", printable(database.native(), 4096)));
  return OpenKeyring{std::move(settings->connector), std::move(*ring)};
}

}  // namespace keyway::kmsctl
