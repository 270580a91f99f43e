#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <core/file.h>
#include <core/file_steps.h>
#include <core/hex.h>
#include <core/random.h>

namespace keyway {

namespace {

constexpr std::size_t chunk = 65'536;  // bytes read or written at once

// wait_until is for a descriptor that whoever opened it made non-blocking. True: try again.
bool wait_until(int fd, short events) {
  if (errno == EINTR) return true;
  if (errno != EAGAIN && errno != EWOULDBLOCK) return false;
  pollfd waited{fd, events, 0};
  return ::poll(&waited, 1, -1) >= 0 || errno == EINTR;
}

Result<Secret> read_all(int fd, std::size_t limit, std::size_t size_hint, std::string_view what) {
  SecretBuffer content(std::min(size_hint, limit) + 1);  // one more, so that the end is found without growing
  for (;;) {
    // One byte more than the limit tells a file that is too long from one that just fits.
    const std::size_t left = limit - content.size();
    const std::size_t wanted = left < chunk ? left + 1 : chunk;
    const std::size_t room = std::clamp<std::size_t>(content.capacity() - content.size(), 1, wanted);
    const std::size_t before = content.size();
    const ssize_t n = ::read(fd, content.append(room), room);
    content.resize(before + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    if (n == 0) return Secret(std::move(content));
    if (n < 0 && !wait_until(fd, POLLIN)) return system_failed("read", what);
    if (content.size() > limit) {
      return fail(ErrorKind::invalid_input, "read {}: it has more than {} bytes, the limit here", what,
                  limit);
    }
    if (content.size() == content.capacity())
      content.reserve(content.size() + std::min(content.size(), chunk));
  }
}

// check_readable refuses what reading makes no sense of; `status` is that of the opened file.
Result<void> check_readable(const struct stat& status, std::size_t limit, const std::string& name) {
  if (S_ISDIR(status.st_mode)) return fail(ErrorKind::invalid_input, "read {}: it is a folder", name);
  if (S_ISREG(status.st_mode) && std::cmp_greater(status.st_size, limit)) {
    return fail(ErrorKind::invalid_input, "read {}: it has {} bytes, the limit here is {}", name,
                status.st_size, limit);
  }
  return {};
}

Result<void> check_private(const struct stat& status, const std::string& name) {
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorKind::invalid_input, "read {}: it is not a regular file", name);
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail_with_advice(ErrorKind::invalid_input, fmt::format("run: chmod 600 {}", name),
                            "read {}: others than its owner have access to it (mode {:04o})", name,
                            static_cast<unsigned>(status.st_mode) & 07777U);
  }
  return {};
}

enum class Privacy { any, owner_only };

Result<Secret> read_path(const std::filesystem::path& path, std::size_t limit, Privacy privacy) {
  const std::string name = shown(path);
  // A private file is a regular one: without O_NONBLOCK, opening a pipe would wait for its writer first.
  const int flags = privacy == Privacy::owner_only ? O_RDONLY | O_NONBLOCK : O_RDONLY;
  const Descriptor file = open_again(AT_FDCWD, path, flags);
  if (!file.is_open()) return system_failed("open", name);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return system_failed("read", name);
  if (auto ok = check_readable(status, limit, name); !ok) return std::unexpected(std::move(ok.error()));
  if (privacy == Privacy::owner_only) {
    if (auto ok = check_private(status, name); !ok) return std::unexpected(std::move(ok.error()));
  }
  const std::size_t hint = S_ISREG(status.st_mode) ? static_cast<std::size_t>(status.st_size) : 0;
  return read_all(file.get(), limit, hint, name);
}

// Place is the folder a file is written in, held open so that every step happens in the same one.
struct Place {
  Descriptor folder;
  std::string file;   // the last part of the path
  std::string shown;  // the whole path, for errors
};

Result<Place> place_of(const std::filesystem::path& path) {
  const std::filesystem::path file = path.filename();
  if (file.empty() || file == "." || file == "..") {
    return fail(ErrorKind::invalid_input, "write {}: this does not name a file", shown(path));
  }
  const std::filesystem::path folder =
      path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  Descriptor opened = open_again(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY);
  if (!opened.is_open()) return system_failed("open folder", shown(folder));
  return Place{std::move(opened), file.native(), shown(path)};
}

// complete makes a file just created hold `content`, on the disk and not only in the cache.
Result<void> complete(Descriptor& file, Bytes content, Mode mode, std::string_view what) {
  if (auto ok = write_descriptor(file.get(), content, what); !ok) return ok;
  const bool ok = ::fchmod(file.get(), static_cast<mode_t>(mode)) == 0 && ::fsync(file.get()) == 0;
  if (!ok) return system_failed("write", what);
  if (!file.close()) return system_failed("write", what);
  return {};
}

// Rename lets what is `from` in the folder be `to`; false: errno says why.
using Rename = bool (*)(int folder, const std::filesystem::path& from, const std::filesystem::path& to);

// write_beside writes a temporary file beside the place, and `rename` puts it there. It goes when that fails.
Result<void> write_beside(std::string_view doing, const Place& place, Bytes content, Mode mode,
                          Rename rename) {
  const int folder = place.folder.get();
  const std::string temporary = fmt::format(".keyway-{}.tmp", to_hex(system_random().bytes(8)));
  Descriptor file = create_exclusively(folder, temporary);
  if (!file.is_open()) return system_failed(doing, place.shown);
  auto written = complete(file, content, mode, place.shown);
  if (written && !rename(folder, temporary, place.file)) written = system_failed(doing, place.shown);
  if (!written) {
    ::unlinkat(folder, temporary.c_str(), 0);
    return written;
  }
  // The folder's new entry is to survive a crash as well. Others may use the file by now, so it stays.
  if (::fsync(folder) == 0) return {};
  return std::unexpected(system_failed("write the folder of", place.shown)
                             .error()
                             .with_advice("the new file is in place, but a crash now may undo it"));
}

// Whether a file may take the place of what is there. What a link leads to counts as well: /dev/stdout is
// one.
Result<void> check_replaceable(const Place& place) {
  const int folder = place.folder.get();
  // /dev/stdout may lead to a regular file, and must stay a link all the same.
  std::error_code ignored;
  const std::string above = std::filesystem::canonical(fmt::format("/proc/self/fd/{}", folder), ignored);
  if (above == "/dev" || above.starts_with("/proc/"))
    return fail_with_advice(ErrorKind::invalid_input, "name a file, or '-' for standard output",
                            "write {}: this is no place for files", place.shown);
  struct stat own{}, target{};
  if (::fstatat(folder, place.file.c_str(), &own, AT_SYMLINK_NOFOLLOW) != 0) return {};
  const bool is_link = S_ISLNK(own.st_mode);
  const bool leads_somewhere = is_link && ::fstatat(folder, place.file.c_str(), &target, 0) == 0;
  const bool is_good = is_link ? !leads_somewhere || S_ISREG(target.st_mode) : S_ISREG(own.st_mode);
  if (is_good || S_ISDIR(own.st_mode)) return {};  // a folder has an error of its own
  return fail_with_advice(ErrorKind::invalid_input, "name a file, or '-' for standard output",
                          "write {}: it is not a regular file", place.shown);
}

bool replace(int folder, const std::filesystem::path& from, const std::filesystem::path& to) {
  return ::renameat(folder, from.c_str(), folder, to.c_str()) == 0;
}

// check_free finds what there is before anything is written. What comes there later is found by renaming.
Result<void> check_free(const Place& place) {
  struct stat status{};
  if (::fstatat(place.folder.get(), place.file.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return {};
  errno = EEXIST;
  return system_failed("create", place.shown);
}

}  // namespace

Result<Secret> read_file(const std::filesystem::path& path, std::size_t limit) {
  return read_path(path, limit, Privacy::any);
}

Result<Secret> read_private_file(const std::filesystem::path& path, std::size_t limit) {
  return read_path(path, limit, Privacy::owner_only);
}

Result<Secret> read_descriptor(int fd, std::size_t limit, std::string_view what) {
  return read_all(fd, limit, 0, what);
}

Result<Secret> first_line(const Secret& content, std::string_view what) {
  const Text text = content.reveal_text();
  const Text line = text.substr(0, text.find_first_of("\r\n"));
  if (line.empty())
    return fail(ErrorKind::invalid_input, "the first line of {} is empty", printable(what, 4096));
  return Secret(line);
}

Result<void> write_descriptor(int fd, Bytes content, std::string_view what) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), std::min(content.size(), chunk));
    if (n < 0 && !wait_until(fd, POLLOUT)) return system_failed("write", what);
    if (n > 0) content = content.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> write_file(const std::filesystem::path& path, Bytes content, Mode mode) {
  auto place = place_of(path);
  if (!place) return std::unexpected(std::move(place.error()));
  if (auto good = check_replaceable(*place); !good) return good;
  return write_beside("write", *place, content, mode, replace);
}

Result<void> create_file(const std::filesystem::path& path, Bytes content, Mode mode) {
  auto place = place_of(path);
  if (!place) return std::unexpected(std::move(place.error()));
  if (auto is_free = check_free(*place); !is_free) return is_free;
  return write_beside("create", *place, content, mode, rename_exclusively);
}

}  // namespace keyway
