#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <core/file.h>
#include <tools/kmsctl/exec.h>

namespace keyway::kmsctl {

namespace {

std::unexpected<Error> no_process(std::string_view filesystem, int number) {
  return fail(ErrorKind::internal, "cannot start the command for {}: {}", filesystem, std::strerror(number));
}

// Environment is this process's with KEYWAY_FS, and without the variables that are hidden.
class Environment {
 public:
  Environment(const std::string& filesystem, const std::vector<std::string>& hidden)
      : ours_("KEYWAY_FS=" + filesystem) {
    for (char** entry = ::environ; *entry != nullptr; ++entry) {
      const std::string_view text(*entry);
      const std::string_view variable = text.substr(0, text.find('='));
      if (variable != "KEYWAY_FS" && std::ranges::find(hidden, variable) == hidden.end())
        entries_.push_back(*entry);
    }
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

// ProcessWatch has a descriptor of each process, which can be polled for its end.
class ProcessWatch {
 public:
  template <class Range, class Member>
  ProcessWatch(const Range& range, Member process) {
    for (const auto& one : range) {
      const auto fd = static_cast<int>(::syscall(SYS_pidfd_open, one.*process, 0U));  // closed in children
      is_whole_ = is_whole_ && fd >= 0;
      if (fd >= 0) ends_.push_back({.fd = fd, .events = POLLIN, .revents = 0});
    }
  }
  ~ProcessWatch() {
    for (const pollfd& end : ends_) ::close(end.fd);
  }
  ProcessWatch(const ProcessWatch&) = delete;
  ProcessWatch& operator=(const ProcessWatch&) = delete;

  // wait ends with the first of them, after `milliseconds`, or by a signal. False: there is nothing to wait
  // by.
  bool wait(int milliseconds) {
    return is_whole_ && (::poll(ends_.data(), ends_.size(), milliseconds) >= 0 || errno == EINTR);
  }

 private:
  std::vector<pollfd> ends_;
  bool is_whole_ = true;
};

}  // namespace

Result<void> KeyCommands::start(const std::string& filesystem, const Secret& key) {
  while (running_.size() >= settings_.limit) wait_for_one();
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
  const Environment environment(filesystem, settings_.hidden_variables);
  SpawnPlan plan;
  plan.duplicate(input, STDIN_FILENO);
  if (settings_.output_to_stderr) plan.duplicate(STDERR_FILENO, STDOUT_FILENO);
  plan.close_others();
  std::string shell = "sh", option = "-c", command = settings_.command;
  char* const arguments[] = {shell.data(), option.data(), command.data(), nullptr};
  pid_t process = 0;
  const int failed =
      ::posix_spawn(&process, "/bin/sh", plan.actions(), plan.attributes(), arguments, environment.get());
  if (failed != 0) return no_process(filesystem, failed);
  running_.push_back({process, filesystem, Clock::now() + settings_.patience});
  return {};
}

// name_slow_ones gives the milliseconds until the next is slow; -1 when all have been named.
int KeyCommands::name_slow_ones() {
  const auto now = Clock::now();
  std::chrono::milliseconds next{-1};
  for (Running& running : running_) {
    if (running.is_named) continue;
    if (running.slow_at <= now) {
      running.is_named = true;
      if (settings_.on_slow) settings_.on_slow(running.filesystem);
      continue;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(running.slow_at - now);
    next = next.count() < 0 ? left : std::min(next, left);
  }
  return static_cast<int>(next.count());
}

// Waits for a child, and names the slow ones meanwhile. Where the kernel has no descriptors for processes,
// nobody is named.
pid_t KeyCommands::next_ended(int& status) {
  for (;;) {
    const int patience = name_slow_ones();
    const pid_t ended = ::waitpid(-1, &status, patience < 0 ? 0 : WNOHANG);  // there are no other children
    if (ended != 0) return ended;
    ProcessWatch watch(running_, &Running::process);
    if (!watch.wait(patience)) return ::waitpid(-1, &status, 0);
  }
}

void KeyCommands::wait_for_one() {
  int status = 0;
  const pid_t ended = next_ended(status);
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
