// Moves filesystems' keys to the keys that they are to be under: what every rewrap, update and downgrade
// does.
#pragma once

#include <string>
#include <vector>

#include <keyring/keyring.h>
#include <keyring/sessions.h>

namespace keyway::keyring {

// Goal is the KMS that keys are to be under, as it was when the work began.
struct Goal {
  RowId kms = 0;
  std::int64_t revision = 0;
  Backend backend = Backend::local;
  std::string key;             // the cluster's
  std::string newest_version;  // of it; empty: keys have no versions, or it does not matter
  bool makes_newer = false;    // keys that are at their place already are brought to the newest version

  bool takes_own_keys() const { return backend == Backend::vault; }
};

// place_of tells where the filesystem's key is to be.
Place place_of(const Goal& goal, const FilesystemRow& filesystem);
// lacks_login tells whether it wants a login of its own that is good for a former KMS only.
bool lacks_login(const Goal& goal, const FilesystemRow& filesystem);
// is_at tells whether it is there, whatever the version.
bool is_at(const FilesystemRow& filesystem, const Place& place);

// changed_meanwhile is the error of work that another process overtook.
std::unexpected<Error> changed_meanwhile(std::string_view what);

class Mover {
 public:
  Mover(Store& store, Sessions& sessions, const Goal& goal)
      : store_(store), sessions_(sessions), goal_(goal) {}

  // has_work tells whether the filesystem's key has to be looked at in the KMS at all.
  bool has_work(const FilesystemRow& filesystem) const;
  // wrapped gives each filesystem's key as the goal wants it, opened and compared; nothing is stored.
  Each<WrappedKey> wrapped(const std::vector<FilesystemRow>& filesystems);
  // store writes them in one transaction, and nothing else of the rows, which may have been renamed
  // meanwhile. A filesystem whose key another process changed, or that wants another key by now, fails alone.
  // Error: when nothing could be written.
  Result<void> store(const std::vector<FilesystemRow>& filesystems, const Each<WrappedKey>& keys,
                     Tally& tally);

 private:
  Result<bool> store_one(const FilesystemRow& worked_on, const WrappedKey& key);

  Store& store_;
  Sessions& sessions_;
  const Goal& goal_;
};

}  // namespace keyway::keyring
