// The rows of KMSs and logins.
#include <keyring/store/impl.h>
#include <keyring/store/rows.h>

namespace keyway::keyring {

namespace {

// Rows are proved unused twice: by the index, and by the table itself. A damaged index must not be the
// reason why the way to a key is forgotten. The table is read only once, and only when the index names
// one.
constexpr Text drop_kms =
    "DELETE FROM kms WHERE is_current = 0 "
    "AND NOT EXISTS (SELECT 1 FROM filesystem WHERE filesystem.kms = kms.id) "
    "AND NOT EXISTS (SELECT 1 FROM login WHERE login.kms = kms.id) "
    "AND id NOT IN (SELECT kms FROM filesystem NOT INDEXED WHERE kms IS NOT NULL "
    "UNION SELECT kms FROM login NOT INDEXED)";
// Of the KMS ?1, or of all when that is 0. A filesystem's own_login is its login; that of a damaged row
// may be all that is left of it.
constexpr Text drop_logins =
    "DELETE FROM login WHERE ?1 IN (0, kms) "
    "AND NOT EXISTS (SELECT 1 FROM filesystem WHERE filesystem.login = login.id) "
    "AND id NOT IN (SELECT login FROM filesystem NOT INDEXED WHERE login IS NOT NULL "
    "UNION SELECT own_login FROM filesystem NOT INDEXED WHERE own_login IS NOT NULL)";

Result<std::optional<KmsRow>> kms_of(Database& database, RowId id) {
  Query query(database, "read a KMS", select_kms + "WHERE id = ?1", {id});
  return read_one<KmsRow>(query, database, read_kms_row);
}

// check_unused asks the tables, not their indexes.
Result<void> check_unused(Database& database, RowId id) {
  struct {
    Text count, what;
  } constexpr uses[] = {
      {"SELECT count(*) FROM filesystem NOT INDEXED WHERE kms = ?1", "filesystems are under it"},
      {"SELECT count(*) FROM login NOT INDEXED WHERE kms = ?1", "logins of it are in use"}};
  for (const auto& use : uses) {
    const auto used = database.number("remove a KMS", use.count, {id});
    if (!used) return std::unexpected(used.error());
    if (*used == 0) continue;
    return fail_with_advice(ErrorKind::invalid_input, "move their keys first: kmsctl kms rewrap",
                            "remove KMS {}: {} {}", id, *used, use.what);
  }
  return {};
}

std::unexpected<Error> changed_meanwhile(const Database& database, RowId id) {
  return fail_with_advice(ErrorKind::not_found, "run the command again",
                          "KMS {} of {} is gone, or another process changed it meanwhile", id,
                          shown(database.path()));
}

}  // namespace

Result<std::vector<KmsRow>> Store::all_kms() {
  Query query(impl_->database, "list the KMSs", select_kms + "ORDER BY is_current DESC, id DESC");
  return read_all<KmsRow>(query, impl_->database, read_kms_row);
}

Result<RowId> Store::next_kms_id() { return impl_->next_id("kms"); }

Result<RowId> Store::add_kms(const KmsRow& row) {
  Database& database = impl_->database;
  const auto added = impl_->write("add a KMS", [&]() -> Result<void> {
    const auto next = impl_->next_id("kms");
    if (!next) return std::unexpected(next.error());
    if (row.id < *next) {
      return fail(ErrorKind::invalid_input, "add a KMS: its number {} was used before", row.id);
    }
    return database.run("add a KMS", "INSERT INTO kms VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                        {row.id, std::int64_t{row.is_current}, row.revision, row.settings, Bytes(row.sealed),
                         row.set_at.time_since_epoch().count(), Bytes(checksum_of(row))});
  });
  if (!added) return std::unexpected(added.error());
  return row.id;
}

Result<void> Store::replace_kms(const KmsRow& row) {
  Database& database = impl_->database;
  return impl_->write("change a KMS", [&]() -> Result<void> {
    KmsRow next = row;
    ++next.revision;
    auto done =
        database.run("change a KMS",
                     "UPDATE kms SET is_current = ?3, revision = ?4, settings = ?5, sealed = ?6, set_at = "
                     "?7, checksum = ?8 "
                     "WHERE id = ?1 AND revision = ?2",
                     {row.id, row.revision, std::int64_t{row.is_current}, next.revision, row.settings,
                      Bytes(row.sealed), row.set_at.time_since_epoch().count(), Bytes(checksum_of(next))});
    if (done && database.changed() == 0) return changed_meanwhile(database, row.id);
    return done;
  });
}

Result<std::int64_t> Store::drop_unused() {
  Database& database = impl_->database;
  std::int64_t dropped = 0;
  const auto done = impl_->write("drop what is unused", [&]() -> Result<void> {
    if (auto ran = database.run("drop what is unused", drop_logins, {RowId{0}}); !ran) return ran;
    if (auto ran = database.run("drop what is unused", drop_kms); !ran) return ran;
    dropped = database.changed();
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return dropped;
}

Result<void> Store::remove_kms(RowId id) {
  Database& database = impl_->database;
  return impl_->write("remove a KMS", [&]() -> Result<void> {
    const auto row = kms_of(database, id);
    if (!row) return std::unexpected(row.error());
    if (!*row) return changed_meanwhile(database, id);
    if (auto ran = database.run("remove a KMS", drop_logins, {id}); !ran) return ran;
    if (auto unused = check_unused(database, id); !unused) return unused;
    return database.run("remove a KMS", "DELETE FROM kms WHERE id = ?1", {id});
  });
}

Result<std::optional<std::int64_t>> Store::revision_of(RowId kms) {
  const auto row = kms_of(impl_->database, kms);
  if (!row) return std::unexpected(row.error());
  return *row ? std::optional((*row)->revision) : std::nullopt;
}

Result<std::optional<LoginRow>> Store::login(RowId id) {
  Query query(impl_->database, "read a login", select_login + "WHERE id = ?1", {id});
  return read_one<LoginRow>(query, impl_->database, read_login);
}

Result<std::optional<LoginRow>> Store::login(RowId kms, const std::string& name_space,
                                             const std::string& role_id) {
  Query query(impl_->database, "read a login",
              select_login + "WHERE kms = ?1 AND name_space = ?2 AND role_id = ?3",
              {kms, name_space, role_id});
  auto row = read_one<LoginRow>(query, impl_->database, read_login);
  // The index led here, and nothing but the row itself says that it led right.
  const auto is_asked_for = [&](const LoginRow& found) {
    return found.kms == kms && found.name_space == name_space && found.role_id == role_id;
  };
  if (row && *row && !is_asked_for(**row)) return damaged(impl_->database, "the index of logins");
  return row;
}

Result<RowId> Store::next_login_id() { return impl_->next_id("login"); }

Result<void> Store::put_login(const LoginRow& row) {
  Database& database = impl_->database;
  return impl_->write("store a login", [&]() -> Result<void> {
    const Bytes sealed(row.sealed);
    const RowChecksum checksum = checksum_of(row);
    auto replaced =
        database.run("store a login",
                     "UPDATE login SET source = ?5, sealed = ?6, checksum = ?7 "
                     "WHERE id = ?1 AND kms = ?2 AND name_space = ?3 AND role_id = ?4",
                     {row.id, row.kms, row.name_space, row.role_id, row.source, sealed, Bytes(checksum)});
    if (!replaced || database.changed() > 0) return replaced;
    const auto next = impl_->next_id("login");
    if (!next) return std::unexpected(next.error());
    if (row.id < *next) {
      return fail(ErrorKind::invalid_input, "store a login: its number {} was used before", row.id);
    }
    return database.run("store a login", "INSERT INTO login VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                        {row.id, row.kms, row.name_space, row.role_id, row.source, sealed, Bytes(checksum)});
  });
}

}  // namespace keyway::keyring
