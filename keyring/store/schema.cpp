#include <iterator>
#include <string>
#include <vector>

#include <keyring/store/schema.h>

namespace keyway::keyring {

namespace {

// Written once, never changed: databases out there were made by it.
// AUTOINCREMENT wherever sealed bytes or references are bound to a number, so that none is used twice.
// A checksum is of all other columns of its row (rows.h).
// A login is of one KMS, and a filesystem's is of the KMS that it is under: so says a reference of both.
constexpr const char* all_steps[] = {
    R"(
CREATE TABLE keyring (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  identity TEXT NOT NULL CHECK (length(identity) = 32),
  state_key_id TEXT NOT NULL,
  checksum BLOB NOT NULL CHECK (length(checksum) = 16)
) STRICT;

CREATE TABLE kms (
  id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
  is_current INTEGER NOT NULL CHECK (is_current IN (0, 1)),
  revision INTEGER NOT NULL CHECK (revision > 0),
  settings TEXT NOT NULL,
  sealed BLOB NOT NULL,
  set_at INTEGER NOT NULL,
  checksum BLOB NOT NULL CHECK (length(checksum) = 16)
) STRICT;
CREATE UNIQUE INDEX kms_current ON kms (is_current) WHERE is_current = 1;

CREATE TABLE login (
  id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
  kms INTEGER NOT NULL REFERENCES kms (id),
  name_space TEXT NOT NULL,
  role_id TEXT NOT NULL,
  source TEXT NOT NULL,
  sealed BLOB NOT NULL,
  checksum BLOB NOT NULL CHECK (length(checksum) = 16),
  UNIQUE (kms, name_space, role_id),
  UNIQUE (id, kms)
) STRICT;

CREATE TABLE filesystem (
  number INTEGER PRIMARY KEY AUTOINCREMENT CHECK (number > 0),
  id TEXT NOT NULL UNIQUE CHECK (length(id) = 32),
  name TEXT NOT NULL UNIQUE CHECK (name <> ''),
  created INTEGER NOT NULL,
  own_key TEXT NOT NULL,
  own_namespace TEXT NOT NULL,
  own_login INTEGER,
  kms INTEGER REFERENCES kms (id),
  login INTEGER,
  key_id TEXT,
  key_version TEXT,
  key BLOB,
  checksum BLOB NOT NULL CHECK (length(checksum) = 16),
  CHECK (own_key <> '' OR (own_namespace = '' AND own_login IS NULL)),
  CHECK ((kms IS NULL) = (key IS NULL)),
  CHECK ((key_id IS NULL) = (key IS NULL)),
  CHECK ((key_version IS NULL) = (key IS NULL)),
  CHECK (login IS NULL OR key IS NOT NULL),
  CHECK (own_login IS NULL OR own_login IS login),
  FOREIGN KEY (login, kms) REFERENCES login (id, kms)
) STRICT;
CREATE INDEX filesystem_key
  ON filesystem (kms, login, own_key, own_namespace, own_login, key_id, key_version);
CREATE INDEX filesystem_login ON filesystem (login) WHERE login IS NOT NULL;

CREATE TABLE event (
  number INTEGER PRIMARY KEY AUTOINCREMENT CHECK (number > 0),
  at INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind <> ''),
  filesystem TEXT NOT NULL,
  detail TEXT NOT NULL,
  checksum BLOB NOT NULL CHECK (length(checksum) = 16)
) STRICT;
)",
};

Result<std::int64_t> version_of(Database& database) {
  return database.number("read the schema's version", "PRAGMA user_version");
}

Result<void> check_known(const Database& database, std::int64_t version, Migrations steps) {
  const auto known = std::ssize(steps);
  if (version >= 0 && version <= known) return {};
  return fail_with_advice(ErrorKind::invalid_input, "use that version",
                          "{} was written by a newer Keyway (schema {}, this one knows {})",
                          printable(database.path().native(), 4096), version, known);
}

Result<void> apply(Database& database, std::int64_t from, const char* step) {
  const std::string sql =
      fmt::format("{};PRAGMA user_version = {}; PRAGMA application_id = {};", step, from + 1, application_id);
  return database.script(fmt::format("bring the schema from version {} to {}", from, from + 1), sql);
}

// step does one migration; false when there is none left. The version is read again inside the
// transaction, because another process may have been here first.
Result<bool> step(Database& database, Migrations steps) {
  bool was_done = false;
  auto done = database.transaction("bring the schema up to date", [&]() -> Result<void> {
    const auto version = version_of(database);
    if (!version) return std::unexpected(version.error());
    if (auto known = check_known(database, *version, steps); !known) return known;
    if (*version == std::ssize(steps)) return {};
    was_done = true;
    return apply(database, *version, steps[static_cast<std::size_t>(*version)]);
  });
  if (!done) return std::unexpected(std::move(done.error()));
  return was_done;
}

Result<std::vector<std::string>> definitions(Database& database) {
  std::vector<std::string> all;
  Query query(database, "read the schema",
              "SELECT type || ' ' || name || ' ' || tbl_name || ' ' || coalesce(sql, '') FROM sqlite_schema "
              "WHERE name NOT LIKE 'sqlite_stat%' ORDER BY 1");
  while (query.next()) all.emplace_back(query.text(0));
  if (auto ended = query.ended(); !ended) return std::unexpected(std::move(ended.error()));
  return all;
}

}  // namespace

Migrations migrations() { return all_steps; }
std::int64_t known_schema() { return std::ssize(all_steps); }

Result<void> migrate(Database& database, Migrations steps) {
  const auto version = version_of(database);
  if (!version) return std::unexpected(version.error());
  if (auto known = check_known(database, *version, steps); !known) return known;
  if (*version == std::ssize(steps)) return {};
  for (;;) {
    const auto more = step(database, steps);
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
  }
}

Result<void> check_schema(Database& database) {
  auto model = Database::in_memory();
  if (!model) return std::unexpected(std::move(model.error()));
  if (auto made = migrate(*model); !made) return made;
  const auto expected = definitions(*model);
  if (!expected) return std::unexpected(expected.error());
  const auto found = definitions(database);
  if (!found) return std::unexpected(found.error());
  if (*found == *expected) return {};
  return fail_with_advice(ErrorKind::corrupt, std::string(restore_advice),
                          "{}: its tables are not those of schema {}",
                          printable(database.path().native(), 4096), known_schema());
}

}  // namespace keyway::keyring
