// What a Store is made of. Private to keyring/store.
#pragma once

#include <limits>
#include <utility>

#include <keyring/store/database.h>
#include <keyring/store/files.h>
#include <keyring/store/store.h>

namespace keyway::keyring {

struct Store::Impl {
  FileLock lock;  // outlives the connection, see below
  Database database;
  StoreSettings settings;
  bool is_changing = false;

  // write runs `body` in the transaction of `change`, or in one of its own.
  Result<void> write(Text doing, const std::function<Result<void>()>& body);
  // next_id is what the next row of a table with AUTOINCREMENT gets: above all that ever were.
  Result<RowId> next_id(Text table);
  // filesystems_where reads rows; `where` follows the select.
  Result<std::vector<FilesystemRow>> filesystems_where(Text doing, Text where,
                                                       std::initializer_list<Database::Value> values);
};

// row_limit is a limit as SQLite wants it.
inline std::int64_t row_limit(std::size_t limit) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  return std::cmp_less(limit, most) ? static_cast<std::int64_t>(limit) : most;
}

}  // namespace keyway::keyring
