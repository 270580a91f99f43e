// A command of the user's for each filesystem, with the key on its standard input.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

#include <core/error.h>
#include <core/secret.h>
#include <keyring/keyring.h>

namespace keyway::kmsctl {

struct KeyCommandSettings {
  std::string command;
  std::size_t limit = 1;          // commands at once
  bool output_to_stderr = false;  // what they print goes to stderr, so that stdout is this program's
  std::vector<std::string> hidden_variables;  // of the environment, which the commands do not get
  // Called once for each command that runs longer, while there is nothing to do but wait for one.
  std::function<void(const std::string& filesystem)> on_slow = {};
  std::chrono::milliseconds patience{30'000};
};

// KeyCommands runs `/bin/sh -c COMMAND`, at most `limit` at once. Each has the key (its bytes, and nothing
// else) on its standard input and the filesystem's name in KEYWAY_FS. For one thread. Its destructor waits.
class KeyCommands {
 public:
  explicit KeyCommands(KeyCommandSettings settings) : settings_(std::move(settings)) {}
  ~KeyCommands() { finish(); }
  KeyCommands(const KeyCommands&) = delete;
  KeyCommands& operator=(const KeyCommands&) = delete;

  // start waits until fewer than `limit` run, and starts one more. Error: internal, no process can be made.
  Result<void> start(const std::string& filesystem, const Secret& key);
  // finish waits for all.
  void finish();

  // Those that ended with another exit code than 0, or by a signal; complete after finish().
  const std::vector<keyring::Failure>& failures() const { return failures_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Running {
    pid_t process;
    std::string filesystem;
    Clock::time_point slow_at;
    bool is_named = false;  // as a slow one
  };
  Result<void> spawn(const std::string& filesystem, int input);
  pid_t next_ended(int& status);
  int name_slow_ones();
  void wait_for_one();

  const KeyCommandSettings settings_;
  std::vector<Running> running_;
  std::vector<keyring::Failure> failures_;
};

}  // namespace keyway::kmsctl
