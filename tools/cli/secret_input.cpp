#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include <core/file.h>
#include <tools/cli/secret_input.h>

namespace keyway::cli {

namespace {

// Switches echo off for as long as it lives.
class NoEcho {
 public:
  explicit NoEcho(int fd) : fd_(fd), known_(::tcgetattr(fd, &before_) == 0) {
    if (!known_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(fd_, TCSAFLUSH, &quiet);
  }
  ~NoEcho() {
    if (known_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  int fd_;
  termios before_{};
  bool known_;
};

}  // namespace

Result<Secret> secret_from_file(const std::string& path, std::size_t limit) {
  auto content = read_file(path, limit);
  if (!content) return content;
  return first_line(*content, path);
}

std::optional<Secret> secret_from_environment(const char* variable) {
  const char* value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): read before threads start
  if (value == nullptr || *value == '\0') return std::nullopt;
  return Secret(Text(value));
}

Result<Secret> secret_from_terminal(std::string_view prompt, std::string_view otherwise) {
  const int fd = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    return fail_with_advice(ErrorKind::invalid_input, std::string(otherwise),
                            "there is no terminal to ask for {}", prompt);
  SecretBuffer typed;
  {
    const NoEcho quiet(fd);
    static_cast<void>(write_descriptor(fd, bytes_of(fmt::format("{}: ", prompt)), "the terminal"));
    std::byte one{};
    while (typed.size() < longest_typed_secret) {
      const ssize_t n = ::read(fd, &one, 1);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0 || one == std::byte{'\n'}) break;
      *typed.append(1) = one;
    }
    wipe({&one, 1});
    static_cast<void>(write_descriptor(fd, bytes_of("\n"), "the terminal"));
  }
  ::close(fd);
  return Secret(std::move(typed));
}

Result<Secret> ask_secret(const std::string& file, const char* variable, std::string_view prompt,
                          std::string_view otherwise) {
  if (!file.empty()) return secret_from_file(file);
  if (auto secret = secret_from_environment(variable)) return std::move(*secret);
  return secret_from_terminal(prompt, otherwise);
}

std::optional<Secret> secret_from_argument(int argc, char** argv, std::string_view option) {
  std::optional<Secret> found;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument(argv[i]);
    if (argument == "--") break;  // what follows are no options
    if (!argument.starts_with(option)) continue;
    char* value = nullptr;
    if (argument.size() > option.size() && argument[option.size()] == '=') {
      value = argv[i] + option.size() + 1;
    } else if (argument.size() == option.size() && i + 1 < argc) {
      value = argv[i + 1];
    }
    if (value == nullptr || *value == '\0') continue;
    found = Secret(Text(value));
    std::memset(value, '*', found->size());
  }
  return found;
}

void forbid_core_dumps() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

}  // namespace keyway::cli
