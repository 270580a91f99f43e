// The steps of which writing a file is made, for core/file and for the keyring's database. Not installed.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include <sys/types.h>

#include <core/error.h>

namespace keyway {

// shown is a path as errors name it.
std::string shown(const std::filesystem::path& path);

// Descriptor closes what it owns.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) noexcept : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();
  int get() const noexcept { return fd_; }
  bool is_open() const noexcept { return fd_ >= 0; }

  // close tells of an error that only closing shows (a full disk on NFS).
  bool close() noexcept;

 private:
  int fd_;
};

// system_failed is the error of a system call, from errno as that left it. Kinds: not_found; invalid_input
// (no right to it, read-only, a name that will not do); internal (disk full, I/O).
std::unexpected<Error> system_failed(std::string_view doing, std::string_view what);

// What stands below gives something that is not open, or false, when it fails, and errno says why. Names are
// those in `folder`, which is AT_FDCWD for whole paths.

// open_again is openat(2), again when a signal came, and without a chance for the programs we start.
Descriptor open_again(int folder, const std::filesystem::path& name, int flags, mode_t mode = 0);
// create_exclusively makes an empty file to read and write, mode 0600 whatever the umask. EEXIST: there is
// something of that name, be it a link to nothing.
Descriptor create_exclusively(int folder, const std::filesystem::path& name);
// rename_exclusively is renameat2(2) with RENAME_NOREPLACE, also on filesystems that do not know it; there a
// crash may leave both names. EEXIST as above.
bool rename_exclusively(int folder, const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace keyway
