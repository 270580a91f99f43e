// Rows as they stand in the database, each with a checksum of its other columns. Private to
// keyring/store.
#pragma once

#include <array>
#include <string>

#include <core/bytes.h>
#include <core/error.h>
#include <keyring/store/database.h>
#include <keyring/store/store.h>

namespace keyway::keyring {

// RowChecksum is the first 16 bytes of SHA-256 over the table's name and the columns, each with its
// length before it. It finds what disks and memory do to a row; it is no defence against an attacker.
using RowChecksum = std::array<std::byte, 16>;

// What there is once: the keyring's own row.
struct KeyringRow {
  std::string identity, state_key_id;
};

RowChecksum checksum_of(const KeyringRow& row);
RowChecksum checksum_of(const KmsRow& row);
RowChecksum checksum_of(const LoginRow& row);
// `key` is what of row.key has columns.
struct KeyColumns {
  Text id, version;
  Bytes binary;
};
RowChecksum checksum_of(const FilesystemRow& row, const KeyColumns& key);
RowChecksum checksum_of(const Event& row);

// "SELECT ... FROM table " with the columns that read_... expects.
extern const std::string select_keyring, select_kms, select_login, select_filesystem, select_event;

// Each reads the current row of a query that begins like its select. Error: corrupt, naming the row.
Result<KeyringRow> read_keyring(const Query& query, const Database& database);
Result<KmsRow> read_kms_row(const Query& query, const Database& database);
Result<LoginRow> read_login(const Query& query, const Database& database);
Result<FilesystemRow> read_filesystem(const Query& query, const Database& database);
Result<Event> read_event(const Query& query, const Database& database);

// As the last two, for lists that go on past a damaged row: never an error, see FilesystemRow::damage and
// damaged_event.
Result<FilesystemRow> read_any_filesystem(const Query& query, const Database& database);
Result<Event> read_any_event(const Query& query, const Database& database);

// read_all reads every row of `query` with one of the above; read_one at most one.
template <class Row>
using Reader = Result<Row> (*)(const Query&, const Database&);

template <class Row>
Result<std::vector<Row>> read_all(Query& query, const Database& database, Reader<Row> reader) {
  std::vector<Row> rows;
  while (query.next()) {
    auto row = reader(query, database);
    if (!row) return std::unexpected(std::move(row.error()));
    rows.push_back(std::move(*row));
  }
  if (auto ended = query.ended(); !ended) return std::unexpected(std::move(ended.error()));
  return rows;
}

template <class Row>
Result<std::optional<Row>> read_one(Query& query, const Database& database, Reader<Row> reader) {
  const bool is_there = query.next();
  if (auto ended = query.ended(); !ended) return std::unexpected(std::move(ended.error()));
  if (!is_there) return std::optional<Row>();
  auto row = reader(query, database);
  if (!row) return std::unexpected(std::move(row.error()));
  return std::optional<Row>(std::move(*row));
}

// damaged is the error for a row whose content is not what was written.
std::unexpected<Error> damaged(const Database& database, std::string_view row);

}  // namespace keyway::keyring
