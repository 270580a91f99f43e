// The keyring of a storage cluster: its KMS, its filesystems and their wrapped keys.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <core/clock.h>
#include <core/random.h>
#include <keyring/connector.h>
#include <keyring/model/kms.h>
#include <keyring/model/snapshot.h>
#include <keyring/store/store.h>

namespace keyway::keyring {

inline constexpr std::size_t filesystem_key_size = 32;  // bytes: AES-256, or two AES-128 keys of XTS

struct KeyringSettings {
  StoreSettings store;
  // Empty: beside the database, its name with ".state-key" and ".local-key" at its end.
  std::filesystem::path state_key, local_key;
  Connector* connector = nullptr;  // required; outlives the keyring
  Random* random = nullptr;        // null: system_random()
  const Clock* clock = nullptr;    // null: system_clock()
};

// Called from time to time with how many filesystems are done, of how many.
using OnProgress = std::function<void(std::int64_t done, std::int64_t total)>;

// One filesystem that something failed for.
struct Failure {
  std::string filesystem;
  Error error;
};

// What many filesystems came to. The work of those that succeeded stays done.
struct Tally {
  std::int64_t done = 0;     // moved, opened, ...
  std::int64_t already = 0;  // had nothing to be done
  std::int64_t failed = 0;
  std::vector<Failure> failures;  // the first 1,000

  void fail(std::string filesystem, const Error& error);
  void add(Tally&& other);
};

// The key that a filesystem is to have of its own (Vault only). What is not given stays as it is, or is the
// cluster's.
struct OwnKey {
  std::optional<std::string> key, name_space;
  std::optional<AppRoleAuth> role;
  bool is_given() const { return key || name_space || role; }
};

struct KmsView {
  RowId id = 0;
  bool is_current = false;
  std::chrono::sys_seconds set_at;
  KmsSettings settings;          // without stored secrets
  std::int64_t filesystems = 0;  // whose keys are under it
  std::int64_t left = 0;         // of those, how many `kms rewrap --all` would move to another key
};

struct Overview {
  std::vector<KmsView> kms;  // the current one first; empty: none was ever set
  std::int64_t filesystems = 0, encrypted = 0, own_keys = 0;
  std::int64_t left = 0;  // of all KMSs

  const KmsView* current() const { return kms.empty() || !kms.front().is_current ? nullptr : &kms.front(); }
};

// Whether a KMS works: a key was wrapped, unwrapped and compared.
struct KmsHealth {
  KmsView kms;
  std::optional<Error> error;
  std::string newest_version;  // of the configured key; empty where it has none
  std::chrono::milliseconds round_trip{0};
};

struct SetKms {
  KmsSettings kms;
  bool skips_check = false;
  bool converts_to_cluster_key = false;  // filesystems with keys of their own are to be under the new one
  bool replaces_state_key = false;       // the former state key is lost
  // The configuration is that of a retired KMS, given again: nothing else changes. Its key has to open what
  // is under it.
  bool is_retired = false;
};

struct SetKmsOutcome {
  bool is_same_key = false;  // the former configuration of the same key was replaced; nothing has to move
  std::int64_t left = 0;     // filesystems that `kms rewrap` has to move
  std::int64_t converted = 0;
  std::string key;  // identifier of the key, as the KMS has it
};

struct RewrapOptions {
  std::optional<std::string> new_key;  // KMIP: the identifier of the key to move to
  bool includes_own_keys = false;      // --all
  bool converts_to_cluster_key = false;
  bool only_counts = false;  // --dry-run: nothing is changed
};

struct RewrapOutcome {
  Tally tally;
  std::string key, version;  // what the cluster's filesystems are under now
  std::string former_key;    // KMIP: keep it for older snapshots; empty when it did not change
  std::int64_t left = 0;     // proved at the end: how many of those concerned are under another key
  // With keys of their own, that were not concerned; and how many of these are under another key than theirs.
  std::int64_t own_keys = 0, left_own = 0;
  std::int64_t forgotten = 0;  // retired KMSs that nothing is under any more: their older snapshots need them
};

struct NewFilesystem {
  std::string name;
  bool is_encrypted = false;
  bool allows_no_kms = false;  // then the local key wraps when there is no KMS
  OwnKey own;
};

struct UpdateFilesystem {
  std::optional<std::string> new_name;
  OwnKey own;
  bool uses_cluster_key = false;
};

struct FilesystemView {
  FilesystemRow row;
  Backend backend = Backend::local;  // of an encrypted one
  bool is_left = false;              // `kms rewrap` would move it to another key
  std::string role_id;               // of its own login
  // What its key is wrapped for, for `kmsctl unwrap --context` by hand.
  std::string context;
};

// Keyring is one process's view of it. Every change is one transaction; before a wrapped key is dropped, the
// new one has been unwrapped and compared. Not thread-safe; several processes may work on one database.
// Errors: those of the store and of the KMS, and invalid_input for what the rules forbid.
class Keyring {
 public:
  // open takes an existing database; create makes one when there is none.
  static Result<Keyring> open(const KeyringSettings& settings);
  static Result<Keyring> create(const KeyringSettings& settings);
  Keyring(Keyring&&) noexcept;
  ~Keyring();

  // --- the KMS ---
  Result<Overview> overview();
  Result<std::vector<KmsHealth>> health();
  // set_kms wraps, unwraps and compares with the new KMS before it stores anything. The former one stays,
  // unwrap-only, as long as filesystems are under it.
  Result<SetKmsOutcome> set_kms(SetKms change);
  // unset_kms refuses while filesystems are encrypted; with `allows_downgrade` their keys are moved to the
  // local key first. The KMS is only removed when all have been.
  Result<Tally> unset_kms(bool allows_downgrade, const OnProgress& progress = {});
  Result<RewrapOutcome> rewrap(const RewrapOptions& options, const OnProgress& progress = {});

  // --- filesystems ---
  Result<FilesystemView> create_filesystem(const NewFilesystem& wanted);
  // create_filesystems makes many at once, encrypted under the cluster's key.
  Result<Tally> create_filesystems(const std::vector<std::string>& names, const OnProgress& progress = {});
  Result<FilesystemView> filesystem(const std::string& name);
  // each calls `visit` for all, in the order of creation, reading a page at a time. Ends early with an error
  // of `visit`.
  Result<void> each(const std::function<Result<void>(const FilesystemView&)>& visit);
  Result<FilesystemView> update_filesystem(const std::string& name, const UpdateFilesystem& change);
  // renew_login gives the role and secret id by which the filesystem's own login reaches its key where that
  // is now, which may be a retired KMS. Its key does not move, and has to open.
  Result<FilesystemView> renew_login(const std::string& name, const AppRoleAuth& role);
  Result<FilesystemView> rewrap_filesystem(const std::string& name, bool* was_moved = nullptr);
  // remove_filesystem drops its wrapped key for good.
  Result<void> remove_filesystem(const std::string& name);

  // --- keys ---
  Result<Secret> unlock(const std::string& name);
  // unlock_all opens every encrypted filesystem's key, in batches, and gives each to `use` as it comes.
  Result<Tally> unlock_all(const std::function<Result<void>(const FilesystemRow&, const Secret&)>& use,
                           const OnProgress& progress = {});
  Result<Snapshot> snapshot(const std::string& name);
  // download makes a filesystem of a snapshot's key. `own` opens the snapshot where it is given, and is the
  // new filesystem's.
  Result<FilesystemView> download(const std::string& new_name, const Snapshot& snapshot, const OwnKey& own,
                                  bool allows_no_kms);

  // verify checks the database, and opens one filesystem of each key, or all.
  Result<Tally> verify(bool all, const OnProgress& progress = {});

  // --- events, copies ---
  Result<std::vector<Event>> events_after(RowId after, std::size_t limit);
  Result<std::vector<Event>> last_events(std::size_t limit);
  Result<void> backup(const std::filesystem::path& file);

  const std::filesystem::path& state_key_file() const;
  // Where the local key is, or would be.
  std::filesystem::path local_key_file() const;

  struct Impl;  // keyring_impl.h, for keyring/ only

 private:
  explicit Keyring(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace keyway::keyring
