#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <keyring/store/files.h>

namespace keyway::keyring {

namespace {

constexpr auto poll_interval = std::chrono::milliseconds(10);

bool is_read_only_error(int error) { return error == EROFS || error == EACCES || error == EPERM; }

Path folder_of(const Path& path) { return path.has_parent_path() ? path.parent_path() : Path("."); }

Descriptor open_again(const Path& path, int flags, mode_t mode = 0) {
  int fd = -1;
  do fd = ::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, mode);
  while (fd < 0 && errno == EINTR);
  return Descriptor(fd);
}

Result<void> sync(const Path& path, int flags) {
  const Descriptor opened = open_again(path, flags);
  if (opened.get() < 0) return system_failed("open", path);
  if (::fsync(opened.get()) != 0) return system_failed("write to the disk", path);
  return {};
}

}  // namespace

std::string shown(const Path& path) { return printable(path.native(), 4096); }

Path beside(const Path& path, std::string_view ending) { return Path(path.native() + std::string(ending)); }

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

std::unexpected<Error> system_failed(std::string_view doing, const Path& path) {
  const int error = errno;
  if (is_read_only_error(error)) {
    return fail_with_advice(ErrorKind::invalid_input, "use a user who may write to the file and its folder",
                            "{} {}: it, or the folder it is in, is read-only for this user ({})", doing,
                            shown(path), std::generic_category().message(error));
  }
  if (error == ENOSPC || error == EDQUOT) {
    return fail_with_advice(ErrorKind::internal, "make room on it and try again", "{} {}: disk full", doing,
                            shown(path));
  }
  const bool is_missing = error == ENOENT || error == ENOTDIR;
  const bool is_misnamed = error == EEXIST || error == ELOOP || error == ENAMETOOLONG || error == EISDIR;
  const auto kind = is_missing    ? ErrorKind::not_found
                    : is_misnamed ? ErrorKind::invalid_input
                                  : ErrorKind::internal;
  return fail(kind, "{} {}: {}", doing, shown(path), std::generic_category().message(error));
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
  return system_failed("look for", path);
}

Result<bool> is_present(const Path& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return system_failed("look for", path);
}

Result<void> check_database_file(const Path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return system_failed("open", path);
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
    return system_failed("make the folder", folder);
  }
  if (::chmod(folder.c_str(), S_IRWXU) != 0) return system_failed("make the folder", folder);
  return sync_folder_of(folder);
}

Result<Descriptor> make_file(const Path& path) {
  Descriptor file = open_again(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (file.get() < 0) return system_failed("create", path);
  if (::fchmod(file.get(), S_IRUSR | S_IWUSR) != 0) return system_failed("create", path);
  return file;
}

Result<void> sync_file(const Path& path) { return sync(path, O_RDONLY); }
Result<void> sync_folder_of(const Path& path) { return sync(folder_of(path), O_RDONLY | O_DIRECTORY); }

Result<bool> put_in_place(const Path& from, const Path& to) {
  int code = ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE);
  if (code != 0 && (errno == EINVAL || errno == ENOSYS)) {  // a filesystem that cannot do that
    code = ::link(from.c_str(), to.c_str());
    if (code == 0) ::unlink(from.c_str());
  }
  if (code != 0 && errno == EEXIST) return false;
  if (code != 0) return system_failed("create", to);
  if (auto synced = sync_folder_of(to); !synced) return std::unexpected(std::move(synced.error()));
  return true;
}

Result<void> rename_file(const Path& from, const Path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return system_failed("rename", from);
  return {};
}

Result<void> link_file(const Path& from, const Path& to) {
  if (::link(from.c_str(), to.c_str()) != 0) return system_failed("keep a second name of", from);
  return {};
}

Result<void> remove_file(const Path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return system_failed("remove", path);
  return {};
}

Result<void> copy_content(const Path& from, const Path& path, const Descriptor& to) {
  const Descriptor source = open_again(from, O_RDONLY | O_NONBLOCK);
  if (source.get() < 0) return system_failed("open", from);
  std::array<char, 65'536> chunk;
  for (;;) {
    const ssize_t got = ::read(source.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failed("read", from);
    if (got == 0) break;
    for (ssize_t done = 0; done < got;) {
      const ssize_t n = ::write(to.get(), chunk.data() + done, static_cast<std::size_t>(got - done));
      if (n < 0 && errno != EINTR) return system_failed("write", path);
      done += std::max<ssize_t>(n, 0);
    }
  }
  if (::fsync(to.get()) != 0) return system_failed("write to the disk", path);
  return {};
}

void remove_database(const Path& path) noexcept {
  for (const char* ending : {"", "-wal", "-shm", "-journal"}) ::unlink((path.native() + ending).c_str());
}

Result<FileLock> FileLock::take(const Path& database, Kind kind, std::chrono::milliseconds patience) {
  const Path path = beside(database, ".lock");
  Descriptor file = open_again(path, O_RDONLY | O_NOFOLLOW);
  if (file.get() < 0 && errno == ENOENT) {
    file = open_again(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (file.get() >= 0) ::fchmod(file.get(), S_IRUSR | S_IWUSR);  // whatever the umask
    if (file.get() < 0 && errno == EEXIST) file = open_again(path, O_RDONLY | O_NOFOLLOW);
  }
  if (file.get() < 0) return system_failed("open", path);

  const bool is_shared = kind == Kind::shared;
  const auto end = std::chrono::steady_clock::now() + patience;
  while (::flock(file.get(), (is_shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return system_failed("lock", path);
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
