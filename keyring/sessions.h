// The KMSs of a keyring as open connections: one for each KMS and login, shared by all filesystems.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <keyring/connector.h>
#include <keyring/model/seal.h>
#include <keyring/store/store.h>

namespace keyway::keyring {

// The context that a filesystem's key is wrapped for: "keyway-filesystem:" and its id.
OwnedBytes context_of(const FilesystemRow& filesystem);
std::string context_text(const std::string& filesystem_id);

// not_tried is what work fails with that was left out because of an outage.
Error not_tried(Error outage);

// Which key of which KMS, reached as whom.
struct Place {
  RowId kms = 0, login = 0;
  std::string key;  // empty: whichever a blob names

  auto operator<=>(const Place&) const = default;
};

// Sessions reads KMSs and logins from the store, unseals their credentials, and keeps what it connected. Not
// thread-safe, but it has several calls under way at once. `store` and `connector` outlive it.
class Sessions {
 public:
  Sessions(Store& store, Connector& connector, std::filesystem::path state_key_file,
           std::filesystem::path local_key_file);

  // forget drops connections, and what was read of the KMSs and the state key: after the store changed, or
  // a change of it failed.
  void forget();
  // connect_new connects to a KMS that is not in the store (yet), or as a login that is not.
  Result<std::unique_ptr<Connection>> connect_new(const KmsSettings& kms, const OwnLogin* own);

  // The KMS's row, and its settings with their secrets. Errors: not_found (the row is gone), corrupt, and
  // those of the state key's file.
  Result<KmsRow> row(RowId kms);
  Result<KmsSettings> settings(RowId kms);
  Result<Connection*> connection(RowId kms, RowId login);
  Result<OwnLogin> own_login(RowId login);

  // Seals for the store. The row's id is set already; `settings` of the row are written by it.
  Result<void> seal(KmsRow& row, const KmsSettings& kms);
  Result<void> seal(LoginRow& row, const Credential& secret_id);

  // The calls for many: one answer for each, in order. What works on different connections runs at once.
  // open gives the keys of `filesystems`, which are encrypted.
  Each<Secret> open(std::span<const FilesystemRow> filesystems);
  struct Wrapping {
    Place place;
    const Secret* key;
    OwnedBytes context;
  };
  Each<WrappedKey> wrap(std::span<const Wrapping> jobs);
  struct Rewrapping {
    Place place;
    const FilesystemRow* filesystem;
  };
  // rewrap moves keys to the newest version of `place.key`, inside the KMS where that is possible.
  Each<WrappedKey> rewrap(std::span<const Rewrapping> jobs);

  // make_room lets go of the connections that were not used for longest. Only between calls.
  void make_room();

  // has_state_key tells whether a state key was ever made; make_state_key makes one, and `anew` replaces one
  // that was lost: what the former sealed can no longer be read, until the former file is named again.
  Result<bool> has_state_key();
  Result<void> make_state_key(bool anew);

 private:
  // Jobs of one place travel together; their numbers.
  using Groups = std::map<Place, std::vector<std::size_t>>;
  template <class T, class Ask>
  Each<T> ask_each(std::size_t n, const Groups& groups, Ask ask);
  Result<const StateKey*> state_key();
  // What is sealed says under which state key: the key's id stands before it.
  Result<OwnedBytes> sealed(Bytes secret, const std::string& about);
  Result<Secret> unsealed(Bytes sealed, const std::string& about, std::string_view what, const char* advice);
  Result<KmsSettings> local_settings(const KmsRow& row, LocalKms local);
  std::string about(std::string_view kind, RowId id, std::string_view what) const;
  std::string about_login(const LoginRow& row) const;
  Result<std::string> identity();
  struct Entry {
    std::unique_ptr<Connection> connection;
    std::uint64_t used = 0;
  };

  Store& store_;
  Connector& connector_;
  std::filesystem::path state_key_file_, local_key_file_;
  std::optional<StateKey> state_key_;
  std::optional<std::string> identity_;
  std::optional<std::vector<KmsRow>> rows_;
  std::map<std::pair<RowId, RowId>, Entry> connections_;
  std::uint64_t clock_ = 0;  // counts uses, so that the least recently used connection goes first
};

}  // namespace keyway::keyring
