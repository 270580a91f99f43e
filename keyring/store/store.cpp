#include <algorithm>

#include <core/hex.h>
#include <core/random.h>
#include <keyring/store/impl.h>
#include <keyring/store/keyring_file.h>
#include <keyring/store/restore.h>
#include <keyring/store/rows.h>

namespace keyway::keyring {

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

namespace {

std::unexpected<Error> no_database(const Path& path) {
  return fail(ErrorKind::not_found, "there is no keyring at {}", shown(path));
}

// lock_existing locks before it looks, because a restore may be about to put the file there; but it
// leaves no lock beside a database that never was.
Result<FileLock> lock_existing(const Path& path, const StoreSettings& settings) {
  for (const Path& file : {beside(path, ".lock"), path}) {
    const auto there = is_present(file);
    if (!there) return std::unexpected(there.error());
    if (*there) return FileLock::take(path, FileLock::Kind::shared, settings.patience);
  }
  if (auto none = check_no_leftovers(path); !none) return std::unexpected(std::move(none.error()));
  return no_database(path);
}

// create_new makes the database under another name first, so that at `path` there is either nothing or
// all of it. No error when another process was faster.
Result<void> create_new(const Path& path, const StoreSettings& settings) {
  if (auto none = check_no_leftovers(path); !none) return none;
  const Path temporary = beside(path, ".new-" + to_hex(system_random().bytes(8)));
  const RemoveLater removed(temporary);
  if (auto made = make_keyring(temporary, settings); !made) {
    made.error().what = fmt::format("create {}: {}", shown(path), made.error().what);
    return made;
  }
  if (auto placed = put_in_place(temporary, path); !placed) return std::unexpected(std::move(placed.error()));
  return {};
}

}  // namespace

Result<Store> Store::open(const StoreSettings& settings) {
  auto path = resolved(settings.path);
  if (!path) return std::unexpected(std::move(path.error()));
  auto lock = lock_existing(*path, settings);
  if (!lock) return std::unexpected(std::move(lock.error()));
  const auto there = is_present(*path);
  if (!there) return std::unexpected(there.error());
  if (!*there) {
    if (auto none = check_no_leftovers(*path); !none) return std::unexpected(std::move(none.error()));
    return no_database(*path);
  }
  auto database = open_keyring(*path, settings);
  if (!database) return std::unexpected(std::move(database.error()));
  return Store(std::make_unique<Impl>(std::move(*lock), std::move(*database), settings));
}

Result<Store> Store::create(const StoreSettings& settings) {
  auto path = resolved(settings.path);
  if (!path) return std::unexpected(std::move(path.error()));
  if (auto made = make_folder_of(*path); !made) return std::unexpected(std::move(made.error()));
  {
    // Shared with other creators, but no restore may be at work here.
    const auto lock = FileLock::take(*path, FileLock::Kind::shared, settings.patience);
    if (!lock) return std::unexpected(lock.error());
    const auto there = is_present(*path);
    if (!there) return std::unexpected(there.error());
    if (!*there) {
      if (auto made = create_new(*path, settings); !made) return std::unexpected(std::move(made.error()));
    }
  }
  return open(settings);
}

Result<void> Store::change(const std::function<Result<void>()>& body) {
  if (impl_->is_changing) {
    return fail(ErrorKind::internal, "change {}: changes do not nest", shown(impl_->database.path()));
  }
  struct Mark {
    bool& on;
    explicit Mark(bool& flag) : on(flag) { on = true; }
    ~Mark() { on = false; }
  } const mark(impl_->is_changing);
  return impl_->database.transaction("change", body);
}

Result<void> Store::Impl::write(Text doing, const std::function<Result<void>()>& body) {
  if (!is_changing) return database.transaction(doing, body);
  // An earlier error of this change ended the transaction: nothing may be written outside one.
  if (!database.in_transaction()) {
    return fail(ErrorKind::internal, "{} in {}: the change was undone", doing, shown(database.path()));
  }
  return body();
}

Result<RowId> Store::Impl::next_id(Text table) {
  // What SQLite remembers, or should that be damaged, what is there.
  const auto remembered =
      database.number("give out a number", "SELECT max(seq) FROM sqlite_sequence WHERE name = ?1", {table});
  if (!remembered) return remembered;
  const auto there = database.number("give out a number",
                                     fmt::format("SELECT max(rowid) FROM {}", table));  // ours, no input
  if (!there) return there;
  return std::max(*remembered, *there) + 1;
}

// --- identity ---

namespace {

Result<KeyringRow> keyring_row(Database& database) {
  Query query(database, "read the identity", select_keyring);
  auto row = read_one<KeyringRow>(query, database, read_keyring);
  if (!row) return std::unexpected(std::move(row.error()));
  if (!*row) return damaged(database, "the keyring's identity");
  return std::move(**row);
}

}  // namespace

Result<std::string> Store::identity() {
  auto row = keyring_row(impl_->database);
  if (!row) return std::unexpected(std::move(row.error()));
  return std::move(row->identity);
}

Result<std::string> Store::state_key_id() {
  auto row = keyring_row(impl_->database);
  if (!row) return std::unexpected(std::move(row.error()));
  return std::move(row->state_key_id);
}

Result<void> Store::set_state_key_id(const std::string& id) {
  Database& database = impl_->database;
  return impl_->write("set the state key", [&]() -> Result<void> {
    auto row = keyring_row(database);
    if (!row) return std::unexpected(std::move(row.error()));
    row->state_key_id = id;
    return database.run("set the state key", "UPDATE keyring SET state_key_id = ?1, checksum = ?2",
                        {id, Bytes(checksum_of(*row))});
  });
}

// --- events ---

Result<void> Store::add_event(const Event& event) {
  return impl_->write("add an event", [&]() -> Result<void> {
    const auto number = impl_->next_id("event");
    if (!number) return std::unexpected(number.error());
    Event row = event;
    row.number = *number;
    auto added = impl_->database.run("add an event", "INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                                     {row.number, row.at.time_since_epoch().count(), row.kind, row.filesystem,
                                      row.detail, Bytes(checksum_of(row))});
    if (!added) return added;
    return impl_->database.run("drop old events", "DELETE FROM event WHERE number <= ?1",
                               {row.number - kept_events});
  });
}

Result<std::vector<Event>> Store::events_after(RowId after, std::size_t limit) {
  Query query(impl_->database, "read events", select_event + "WHERE number > ?1 ORDER BY number LIMIT ?2",
              {after, row_limit(limit)});
  return read_all<Event>(query, impl_->database, read_any_event);
}

Result<std::vector<Event>> Store::last_events(std::size_t limit) {
  Query query(impl_->database, "read events", select_event + "ORDER BY number DESC LIMIT ?1",
              {row_limit(limit)});
  auto events = read_all<Event>(query, impl_->database, read_any_event);
  if (events) std::ranges::reverse(*events);
  return events;
}

// --- the file ---

Result<Soundness> Store::check() { return check_keyring(impl_->database); }

Result<void> Store::copy_to(const std::filesystem::path& file) {
  if (impl_->is_changing) {
    return fail(ErrorKind::internal, "copy {}: not inside a change", shown(impl_->database.path()));
  }
  return copy_keyring(impl_->database, file, impl_->settings);
}

}  // namespace keyway::keyring
