#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <core/file_steps.h>

namespace keyway {

namespace {

ErrorKind kind_of(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR: return ErrorKind::not_found;
    case EACCES:
    case EPERM:
    case EROFS:
    case EEXIST:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG: return ErrorKind::invalid_input;
    default: return ErrorKind::internal;
  }
}

}  // namespace

std::string shown(const std::filesystem::path& path) { return printable(path.native(), 4096); }

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

bool Descriptor::close() noexcept { return ::close(std::exchange(fd_, -1)) == 0; }

std::unexpected<Error> system_failed(std::string_view doing, std::string_view what) {
  const int error = errno;
  if (error == ENOSPC || error == EDQUOT) {
    return fail_with_advice(ErrorKind::internal, "make room on it and try again", "{} {}: disk full", doing,
                            what);
  }
  return fail(kind_of(error), "{} {}: {}", doing, what, std::generic_category().message(error));
}

Descriptor open_again(int folder, const std::filesystem::path& name, int flags, mode_t mode) {
  int fd = -1;
  do fd = ::openat(folder, name.c_str(), flags | O_CLOEXEC | O_NOCTTY, mode);
  while (fd < 0 && errno == EINTR);
  return Descriptor(fd);
}

Descriptor create_exclusively(int folder, const std::filesystem::path& name) {
  constexpr mode_t mode = S_IRUSR | S_IWUSR;
  Descriptor file = open_again(folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  if (!file.is_open() || ::fchmod(file.get(), mode) == 0) return file;
  const int error = errno;
  ::unlinkat(folder, name.c_str(), 0);
  file.close();
  errno = error;
  return file;
}

bool rename_exclusively(int folder, const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::renameat2(folder, from.c_str(), folder, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP) return false;
  if (::linkat(folder, from.c_str(), folder, to.c_str(), 0) != 0) return false;
  ::unlinkat(folder, from.c_str(), 0);
  return true;
}

}  // namespace keyway
