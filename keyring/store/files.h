// The files around a database: who may read it, the lock beside it, folders on the disk. Private to
// keyring/store.
//
// A program must never open and close a database file by itself while it has a connection to it:
// closing drops the locks of the whole process (fcntl(2)). So what stands here looks at a path, or at
// files that no connection has.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include <core/error.h>
#include <core/file_steps.h>

namespace keyway::keyring {

using Path = std::filesystem::path;

Path beside(const Path& path, std::string_view ending);  // "x.db" + "-wal"

// file_failed is system_failed for a database and what is around it: it also says who may write there.
std::unexpected<Error> file_failed(std::string_view doing, const Path& path);

// resolved follows symbolic links, so that all who mean one database lock one file.
Result<Path> resolved(const Path& path);
// is_present tells whether there is anything of that name, be it a link to nothing.
Result<bool> is_present(const Path& path);
// check_database_file refuses what cannot be a keyring or what others may read: not a regular file, no
// bytes, permissions for group or others.
Result<void> check_database_file(const Path& path);

// make_folder_of makes the folder of `path`, mode 0700, when no more than that is missing.
Result<void> make_folder_of(const Path& path);
// make_file makes an empty file, mode 0600 whatever the umask. Error: invalid_input when it exists.
Result<Descriptor> make_file(const Path& path);
Result<void> sync_file(const Path& path);
Result<void> sync_folder_of(const Path& path);
// put_in_place renames without replacing; false when `to` exists. On the disk when it returns.
Result<bool> put_in_place(const Path& from, const Path& to);
Result<void> rename_file(const Path& from, const Path& to);
Result<void> link_file(const Path& from, const Path& to);
// remove_file is no error when there is none.
Result<void> remove_file(const Path& path);
// copy_content appends all of the file `from` to `to` and syncs that.
Result<void> copy_content(const Path& from, const Path& path, const Descriptor& to);

// remove_database removes a database that no one has open, with all that SQLite puts beside it.
void remove_database(const Path& path) noexcept;

// RemoveLater removes a temporary database at the end of the scope, whatever happened to it until then.
class RemoveLater {
 public:
  explicit RemoveLater(Path path) : path_(std::move(path)) {}
  RemoveLater(const RemoveLater&) = delete;
  RemoveLater& operator=(const RemoveLater&) = delete;
  ~RemoveLater() { remove_database(path_); }

 private:
  Path path_;
};

// FileLock is a lock on "<database>.lock": shared by all who have the database open, exclusive for
// whoever replaces it. Held until destroyed; the file stays.
class FileLock {
 public:
  enum class Kind { shared, exclusive };
  // Waits up to `patience`. Error: unreachable.
  static Result<FileLock> take(const Path& database, Kind kind, std::chrono::milliseconds patience);

 private:
  explicit FileLock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

}  // namespace keyway::keyring
