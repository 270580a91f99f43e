// A keyring's file as a whole: made, opened with all that has to be checked first, read through.
// Private to keyring/store.
#pragma once

#include <keyring/store/database.h>
#include <keyring/store/store.h>

namespace keyway::keyring {

// open_keyring opens an existing file and brings its schema up to date. Nothing is written before it has
// proved to be a keyring of a schema that is known. The errors of Store::open.
Result<Database> open_keyring(const std::filesystem::path& path, const StoreSettings& settings);

// make_keyring makes a new, empty one, complete and on the disk; no one may know the path yet.
Result<void> make_keyring(const std::filesystem::path& path, const StoreSettings& settings);

// check_keyring is Store::check.
Result<Soundness> check_keyring(Database& database);

}  // namespace keyway::keyring
