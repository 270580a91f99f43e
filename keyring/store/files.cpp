#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <core/file.h>
#include <keyring/store/files.h>

namespace keyway::keyring {

namespace {

constexpr auto poll_interval = std::chrono::milliseconds(10);

bool is_read_only_error(int error) { return error == EROFS || error == EACCES || error == EPERM; }

Path folder_of(const Path& path) { return path.has_parent_path() ? path.parent_path() : Path("."); }

Result<void> sync(const Path& path, int flags) {
  const Descriptor opened = open_again(AT_FDCWD, path, flags);
  if (!opened.is_open()) return file_failed("open", path);
  if (::fsync(opened.get()) != 0) return file_failed("write to the disk", path);
  return {};
}

}  // namespace

Path beside(const Path& path, std::string_view ending) { return Path(path.native() + std::string(ending)); }

std::unexpected<Error> file_failed(std::string_view doing, const Path& path) {
  const int error = errno;
  const std::string name = shown(path);
  if (is_read_only_error(error)) {
    return fail_with_advice(ErrorKind::invalid_input, "use a user who may write to the file and its folder",
                            "{} {}: it, or the folder it is in, is read-only for this user ({})", doing, name,
                            std::generic_category().message(error));
  }
  errno = error;
  return system_failed(doing, name);
}

Result<Path> resolved(const Path& path) {
  if (path.empty() || !path.has_filename()) {
    return fail(ErrorKind::invalid_input, "{}: this does not name a database file", shown(path));
  }
  std::error_code error;
  // What does not exist yet is taken as it is written, below the folder it is to be in.
  Path real = std::filesystem::weakly_canonical(std::filesystem::absolute(path, error), error);
  if (!error) return real;
  errno = error.value();
  return file_failed("look for", path);
}

Result<bool> is_present(const Path& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return file_failed("look for", path);
}

Result<void> check_database_file(const Path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return file_failed("open", path);
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorKind::invalid_input, "{} is not a keyring: it is not a regular file", shown(path));
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail_with_advice(ErrorKind::invalid_input, fmt::format("run: chmod 600 {}", shown(path)),
                            "{}: others than its owner have access to it (mode {:04o})", shown(path),
                            static_cast<unsigned>(status.st_mode) & 07777U);
  }
  if (status.st_size == 0) {
    return fail_with_advice(ErrorKind::corrupt, "restore a backup: kmsctl restore FILE",
                            "{} is not a keyring: it has no content", shown(path));
  }
  return {};
}

Result<void> make_folder_of(const Path& path) {
  const Path folder = folder_of(path);
  if (::mkdir(folder.c_str(), S_IRWXU) != 0) {
    const int error = errno;
    struct stat status{};
    if (::stat(folder.c_str(), &status) == 0)
      return {};  // it was there; a path that is no folder shows later
    errno = error;
    return file_failed("make the folder", folder);
  }
  if (::chmod(folder.c_str(), S_IRWXU) != 0) return file_failed("make the folder", folder);
  return sync_folder_of(folder);
}

Result<Descriptor> make_file(const Path& path) {
  Descriptor file = create_exclusively(AT_FDCWD, path);
  if (!file.is_open()) return file_failed("create", path);
  return file;
}

Result<void> sync_file(const Path& path) { return sync(path, O_RDONLY); }
Result<void> sync_folder_of(const Path& path) { return sync(folder_of(path), O_RDONLY | O_DIRECTORY); }

Result<bool> put_in_place(const Path& from, const Path& to) {
  if (!rename_exclusively(AT_FDCWD, from, to)) {
    if (errno == EEXIST) return false;
    return file_failed("create", to);
  }
  if (auto synced = sync_folder_of(to); !synced) return std::unexpected(std::move(synced.error()));
  return true;
}

Result<void> rename_file(const Path& from, const Path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return file_failed("rename", from);
  return {};
}

Result<void> link_file(const Path& from, const Path& to) {
  if (::link(from.c_str(), to.c_str()) != 0) return file_failed("keep a second name of", from);
  return {};
}

Result<void> remove_file(const Path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return file_failed("remove", path);
  return {};
}

Result<void> copy_content(const Path& from, const Path& path, const Descriptor& to) {
  const Descriptor source = open_again(AT_FDCWD, from, O_RDONLY | O_NONBLOCK);
  if (!source.is_open()) return file_failed("open", from);
  std::array<std::byte, 65'536> chunk;
  for (;;) {
    const ssize_t got = ::read(source.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_failed("read", from);
    if (got == 0) break;
    const Bytes part = Bytes(chunk).first(static_cast<std::size_t>(got));
    if (auto written = write_descriptor(to.get(), part, shown(path)); !written) return written;
  }
  if (::fsync(to.get()) != 0) return file_failed("write to the disk", path);
  return {};
}

void remove_database(const Path& path) noexcept {
  for (const char* ending : {"", "-wal", "-shm", "-journal"}) ::unlink((path.native() + ending).c_str());
}

Result<FileLock> FileLock::take(const Path& database, Kind kind, std::chrono::milliseconds patience) {
  const Path path = beside(database, ".lock");
  Descriptor file = open_again(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW);
  if (!file.is_open() && errno == ENOENT) {
    file = create_exclusively(AT_FDCWD, path);
    if (!file.is_open() && errno == EEXIST) file = open_again(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW);
  }
  if (!file.is_open()) return file_failed("open", path);

  const bool is_shared = kind == Kind::shared;
  const auto end = std::chrono::steady_clock::now() + patience;
  while (::flock(file.get(), (is_shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return file_failed("lock", path);
    if (std::chrono::steady_clock::now() >= end) {
      return fail_with_advice(ErrorKind::unreachable, "end it, or try again when it is done",
                              "another process {} {}", is_shared ? "is restoring" : "has opened",
                              shown(database));
    }
    std::this_thread::sleep_for(poll_interval);
  }
  return FileLock(std::move(file));
}

}  // namespace keyway::keyring
