// The database: KMSs, logins, filesystems with their wrapped keys, events. One SQLite file.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <core/error.h>
#include <core/wrapped_key.h>

namespace keyway::keyring {

using RowId = std::int64_t;  // 0: none

struct KmsRow {
  RowId id = 0;
  bool is_current = false;    // wraps; the others are retired: they only unwrap
  std::int64_t revision = 1;  // one more with each change of the row
  std::string settings;       // JSON, see <keyring/model/kms.h>
  OwnedBytes sealed;          // what of it is secret
  std::chrono::sys_seconds set_at;
};

// A login of filesystems at one KMS: those with the same namespace and role share it. Its secret id is
// for that KMS alone and must not be shown to another.
struct LoginRow {
  RowId id = 0;
  RowId kms = 0;
  std::string name_space, role_id;
  std::string source;  // Credential::written() of the secret id
  OwnedBytes sealed;   // the secret id where that is stored; sealed empty otherwise
};

struct FilesystemRow {
  RowId number = 0;  // ascending in the order of creation
  std::string id;    // 32 characters: hexadecimal digits, random; its key is bound to it
  std::string name;
  std::chrono::sys_seconds created;
  // Which key it is to be under: its own of a Vault, or (empty) the cluster's.
  std::string own_key, own_namespace;
  // As whom that key is reached; 0: with the cluster's credentials. Where it is set it is `login`: what a
  // filesystem wants is proved by the key it has.
  RowId own_login = 0;
  // Which key it is under, and as whom that was reached, a login of that KMS. Filesystems that are not
  // encrypted have none.
  RowId kms = 0, login = 0;
  std::optional<WrappedKey> key;
  // Set where what is stored is not what was written: corrupt, naming the filesystem. Then number, id,
  // name and KMS are what can still be read, made printable: the name may be wrong, even another's. All
  // else is empty.
  std::optional<Error> damage;

  bool is_encrypted() const { return key.has_value(); }
  bool is_damaged() const { return damage.has_value(); }
};

struct Event {
  RowId number = 0;
  std::chrono::sys_seconds at;
  std::string kind;        // "kms-set", "fs-create": stable; damaged_event: nothing else of it is known
  std::string filesystem;  // its name; may be empty
  std::string detail;      // for people
};
inline constexpr std::int64_t kept_events = 100'000;
inline constexpr const char* damaged_event = "damaged";

// What check() found in a database whose keys are sound.
struct Soundness {
  std::int64_t damaged_events = 0;  // no more than an entry of the log is lost with each
};

// How many filesystems are under one key.
struct KeyCount {
  RowId kms = 0, login = 0;
  std::string key_id, key_version, own_key, own_namespace;
  RowId own_login = 0;
  std::int64_t filesystems = 0;
};

struct StoreSettings {
  std::filesystem::path path;
  std::chrono::milliseconds patience{10'000};  // how long to wait for other writers
  const char* vfs = nullptr;                   // SQLite's own; tests put faults into theirs
};

// Store is one connection. Not thread-safe; several processes may have one each. Errors: not_found (no
// database), invalid_input (no right to it, not a keyring, others may read it, read-only, a newer
// schema; a row that breaks a rule of the tables), corrupt (also: a row whose checksum does not fit,
// which is named; lists go on past those of filesystems and events), unreachable (another process writes, or
// restores, for longer than `patience`), internal (disk full, I/O).
//
// Beside the database stand SQLite's -wal and -shm, and "<path>.lock", which all who have it open
// share. An error of a change means that nothing of it was stored; only when the disk fails in the
// commit's last step, and the process ends right then, may it be found stored after all.
class Store {
 public:
  // open takes an existing database and brings an older schema up to date. create makes one, mode 0600,
  // and the folder it is in (0700) when only that is missing; it opens one that exists. Both refuse
  // (corrupt) when nothing is there but what an interrupted restore left, and say what to do.
  static Result<Store> open(const StoreSettings& settings);
  static Result<Store> create(const StoreSettings& settings);
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  // The keyring's own random identity, and the state key's id ("" as long as there is none).
  Result<std::string> identity();
  Result<std::string> state_key_id();
  Result<void> set_state_key_id(const std::string& id);

  // change runs `body` as one transaction, written to the disk before it returns, or not at all: when
  // `body` gives an error that is what change gives. Not to be nested. Whatever writes outside of one is a
  // change by itself.
  Result<void> change(const std::function<Result<void>()>& body);

  // --- KMSs ---
  Result<std::vector<KmsRow>> all_kms();  // the current one, then the retired ones, highest id first
  // add_kms adds a row whose id is set, see next_kms_id. At most one is current: retire the other first.
  Result<RowId> add_kms(const KmsRow& row);
  // What is sealed is bound to the row's id, so the id has to be known before: only inside a change.
  Result<RowId> next_kms_id();
  // replace_kms writes all of `row` but the id, with revision + 1. Error: not_found when the row is gone
  // or its revision is another by now (`row.revision` is the one that was read).
  Result<void> replace_kms(const KmsRow& row);
  // drop_unused removes the logins that no filesystem uses, then the retired KMSs that have neither
  // filesystems nor logins any more, and gives how many KMSs.
  Result<std::int64_t> drop_unused();
  // remove_kms removes the row, with those of its logins that no filesystem uses. Errors: invalid_input
  // when filesystems are under it or one of its logins is in use; not_found.
  Result<void> remove_kms(RowId id);
  // The revision of a KMS; none when it is gone.
  Result<std::optional<std::int64_t>> revision_of(RowId kms);

  // --- logins ---
  Result<std::optional<LoginRow>> login(RowId id);
  Result<std::optional<LoginRow>> login(RowId kms, const std::string& name_space, const std::string& role_id);
  Result<RowId> next_login_id();
  // put_login adds a row whose id is set, or replaces source and sealed of that one. Error:
  // invalid_input when there is no such KMS, or its namespace and role have a row of another id.
  Result<void> put_login(const LoginRow& row);

  // --- filesystems ---
  // add gives `number` out. Error: invalid_input when the name is taken, or `login` is of another KMS.
  Result<void> add(FilesystemRow row);
  Result<std::optional<FilesystemRow>> filesystem(const std::string& name);
  // find_damaged gives the damaged filesystem whose name, as it reads now, or whose id is `name`, so that
  // it can be removed; none when there is no damaged one of that name. It reads all of the table.
  Result<std::optional<FilesystemRow>> find_damaged(const std::string& name);
  // Up to `limit` filesystems numbered above `after`, in order; all of them, or those that have a key.
  // Damaged ones are among them in these lists, see FilesystemRow::damage.
  Result<std::vector<FilesystemRow>> filesystems_after(RowId after, std::size_t limit,
                                                       bool encrypted_only = false);
  // encrypted_numbers is the work for all that have a key: those that are reached alike stand together, and
  // the list stays as it is while rows change. filesystems_numbered reads a part of it, without those that
  // are gone.
  Result<std::vector<RowId>> encrypted_numbers();
  Result<std::vector<FilesystemRow>> filesystems_numbered(std::span<const RowId> numbers);
  // The first filesystem of each distinct key (as key_counts has them), to try one of each. Where that is
  // damaged: also those after it, up to the first that is sound.
  Result<std::vector<FilesystemRow>> one_of_each_key();
  // replace writes all of `row` but id and creation. Errors: not_found when there is none with that number,
  // or it is not `former`, as it was read, any more because another process changed it; invalid_input when
  // the name is taken, or `login` is of another KMS.
  Result<void> replace(const FilesystemRow& row, const FilesystemRow& former);
  Result<void> remove(const FilesystemRow& row);  // by number and id; a damaged one by number alone
  // convert_all_to_cluster_key lets every filesystem want the cluster's key, and gives how many wanted
  // another. Damaged ones stay as they are.
  Result<std::int64_t> convert_all_to_cluster_key();
  Result<std::int64_t> count(bool encrypted_only = false);
  Result<std::vector<KeyCount>> key_counts();

  // --- events ---
  // add_event gives `number` out, and drops the oldest above kept_events.
  Result<void> add_event(const Event& event);
  Result<std::vector<Event>> events_after(RowId after, std::size_t limit);
  Result<std::vector<Event>> last_events(std::size_t limit);  // oldest first

  // --- the file ---
  // check reads all of the database: structure, references, the checksum of every row. Error: corrupt,
  // naming the first things found; not for damaged events, which are counted.
  Result<Soundness> check();
  // copy_to writes a consistent copy to a file that must not exist, mode 0600, checked, on the disk
  // when it returns. Damaged events are copied as they are. Not inside a change.
  Result<void> copy_to(const std::filesystem::path& file);

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// restore_database puts a copy that copy_to made in the place of a database: checked first, then put
// there in one step. What stood there is kept beside it, "<path>.before-restore-<UTC>", named in the
// answer (empty: there was nothing). No Store may have the database open: unreachable when one does not
// end within `patience`. An error leaves what stood there.
Result<std::filesystem::path> restore_database(const std::filesystem::path& copy, const StoreSettings& to);

}  // namespace keyway::keyring
