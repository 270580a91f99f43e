// The tables, and how those of an earlier version become today's. Private to keyring/store.
#pragma once

#include <cstdint>
#include <span>

#include <keyring/store/database.h>

namespace keyway::keyring {

inline constexpr std::int64_t application_id = 0x4b657977;  // "Keyw", in the file's header

// Step n takes version n to n + 1; 0 is an empty database. Tests bring their own.
using Migrations = std::span<const char* const>;
Migrations migrations();

// The version that this program writes.
std::int64_t known_schema();

// migrate brings the schema up to the last of `steps`, each step in one transaction. Error:
// invalid_input for a later version, and nothing was changed.
Result<void> migrate(Database& database, Migrations steps = migrations());

// check_schema compares the definitions of all tables and indexes with those of known_schema(). Error:
// corrupt.
Result<void> check_schema(Database& database);

}  // namespace keyway::keyring
