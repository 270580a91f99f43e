#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <core/file.h>
#include <tools/kmsctl/exec.h>

namespace keyway::kmsctl {

namespace {

std::unexpected<Error> no_process(std::string_view filesystem, int number) {
  return fail(ErrorKind::internal, "cannot start the command for {}: {}", filesystem, std::strerror(number));
}

// Environment is this process's with KEYWAY_FS.
class Environment {
 public:
  explicit Environment(const std::string& filesystem) : ours_("KEYWAY_FS=" + filesystem) {
    for (char** entry = ::environ; *entry != nullptr; ++entry)
      if (!std::string_view(*entry).starts_with("KEYWAY_FS=")) entries_.push_back(*entry);
    entries_.push_back(ours_.data());
    entries_.push_back(nullptr);
  }
  char* const* get() const { return entries_.data(); }

 private:
  std::string ours_;
  std::vector<char*> entries_;
};

// What is to be different in the command's process.
class SpawnPlan {
 public:
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    // This program ignores SIGPIPE; a command expects to die of it.
    sigset_t pipe;
    ::sigemptyset(&pipe);
    ::sigaddset(&pipe, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes_, &pipe);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnPlan() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  // Connections to the KMS are none of the command's business.
  void close_others() { ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1); }
  void duplicate(int from, int to) { ::posix_spawn_file_actions_adddup2(&actions_, from, to); }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

Result<void> KeyCommands::start(const std::string& filesystem, const Secret& key) {
  while (running_.size() >= limit_) wait_for_one();
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return no_process(filesystem, errno);
  // A key fits into any pipe, so it is there before its reader: no writing to a command that has ended.
  auto good = write_descriptor(ends[1], key.reveal(), "a pipe");
  ::close(ends[1]);
  if (good) good = spawn(filesystem, ends[0]);
  ::close(ends[0]);
  return good;
}

Result<void> KeyCommands::spawn(const std::string& filesystem, int input) {
  const Environment environment(filesystem);
  SpawnPlan plan;
  plan.duplicate(input, STDIN_FILENO);
  if (output_to_stderr_) plan.duplicate(STDERR_FILENO, STDOUT_FILENO);
  plan.close_others();
  std::string shell = "sh", option = "-c", command = command_;
  char* const arguments[] = {shell.data(), option.data(), command.data(), nullptr};
  pid_t process = 0;
  const int failed =
      ::posix_spawn(&process, "/bin/sh", plan.actions(), plan.attributes(), arguments, environment.get());
  if (failed != 0) return no_process(filesystem, failed);
  running_.push_back({process, filesystem});
  return {};
}

void KeyCommands::wait_for_one() {
  int status = 0;
  const pid_t ended = ::waitpid(-1, &status, 0);  // this program has no other children
  if (ended < 0 && errno == EINTR) return;
  const auto found = std::ranges::find(running_, ended, &Running::process);
  if (ended < 0) return running_.clear();
  if (found == running_.end()) return;
  std::string filesystem = std::move(found->filesystem);
  running_.erase(found);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  const std::string how = WIFSIGNALED(status) ? fmt::format("was ended by signal {}", WTERMSIG(status))
                                              : fmt::format("ended with {}", WEXITSTATUS(status));
  failures_.push_back(
      {std::move(filesystem), Error{ErrorKind::internal, fmt::format("the command {}", how), {}, {}}});
}

void KeyCommands::finish() {
  while (!running_.empty()) wait_for_one();
}

}  // namespace keyway::kmsctl
