// The rows of filesystems and their keys.
#include <algorithm>

#include <keyring/store/impl.h>
#include <keyring/store/rows.h>

namespace keyway::keyring {

namespace {

constexpr Text key_columns = "kms, login, own_key, own_namespace, own_login, key_id, key_version";
constexpr std::size_t rows_at_once = 500;

// A number of 0 is none, which the tables keep as NULL: a reference to nothing.
Database::Value reference(RowId id) {
  if (id == 0) return std::monostate();
  return id;
}

// Stored is a row with its key as the columns have it.
struct Stored {
  OwnedBytes key;
  RowChecksum checksum{};

  explicit Stored(const FilesystemRow& row) {
    if (row.key) key = to_binary(*row.key);
    const KeyColumns columns{row.key ? Text(row.key->key_id) : Text(),
                             row.key ? Text(row.key->key_version) : Text(), key};
    checksum = checksum_of(row, columns);
  }
};

Database::Value text_or_null(const FilesystemRow& row, const std::string WrappedKey::* field) {
  if (!row.key) return std::monostate();
  return Text((*row.key).*field);
}

Result<void> check_name_is_free(Database& database, const FilesystemRow& row) {
  const auto number =
      database.number("look for a name", "SELECT number FROM filesystem WHERE name = ?1", {row.name});
  if (!number) return std::unexpected(number.error());
  if (*number == 0 || *number == row.number) return {};
  return fail_with_advice(ErrorKind::invalid_input, "choose another name",
                          "there is a filesystem named {} already", printable(row.name, 64));
}

std::unexpected<Error> changed_meanwhile(const Database& database, const FilesystemRow& row) {
  return fail_with_advice(ErrorKind::not_found, "run the command again",
                          "filesystem {} of {} is gone, or another process changed it meanwhile",
                          printable(row.name, 64), shown(database.path()));
}

// add_sound_one adds what follows the filesystem of that number under the same key, up to the first that
// is sound.
Result<void> add_sound_one(Database& database, RowId number, std::vector<FilesystemRow>& rows) {
  Query query(database, "read another filesystem of a key",
              fmt::format("{0} WHERE number > ?1 AND ({1}) IS (SELECT {1} FROM filesystem WHERE number = ?1) "
                          "ORDER BY number",
                          select_filesystem, key_columns),
              {number});
  while (query.next()) {
    auto row = read_any_filesystem(query, database);
    if (!row) return std::unexpected(std::move(row.error()));
    rows.push_back(std::move(*row));
    if (!rows.back().is_damaged()) return {};
  }
  return query.ended();
}

// Only what can be read back may be written.
Result<void> check_key(const FilesystemRow& row) {
  return row.key ? check_wrapped_key(*row.key) : Result<void>();
}

Result<void> insert(Database& database, const FilesystemRow& row) {
  const Stored stored(row);
  const std::string doing = fmt::format("add filesystem {}", printable(row.name, 64));
  return database.run(
      doing, "INSERT INTO filesystem VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
      {row.number, row.id, row.name, row.created.time_since_epoch().count(), row.own_key, row.own_namespace,
       reference(row.own_login), reference(row.kms), reference(row.login),
       text_or_null(row, &WrappedKey::key_id), text_or_null(row, &WrappedKey::key_version),
       row.key ? Database::Value(Bytes(stored.key)) : std::monostate(), Bytes(stored.checksum)});
}

Result<void> update(Database& database, const FilesystemRow& row) {
  const Stored stored(row);
  const std::string doing = fmt::format("change filesystem {}", printable(row.name, 64));
  return database.run(
      doing,
      "UPDATE filesystem SET name = ?2, own_key = ?3, own_namespace = ?4, own_login = ?5, kms = ?6, login = "
      "?7, "
      "key_id = ?8, key_version = ?9, key = ?10, checksum = ?11 WHERE number = ?1",
      {row.number, row.name, row.own_key, row.own_namespace, reference(row.own_login), reference(row.kms),
       reference(row.login), text_or_null(row, &WrappedKey::key_id),
       text_or_null(row, &WrappedKey::key_version),
       row.key ? Database::Value(Bytes(stored.key)) : std::monostate(), Bytes(stored.checksum)});
}

}  // namespace

Result<std::vector<FilesystemRow>> Store::Impl::filesystems_where(
    Text doing, Text where, std::initializer_list<Database::Value> values) {
  Query query(database, doing, select_filesystem + std::string(where), values);
  return read_all<FilesystemRow>(query, database, read_any_filesystem);
}

Result<void> Store::add(FilesystemRow row) {
  if (auto good = check_key(row); !good) return good;
  return impl_->write("add a filesystem", [&]() -> Result<void> {
    const auto number = impl_->next_id("filesystem");
    if (!number) return std::unexpected(number.error());
    row.number = *number;
    if (auto is_free = check_name_is_free(impl_->database, row); !is_free) return is_free;
    return insert(impl_->database, row);
  });
}

Result<std::optional<FilesystemRow>> Store::filesystem(const std::string& name) {
  Query query(impl_->database, "read a filesystem", select_filesystem + "WHERE name = ?1", {name});
  auto row = read_one<FilesystemRow>(query, impl_->database, read_filesystem);
  // The index led here, and nothing but the row itself says that it led right.
  if (row && *row && (*row)->name != name) return damaged(impl_->database, "the index of filesystem names");
  return row;
}

Result<std::optional<FilesystemRow>> Store::find_damaged(const std::string& name) {
  // Not by an index: that may still have what the row lost.
  Query query(impl_->database, "look for a damaged filesystem", select_filesystem);
  while (query.next()) {
    auto row = read_any_filesystem(query, impl_->database);
    if (row && row->is_damaged() && (row->name == name || row->id == name)) return std::move(*row);
  }
  if (auto ended = query.ended(); !ended) return std::unexpected(std::move(ended.error()));
  return std::nullopt;
}

Result<std::vector<FilesystemRow>> Store::filesystems_after(RowId after, std::size_t limit,
                                                            bool encrypted_only) {
  const Text where = encrypted_only ? "WHERE number > ?1 AND +kms IS NOT NULL ORDER BY number LIMIT ?2"
                                    : "WHERE number > ?1 ORDER BY number LIMIT ?2";
  return impl_->filesystems_where("list filesystems", where, {after, row_limit(limit)});
}

Result<std::vector<RowId>> Store::encrypted_numbers() {
  Query query(impl_->database, "list the keys",
              "SELECT number FROM filesystem WHERE kms IS NOT NULL ORDER BY kms, login, number", {});
  std::vector<RowId> numbers;
  while (query.next()) numbers.push_back(query.integer(0));
  if (auto ended = query.ended(); !ended) return std::unexpected(std::move(ended.error()));
  return numbers;
}

Result<std::vector<FilesystemRow>> Store::filesystems_numbered(std::span<const RowId> numbers) {
  std::vector<FilesystemRow> rows;
  rows.reserve(numbers.size());
  for (const RowId number : numbers) {
    auto found = impl_->filesystems_where("read a filesystem", "WHERE number = ?1", {number});
    if (!found) return found;
    for (FilesystemRow& row : *found) rows.push_back(std::move(row));
  }
  return rows;
}

Result<std::vector<FilesystemRow>> Store::one_of_each_key() {
  const std::string where = fmt::format(
      "WHERE number IN (SELECT min(number) FROM filesystem WHERE kms IS NOT NULL GROUP BY {}) ORDER BY "
      "number",
      key_columns);
  auto rows = impl_->filesystems_where("read one filesystem of each key", where, {});
  if (!rows) return rows;
  for (std::size_t i = 0, first_ones = rows->size(); i < first_ones; ++i) {
    if (!(*rows)[i].is_damaged()) continue;
    if (auto added = add_sound_one(impl_->database, (*rows)[i].number, *rows); !added)
      return std::unexpected(std::move(added.error()));
  }
  std::ranges::sort(*rows, {}, &FilesystemRow::number);
  return rows;
}

Result<void> Store::replace(const FilesystemRow& row, const FilesystemRow& former) {
  if (auto good = check_key(row); !good) return good;
  Database& database = impl_->database;
  return impl_->write("change a filesystem", [&]() -> Result<void> {
    const auto found = impl_->filesystems_where("change a filesystem", "WHERE number = ?1", {row.number});
    if (!found) return std::unexpected(found.error());
    if (!found->empty() && found->front().damage) return std::unexpected(*found->front().damage);
    const bool is_there = !found->empty() && found->front().id == row.id;
    if (!is_there || Stored(found->front()).checksum != Stored(former).checksum)
      return changed_meanwhile(database, row);
    if (auto is_free = check_name_is_free(database, row); !is_free) return is_free;
    FilesystemRow next = row;
    next.created = found->front().created;
    return update(database, next);
  });
}

Result<void> Store::remove(const FilesystemRow& row) {
  Database& database = impl_->database;
  return impl_->write("remove a filesystem", [&]() -> Result<void> {
    auto done =
        database.run("remove a filesystem", "DELETE FROM filesystem WHERE number = ?1 AND (?2 OR id = ?3)",
                     {row.number, std::int64_t{row.is_damaged()}, row.id});
    if (done && database.changed() == 0) return changed_meanwhile(database, row);
    return done;
  });
}

Result<std::int64_t> Store::convert_all_to_cluster_key() {
  std::int64_t converted = 0;
  const auto done = impl_->write("convert filesystems", [&]() -> Result<void> {
    for (RowId after = 0;;) {
      auto rows = impl_->filesystems_where("convert filesystems",
                                           "WHERE number > ?1 AND own_key <> '' ORDER BY number LIMIT ?2",
                                           {after, row_limit(rows_at_once)});
      if (!rows) return std::unexpected(std::move(rows.error()));
      if (rows->empty()) return {};
      for (FilesystemRow& row : *rows) {
        if (row.is_damaged()) continue;  // written anew it would pass for sound
        row.own_key.clear();
        row.own_namespace.clear();
        row.own_login = 0;
        if (auto updated = update(impl_->database, row); !updated) return updated;
        ++converted;
      }
      after = rows->back().number;
    }
  });
  if (!done) return std::unexpected(done.error());
  return converted;
}

Result<std::int64_t> Store::count(bool encrypted_only) {
  return impl_->database.number("count filesystems",
                                encrypted_only ? "SELECT count(*) FROM filesystem WHERE kms IS NOT NULL"
                                               : "SELECT count(*) FROM filesystem");
}

Result<std::vector<KeyCount>> Store::key_counts() {
  std::vector<KeyCount> counts;
  Query query(
      impl_->database, "count keys",
      fmt::format("SELECT {0}, count(*) FROM filesystem WHERE kms IS NOT NULL GROUP BY {0} ORDER BY {0}",
                  key_columns));
  while (query.next()) {
    KeyCount count{.kms = query.integer(0), .login = query.integer(1)};
    count.own_key = query.text(2);
    count.own_namespace = query.text(3);
    count.own_login = query.integer(4);
    count.key_id = query.text(5);
    count.key_version = query.text(6);
    count.filesystems = query.integer(7);
    counts.push_back(std::move(count));
  }
  if (auto ended = query.ended(); !ended) return std::unexpected(std::move(ended.error()));
  return counts;
}

}  // namespace keyway::keyring
