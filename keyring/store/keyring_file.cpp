#include <algorithm>
#include <array>
#include <system_error>

#include <sqlite3.h>

#include <core/hex.h>
#include <core/random.h>
#include <keyring/store/files.h>
#include <keyring/store/keyring_file.h>
#include <keyring/store/rows.h>
#include <keyring/store/schema.h>

namespace keyway::keyring {

namespace {

constexpr std::string_view magic{"SQLite format 3\0", 16};

// check_last_page finds a file that was cut within a page; SQLite itself counts the pages. With a -wal
// the file may be behind.
Result<void> check_last_page(sqlite3_file& file, Bytes header, const Database& database) {
  std::error_code error;
  if (std::filesystem::file_size(beside(database.path(), "-wal"), error) > 0 && !error) return {};
  sqlite3_int64 size = 0;
  if (const int code = file.pMethods->xFileSize(&file, &size); code != SQLITE_OK) {
    return database.failed("open", code);
  }
  const auto field = from_big_endian(header.subspan(14, 4)) & 0xffffU;  // two bytes; 1 stands for 65536
  const std::int64_t page = field == 1 ? 65'536 : field;
  if (page > 0 && size % page == 0) return {};
  return fail_with_advice(ErrorKind::corrupt, std::string(restore_advice),
                          "{} is damaged: it was cut short, at byte {}", shown(database.path()), size);
}

// check_header reads through SQLite's own descriptor, see files.h. The header of the file itself is
// right from the start, because a new keyring gets its name when it is complete.
Result<void> check_header(const Database& database) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(database.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file == nullptr || file->pMethods == nullptr) {
    return fail(ErrorKind::internal, "open {}: no file", shown(database.path()));
  }
  std::array<std::byte, 100> header{};
  const int code = file->pMethods->xRead(file, header.data(), static_cast<int>(header.size()), 0);
  if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) return database.failed("open", code);
  if (!text_of(header).starts_with(magic)) {
    return fail_with_advice(ErrorKind::invalid_input, "name a keyring, or restore a backup",
                            "{} is not a keyring: it is not an SQLite database", shown(database.path()));
  }
  if (from_big_endian(Bytes(header).subspan(68, 4)) != application_id) {
    return fail_with_advice(ErrorKind::invalid_input, "name a keyring, or restore a backup",
                            "{} is not a keyring: it is another program's database", shown(database.path()));
  }
  return check_last_page(*file, header, database);
}

// check_begun makes SQLite read: a file that was cut short shows here, and so does a -wal that is
// read-only.
Result<void> check_begun(Database& database) {
  const auto version = database.number("open", "PRAGMA user_version");
  if (!version) return std::unexpected(version.error());
  if (*version == 0) return damaged(database, "the schema's version");
  if (*version > known_schema()) return migrate(database);  // which says so
  // The first look at a table finds what is wrong with the schema.
  const auto tables = database.number("open", "SELECT count(*) FROM sqlite_schema");
  if (!tables) return std::unexpected(tables.error());
  return {};
}

Result<void> use_write_ahead_log(Database& database) {
  Query query(database, "open", "PRAGMA journal_mode = WAL");
  const bool is_on = query.next() && query.text(0) == "wal";
  if (auto ended = query.ended(); !ended) return ended;
  if (is_on) return {};
  return fail(ErrorKind::internal, "open {}: its filesystem cannot share memory between processes",
              shown(database.path()));
}

Result<void> check_identity(Database& database) {
  Query query(database, "open", select_keyring);
  const auto row = read_one<KeyringRow>(query, database, read_keyring);
  if (!row) return std::unexpected(row.error());
  if (!*row) return damaged(database, "the keyring's identity");
  return {};
}

Result<void> add_identity(Database& database) {
  const KeyringRow row{to_hex(system_random().bytes(16)), ""};
  return database.run("create the keyring", "INSERT INTO keyring VALUES (1, ?1, ?2, ?3)",
                      {row.identity, row.state_key_id, Bytes(checksum_of(row))});
}

}  // namespace

Result<Database> open_keyring(const std::filesystem::path& path, const StoreSettings& settings) {
  if (auto good = check_database_file(path); !good) return std::unexpected(std::move(good.error()));
  auto database = Database::open(path, settings.vfs, settings.patience);
  if (!database) return database;
  if (auto good = check_header(*database); !good) return std::unexpected(std::move(good.error()));
  if (database->is_read_only()) return database->failed("open", SQLITE_READONLY);
  if (auto set = database->configure(); !set) return std::unexpected(std::move(set.error()));
  if (auto good = check_begun(*database); !good) return std::unexpected(std::move(good.error()));

  if (auto on = use_write_ahead_log(*database); !on) return std::unexpected(std::move(on.error()));
  if (auto done = migrate(*database); !done) return std::unexpected(std::move(done.error()));
  if (auto good = check_identity(*database); !good) return std::unexpected(std::move(good.error()));
  if (auto set = database->close_quietly(false); !set) return std::unexpected(std::move(set.error()));
  return database;
}

Result<void> make_keyring(const std::filesystem::path& path, const StoreSettings& settings) {
  if (auto made = make_file(path); !made) return std::unexpected(std::move(made.error()));
  {
    auto database = Database::open(path, settings.vfs, settings.patience);
    if (!database) return std::unexpected(std::move(database.error()));
    if (auto set = database->configure(); !set) return set;
    if (auto done = migrate(*database); !done) return done;
    if (auto done = add_identity(*database); !done) return done;
    if (auto on = use_write_ahead_log(*database); !on) return on;
    if (auto set = database->close_quietly(false); !set) return set;
  }
  return sync_file(path);
}

namespace {

// check_structure asks SQLite about pages, indexes, constraints and references.
Result<void> check_structure(Database& database) {
  std::string found;
  Query integrity(database, "check", "PRAGMA integrity_check(5)");
  while (integrity.next()) {
    if (integrity.text(0) != "ok") found += fmt::format("{}{}", found.empty() ? "" : "; ", integrity.text(0));
  }
  if (auto ended = integrity.ended(); !ended) return ended;
  Query references(database, "check", "PRAGMA foreign_key_check");
  for (int named = 0; references.next() && named < 5; ++named) {
    found += fmt::format("{}{} {} refers to a {} that is not there", found.empty() ? "" : "; ",
                         references.text(0), references.integer(1), references.text(2));
  }
  if (auto ended = references.ended(); !ended) return ended;
  if (found.empty()) return {};
  return fail_with_advice(ErrorKind::corrupt, std::string(restore_advice), "{} is damaged: {}",
                          shown(database.path()), printable(found));
}

template <class Row>
Result<void> check_rows(Database& database, const std::string& select, Reader<Row> reader) {
  Query query(database, "check", select);
  while (query.next()) {
    if (auto row = reader(query, database); !row) return std::unexpected(std::move(row.error()));
  }
  return query.ended();
}

// check_keys is all of check_keyring but what is in the events.
Result<void> check_keys(Database& database) {
  if (auto good = check_schema(database); !good) return good;
  if (auto good = check_structure(database); !good) return good;
  if (auto good = check_identity(database); !good) return good;
  if (auto good = check_rows<KmsRow>(database, select_kms, read_kms_row); !good) return good;
  if (auto good = check_rows<LoginRow>(database, select_login, read_login); !good) return good;
  return check_rows<FilesystemRow>(database, select_filesystem, read_filesystem);
}

}  // namespace

Result<Soundness> check_keyring(Database& database) {
  if (auto good = check_keys(database); !good) return std::unexpected(std::move(good.error()));
  Soundness found;
  Query query(database, "check", select_event);
  while (query.next()) found.damaged_events += read_event(query, database) ? 0 : 1;
  if (auto ended = query.ended(); !ended) return std::unexpected(std::move(ended.error()));
  return found;
}

}  // namespace keyway::keyring
