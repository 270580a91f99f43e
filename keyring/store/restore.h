// Copies of a database, and what a restore that was interrupted left. Private to keyring/store.
#pragma once

#include <keyring/store/database.h>
#include <keyring/store/files.h>
#include <keyring/store/store.h>

namespace keyway::keyring {

// copy_keyring is Store::copy_to.
Result<void> copy_keyring(Database& from, const Path& to, const StoreSettings& settings);

// check_no_leftovers is for a path where there is no database. Error: corrupt, naming what is beside
// it, when a restore was interrupted: then an empty keyring must not hide that there was one.
Result<void> check_no_leftovers(const Path& path);

}  // namespace keyway::keyring
