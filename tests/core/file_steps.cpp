#include <cerrno>
#include <cstddef>

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <core/file.h>
#include <core/file_steps.h>
#include <tests/core/support.h>

using namespace keyway;
using test::ScratchFolder;

namespace {

// forget_renameat2 makes the call fail in this process from now on, as on a filesystem that does not know it.
bool forget_renameat2(unsigned error) {
  sock_filter steps[] = {
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_renameat2},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | error},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
  };
  const sock_fprog program{std::size(steps), steps};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace

TEST_CASE("rename_exclusively: does not replace, also where the system cannot say so") {
  constexpr int no_filters = 77;
  for (const unsigned error : {0U, unsigned{EINVAL}, unsigned{ENOSYS}}) {
    CAPTURE(error);
    const ScratchFolder folder;
    REQUIRE(create_file(folder / "from", bytes_of("new"), Mode::secret));
    REQUIRE(create_file(folder / "taken", bytes_of("old"), Mode::secret));
    std::filesystem::create_symlink("nowhere", folder / "dangling");
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      if (error != 0 && !forget_renameat2(error)) ::_exit(no_filters);
      for (const char* name : {"taken", "dangling"}) {
        const bool is_refused =
            !rename_exclusively(AT_FDCWD, folder / "from", folder / name) && errno == EEXIST;
        if (!is_refused) ::_exit(1);
      }
      ::_exit(rename_exclusively(AT_FDCWD, folder / "from", folder / "to") ? 0 : 2);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    if (WEXITSTATUS(status) == no_filters) {
      MESSAGE("this system lets no process filter its calls");
      continue;
    }
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(read_file(folder / "to", 10)->reveal_text() == "new");
    CHECK(read_file(folder / "taken", 10)->reveal_text() == "old");
    CHECK_FALSE(std::filesystem::exists(folder / "from"));
    CHECK(folder.entries() == 3);
  }
}

TEST_CASE("create_exclusively: an empty file for its owner, whatever the umask") {
  const ScratchFolder folder;
  const mode_t old_mask = ::umask(0777);
  const Descriptor made = create_exclusively(AT_FDCWD, folder / "file");
  ::umask(old_mask);
  REQUIRE(made.is_open());
  struct stat status{};
  REQUIRE(::fstat(made.get(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0600);
  CHECK_FALSE(create_exclusively(AT_FDCWD, folder / "file").is_open());
  CHECK(errno == EEXIST);
}

TEST_CASE("a Descriptor closes what it owns, once") {
  const ScratchFolder folder;
  Descriptor first = create_exclusively(AT_FDCWD, folder / "file");
  const int fd = first.get();
  Descriptor second = std::move(first);
  CHECK_FALSE(first.is_open());  // NOLINT(bugprone-use-after-move): what is left is what is tested
  CHECK(second.get() == fd);
  CHECK(second.close());
  CHECK_FALSE(second.is_open());
  CHECK(::fcntl(fd, F_GETFD) == -1);
}
