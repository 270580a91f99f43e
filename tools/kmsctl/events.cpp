#include <cerrno>
#include <csignal>
#include <memory>

#include <nlohmann/json.hpp>
#include <poll.h>
#include <unistd.h>

#include <tools/kmsctl/command.h>
#include <tools/kmsctl/keyring_options.h>
#include <tools/kmsctl/words.h>

namespace keyway::kmsctl {

namespace {

struct EventsOptions {
  KeyringOptions keyring;
  std::size_t limit = 50;
  bool follow = false;
};

volatile std::sig_atomic_t is_ended = 0;
void end_following(int) { is_ended = 1; }

// Lets SIGINT and SIGTERM end the waiting, and only that: they are held back while the database is read.
class EndSignals {
 public:
  EndSignals() {
    struct sigaction action = {};
    action.sa_handler = end_following;
    sigset_t ending;
    ::sigemptyset(&ending);
    for (const int signal : {SIGINT, SIGTERM}) {
      ::sigaddset(&ending, signal);
      ::sigaction(signal, &action, nullptr);
    }
    ::sigprocmask(SIG_BLOCK, &ending, &before_);
  }

  // wait is true until a signal came, or the reader of stdout is gone.
  bool wait(std::chrono::milliseconds time) const {
    pollfd out{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
    const timespec limit{.tv_sec = time.count() / 1000, .tv_nsec = time.count() % 1000 * 1'000'000};
    const int ready = ::ppoll(&out, 1, &limit, &before_);
    return is_ended == 0 && (ready == 0 || (ready < 0 && errno == EINTR));
  }

 private:
  sigset_t before_{};
};

std::string line_of(const keyring::Event& event, bool json) {
  if (!json)
    return fmt::format("{}  {:<14}{}{}  {}\n", time_text(event.at), event.kind,
                       event.filesystem.empty() ? "" : "  ", printable(event.filesystem, 256),
                       printable(event.detail, 2048));
  nlohmann::ordered_json line;
  line["number"] = event.number;
  line["at"] = time_text(event.at);
  line["kind"] = event.kind;
  line["filesystem"] = event.filesystem;
  line["detail"] = event.detail;
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Result<void> print_events(const cli::Console& console, const std::vector<keyring::Event>& events) {
  std::string text;
  for (const keyring::Event& event : events) text += line_of(event, console.json());
  return text.empty() ? Result<void>() : console.data(bytes_of(text));
}

// The events after number `after`; the last one alone when the database is an older one by now.
Result<std::vector<keyring::Event>> news(const EventsOptions& options, keyring::RowId after) {
  constexpr std::size_t page = 1000;
  auto open = open_keyring(options.keyring);
  if (!open) return std::unexpected(std::move(open.error()));
  auto last = open->ring.last_events(1);
  if (!last || (!last->empty() && last->back().number < after)) return last;
  return open->ring.events_after(after, page);
}

// The database is opened anew each time, so that nothing keeps a restore out.
Exit follow(const EventsOptions& options, const cli::Console& console, keyring::RowId after) {
  constexpr std::chrono::milliseconds pause{500};
  const EndSignals signals;
  while (signals.wait(pause)) {
    const auto events = news(options, after);
    if (!events && events.error().kind == ErrorKind::unreachable) continue;  // somebody writes for long
    if (!events) return console.failed(events.error());
    if (!print_events(console, *events)) return Exit::done;  // nobody reads any more
    if (!events->empty()) after = events->back().number;
  }
  return Exit::done;
}

Exit run(const EventsOptions& options, const Session& session) {
  const cli::Console& console = session.console;
  keyring::RowId last = 0;
  {
    auto open = open_keyring(options.keyring);
    if (!open) return console.failed(open.error());
    const auto newest = open->ring.last_events(1);
    if (!newest) return console.failed(newest.error());
    if (!newest->empty()) last = newest->back().number;
    if (options.limit > 0) {
      const auto events = open->ring.last_events(options.limit);
      if (!events) return console.failed(events.error());
      if (auto printed = print_events(console, *events); !printed) return console.failed(printed.error());
      if (!events->empty()) last = events->back().number;
    }
  }
  return options.follow ? follow(options, console, last) : Exit::done;
}

}  // namespace

Runner declare_events(CLI::App& app) {
  const auto options = std::make_shared<EventsOptions>();
  app.description(
      "list what was changed, oldest first: who set which KMS, which filesystem was made, moved or "
      "removed. With --json a line for each");
  app.add_flag("--follow", options->follow, "go on with those to come, until interrupted");
  app.add_option("--limit", options->limit, "how many of the latest to begin with")->capture_default_str();
  declare(app, options->keyring, Asks::nobody);
  return [options](const Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmsctl
