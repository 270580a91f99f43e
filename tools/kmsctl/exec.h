// A command of the user's for each filesystem, with the key on its standard input.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include <core/error.h>
#include <core/secret.h>
#include <keyring/keyring.h>

namespace keyway::kmsctl {

// KeyCommands runs `/bin/sh -c COMMAND`, at most `limit` at once. Each has the key (its bytes, and nothing
// else) on its standard input and the filesystem's name in KEYWAY_FS. For one thread. Its destructor waits.
class KeyCommands {
 public:
  // With `output_to_stderr` what the commands print goes to stderr, so that stdout is this program's.
  KeyCommands(std::string command, std::size_t limit, bool output_to_stderr)
      : command_(std::move(command)), limit_(limit), output_to_stderr_(output_to_stderr) {}
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
  struct Running {
    pid_t process;
    std::string filesystem;
  };
  Result<void> spawn(const std::string& filesystem, int input);
  void wait_for_one();

  const std::string command_;
  const std::size_t limit_;
  const bool output_to_stderr_;
  std::vector<Running> running_;
  std::vector<keyring::Failure> failures_;
};

}  // namespace keyway::kmsctl
