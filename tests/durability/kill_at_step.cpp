// Preloaded into a program (LD_PRELOAD), it ends it by SIGKILL right before the KILL_AT_STEP-th call that
// changes a file or a folder. With KILL_AT_STEP=0 nothing happens but that the calls are counted, and their
// number is written to the file STEPS_TO at the end.
// Here open and open64 are two functions, and neither is inline.
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE
#include <atomic>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

long number_in(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? 0 : std::strtol(text, nullptr, 10);
}

std::atomic<long> steps = 0;

void step() {
  static const long last = number_in("KILL_AT_STEP");
  if (++steps == last) ::kill(::getpid(), SIGKILL);
}

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

// After main; by the system's own calls, which are counted no more.
struct AtEnd {
  ~AtEnd() {
    const char* path = std::getenv("STEPS_TO");
    std::FILE* file = path == nullptr ? nullptr : std::fopen(path, "w");
    if (file == nullptr) return;
    std::fprintf(file, "%ld\n", steps.load());
    std::fclose(file);
  }
} at_end;

mode_t mode_of(int flags, va_list arguments) {
  const bool has_mode = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  return has_mode ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

// The system's functions, each counted and passed on.
#define PASS_ON(type, name, parameters, ...)                \
  extern "C" type name parameters {                         \
    static auto* const next = real<type parameters>(#name); \
    step();                                                 \
    return next(__VA_ARGS__);                               \
  }

#define PASS_ON_OPEN(name, parameters, ...)                              \
  extern "C" int name parameters {                                       \
    static auto* const next = ::dlsym(RTLD_NEXT, #name);                 \
    va_list arguments;                                                   \
    va_start(arguments, flags);                                          \
    const mode_t mode = mode_of(flags, arguments);                       \
    va_end(arguments);                                                   \
    if ((flags & (O_CREAT | O_TRUNC)) != 0) step();                      \
    return reinterpret_cast<int(*) parameters>(next)(__VA_ARGS__, mode); \
  }

PASS_ON_OPEN(open, (const char* path, int flags, ...), path, flags)
PASS_ON_OPEN(open64, (const char* path, int flags, ...), path, flags)
PASS_ON_OPEN(openat, (int folder, const char* path, int flags, ...), folder, path, flags)
PASS_ON_OPEN(openat64, (int folder, const char* path, int flags, ...), folder, path, flags)
PASS_ON(ssize_t, write, (int fd, const void* data, size_t size), fd, data, size)
PASS_ON(ssize_t, pwrite, (int fd, const void* data, size_t size, off_t at), fd, data, size, at)
PASS_ON(ssize_t, pwrite64, (int fd, const void* data, size_t size, off64_t at), fd, data, size, at)
PASS_ON(int, ftruncate, (int fd, off_t size), fd, size)
PASS_ON(int, ftruncate64, (int fd, off64_t size), fd, size)
PASS_ON(int, fsync, (int fd), fd)
PASS_ON(int, fdatasync, (int fd), fd)
PASS_ON(int, fchmod, (int fd, mode_t mode), fd, mode)
PASS_ON(int, mkdir, (const char* path, mode_t mode), path, mode)
PASS_ON(int, link, (const char* from, const char* to), from, to)
PASS_ON(int, unlink, (const char* path), path)
PASS_ON(int, rename, (const char* from, const char* to), from, to)
PASS_ON(int, renameat2, (int a, const char* from, int b, const char* to, unsigned flags), a, from, b, to,
        flags)
PASS_ON(int, renameat, (int a, const char* from, int b, const char* to), a, from, b, to)
PASS_ON(int, linkat, (int a, const char* from, int b, const char* to, int flags), a, from, b, to, flags)
PASS_ON(int, unlinkat, (int folder, const char* path, int flags), folder, path, flags)
