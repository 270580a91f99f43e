#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <vector>

#include <fmt/chrono.h>
#include <sqlite3.h>

#include <core/hex.h>
#include <core/random.h>
#include <keyring/store/keyring_file.h>
#include <keyring/store/restore.h>

namespace keyway::keyring {

namespace {

// What SQLite keeps beside a database and belongs to it as much as the file itself.
constexpr std::string_view companions[] = {"-wal", "-journal"};
constexpr std::string_view kept_mark = ".before-restore-";
constexpr std::string_view new_mark = ".restoring";

Result<void> copy_pages(Database& from, Database& to) {
  sqlite3_backup* backup = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
  if (backup == nullptr) return to.failed("copy", sqlite3_extended_errcode(to.handle()));
  const int code = sqlite3_backup_step(backup, -1);  // all of it, as of one instant
  sqlite3_backup_finish(backup);
  if (code == SQLITE_DONE) return {};
  return to.failed(fmt::format("copy {} to a file", shown(from.path())), code);
}

// write_copy leaves one file that needs nothing beside it.
Result<void> write_copy(Database& from, const Path& to, const StoreSettings& settings) {
  if (auto made = make_file(to); !made) return std::unexpected(std::move(made.error()));
  auto copy = Database::open(to, settings.vfs, settings.patience);
  if (!copy) return std::unexpected(std::move(copy.error()));
  if (auto set = copy->configure(); !set) return set;
  if (auto copied = copy_pages(from, *copy); !copied) return copied;
  if (auto set = copy->script("copy", "PRAGMA journal_mode = DELETE"); !set) return set;
  auto good = check_keyring(*copy);
  if (good) return {};
  good.error().what = fmt::format("the copy of {} is not good, so it may be damaged: {}", shown(from.path()),
                                  good.error().what);
  return std::unexpected(std::move(good.error()));
}

}  // namespace

Result<void> copy_keyring(Database& from, const Path& to, const StoreSettings& settings) {
  auto path = resolved(to);
  if (!path) return std::unexpected(std::move(path.error()));
  const auto taken = [&] {
    return fail_with_advice(ErrorKind::invalid_input, "choose another name", "copy to {}: it exists",
                            shown(*path));
  };
  const auto there = is_present(to);
  if (!there) return std::unexpected(there.error());
  if (*there) return taken();

  const Path temporary = beside(*path, ".new-" + to_hex(system_random().bytes(8)));
  const RemoveLater removed(temporary);
  if (auto written = write_copy(from, temporary, settings); !written) return written;
  if (auto synced = sync_file(temporary); !synced) return synced;
  const auto placed = put_in_place(temporary, *path);
  if (!placed) return std::unexpected(placed.error());
  if (!*placed) return taken();
  return {};
}

Result<void> check_no_leftovers(const Path& path) {
  std::error_code error;
  std::vector<std::string> found;
  const std::string name = path.filename().native();
  std::filesystem::directory_iterator entry(path.parent_path(), error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string other = entry->path().filename().native();
    if (!other.starts_with(name)) continue;
    const std::string_view rest = std::string_view(other).substr(name.size());
    const bool is_companion = std::ranges::find(companions, rest) != std::end(companions);
    if (is_companion || rest == new_mark || rest.starts_with(kept_mark)) found.push_back(other);
  }
  if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory) return {};
  if (error) {  // what cannot be seen must not be taken for nothing
    errno = error.value();
    return file_failed("look around", path);
  }
  if (found.empty()) return {};
  std::ranges::sort(found);
  return fail_with_advice(
      ErrorKind::corrupt,
      fmt::format(
          "restore a backup (kmsctl restore FILE), or give the latest file named {}{}... its name {} back",
          name, kept_mark, name),
      "there is no keyring at {}, but there was one, and a restore of it was interrupted: beside it stands "
      "{}",
      shown(path), printable(fmt::format("{}", fmt::join(found, ", ")), 4096));
}

namespace {

Result<void> check_source(const Path& copy, const Path& target) {
  const auto there = is_present(copy);
  if (!there) return std::unexpected(there.error());
  if (!*there) return fail(ErrorKind::not_found, "there is no backup at {}", shown(copy));
  if (copy == target) {
    return fail(ErrorKind::invalid_input, "{} is the keyring itself, not a backup of it", shown(copy));
  }
  std::error_code error;
  if (!std::filesystem::is_regular_file(copy, error)) {
    return fail(ErrorKind::invalid_input, "{} is not a backup: it is not a regular file", shown(copy));
  }
  for (const auto& ending : companions) {
    const Path companion = beside(copy, ending);
    if (std::filesystem::file_size(companion, error) == 0 || error) continue;
    return fail_with_advice(
        ErrorKind::invalid_input, "make a backup of it first: kmsctl --db THAT backup FILE",
        "{} is not a backup but a keyring in use: a part of it is in {}", shown(copy), shown(companion));
  }
  return {};
}

// prepare copies the backup into the target's folder and proves it there: what was checked is what will
// be used.
Result<void> prepare(const Path& copy, const Path& temporary, const StoreSettings& settings) {
  {
    const auto file = make_file(temporary);
    if (!file) return std::unexpected(file.error());
    if (auto copied = copy_content(copy, temporary, *file); !copied) return copied;
  }
  {
    auto database = open_keyring(temporary, settings);
    if (!database) return std::unexpected(std::move(database.error()));
    if (auto good = check_keyring(*database); !good) return std::unexpected(std::move(good.error()));
  }
  return sync_file(temporary);
}

// kept_name is free, also for the companions.
Result<Path> kept_name(const Path& path) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const std::string stem =
      fmt::format("{}{:%Y%m%dT%H%M%SZ}", kept_mark, fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
  for (int n = 1;; ++n) {
    Path name = beside(path, n == 1 ? stem : fmt::format("{}-{}", stem, n));
    bool is_free = true;
    for (const std::string_view ending : {std::string_view(), companions[0], companions[1]}) {
      const auto there = is_present(beside(name, ending));
      if (!there) return std::unexpected(there.error());
      is_free = is_free && !*there;
    }
    if (is_free) return name;
  }
}

// keep_companions gives what belongs to the database its second name, before the database gets its own.
Result<void> keep_companions(const Path& path, const Path& kept) {
  for (const auto& ending : companions) {
    const auto there = is_present(beside(path, ending));
    if (!there) return std::unexpected(there.error());
    if (!*there) continue;
    if (auto linked = link_file(beside(path, ending), beside(kept, ending)); !linked) return linked;
  }
  return sync_folder_of(path);
}

// remove_companions: a -wal that stayed would be played into the new database.
Result<void> remove_companions(const Path& path) {
  for (const std::string_view ending : {companions[0], companions[1], std::string_view("-shm")}) {
    if (auto removed = remove_file(beside(path, ending)); !removed) return removed;
  }
  return sync_folder_of(path);
}

// put_back undoes what exchange did; what cannot be undone is found by check_no_leftovers.
void put_back(const Path& path, const Path& kept) {
  for (const auto& ending : companions) {
    const auto there = is_present(beside(path, ending));
    if (there && !*there) (void)link_file(beside(kept, ending), beside(path, ending));
  }
  if (!rename_file(kept, path)) return;
  for (const auto& ending : companions) (void)remove_file(beside(kept, ending));
  (void)sync_folder_of(path);
}

// exchange is ordered so that a crash between any two steps leaves either the former database at its
// path, whole, or nothing there and all of it under `kept`.
Result<void> exchange(const Path& path, const Path& kept, const Path& temporary, bool is_there) {
  if (auto done = keep_companions(path, kept); !done) return done;
  if (is_there) {
    if (auto done = rename_file(path, kept); !done) return done;
    if (auto done = sync_folder_of(path); !done) return done;
  }
  auto done = remove_companions(path);
  if (done) {
    const auto placed = put_in_place(temporary, path);
    if (placed && *placed) return {};
    done = placed ? fail(ErrorKind::internal, "restore {}: another file came there meanwhile", shown(path))
                  : std::unexpected(placed.error());
  }
  if (is_there) put_back(path, kept);
  return done;
}

}  // namespace

Result<std::filesystem::path> restore_database(const std::filesystem::path& copy, const StoreSettings& to) {
  const auto path = resolved(to.path);
  if (!path) return std::unexpected(path.error());
  const auto source = resolved(copy);
  if (!source) return std::unexpected(source.error());
  if (auto good = check_source(*source, *path); !good) return std::unexpected(std::move(good.error()));
  if (auto made = make_folder_of(*path); !made) return std::unexpected(std::move(made.error()));
  const auto lock = FileLock::take(*path, FileLock::Kind::exclusive, to.patience);
  if (!lock) return std::unexpected(lock.error());

  // Whoever has the lock is the only one to use this name; what an interrupted restore left goes first.
  const Path temporary = beside(*path, new_mark);
  remove_database(temporary);
  const RemoveLater removed(temporary);
  if (auto ready = prepare(*source, temporary, to); !ready) {
    ready.error().what =
        fmt::format("{} cannot be restored, nothing was changed: {}", shown(copy), ready.error().what);
    return std::unexpected(std::move(ready.error()));
  }
  const auto there = is_present(*path);
  if (!there) return std::unexpected(there.error());
  const auto kept = kept_name(*path);
  if (!kept) return kept;
  if (auto done = exchange(*path, *kept, temporary, *there); !done) {
    return std::unexpected(std::move(done.error()));
  }
  return *there ? *kept : Path();
}

}  // namespace keyway::keyring
