#include <algorithm>
#include <atomic>
#include <deque>
#include <system_error>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <asio/strand.hpp>
#include <asio/use_awaitable.hpp>

#include <core/net/stream.h>
#include <kmip/client/client.h>
#include <kmip/client/tries.h>
#include <kmip/wire/framing.h>
#include <kmip/wire/negotiation.h>

namespace keyway::kmip {

namespace {

using SteadyClock = std::chrono::steady_clock;
using net::Deadline;

// For a request that changes something and whose answer did not come.
constexpr std::string_view doubt = "the request may have been carried out: look before you repeat it";

template <class T>
Error error_of(const Result<T>& result) {
  return result.error();
}

}  // namespace

// Impl lives on a strand. It is shared with the coroutine that works through the queue, which therefore never
// outlives what it uses.
class Client::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(const asio::any_io_executor& executor, ClientSettings settings)
      : executor_(executor),
        strand_(asio::make_strand(executor)),
        settings_(std::move(settings)),
        endpoints_{settings_.endpoint},
        batch_limit_(std::max<std::size_t>(settings_.batch_limit, 1)) {
    endpoints_.insert(endpoints_.end(), settings_.others.begin(), settings_.others.end());
  }

  // Work is one entry of the queue.
  struct Work {
    CallId id = 0;
    std::optional<Call> call;  // none: only connect, or send the message below
    std::move_only_function<void(Result<ServerFacts>)> connected;
    SecretBuffer message;
    std::move_only_function<void(Result<SecretBuffer>)> exchanged;
    bool cancelled = false;
  };

  void enqueue(Work work) {
    asio::post(strand_, [self = shared_from_this(), work = std::move(work)]() mutable {
      if (self->ended_) return finish(work, cancelled());
      self->queue_.push_back(std::move(work));
      if (!self->running_) self->run();
    });
  }

  void cancel(CallId id) {
    asio::post(strand_, [self = shared_from_this(), id] {
      if (self->current_ == id) {
        self->give_up_current();
        return;
      }
      const auto at = std::ranges::find(self->queue_, id, &Work::id);
      if (at == self->queue_.end()) return;
      Work work = std::move(*at);
      self->queue_.erase(at);
      finish(work, cancelled());
    });
  }

  void end() {
    asio::post(strand_, [self = shared_from_this()] {
      self->ended_ = true;
      self->give_up_current();
      for (Work& work : self->queue_) finish(work, cancelled());
      self->queue_.clear();
    });
  }

  CallId next_id() { return ++last_id_; }
  const asio::any_io_executor& executor() const { return executor_; }
  const ClientSettings& settings() const { return settings_; }

 private:
  static std::unexpected<Error> cancelled() { return fail(ErrorKind::cancelled, "the call was cancelled"); }

  static void finish(Work& work, std::unexpected<Error> error) {
    if (work.connected) return work.connected(error);
    if (work.exchanged) return work.exchanged(error);
    std::vector<Result<RawReply>> answers;
    for (std::size_t i = 0; i < work.call->questions.size(); ++i) answers.emplace_back(error);
    work.call->done(std::move(answers));
  }

  void run() {
    running_ = true;
    asio::co_spawn(strand_, work_through_queue(shared_from_this()), asio::detached);
  }

  static asio::awaitable<void> work_through_queue(std::shared_ptr<Impl> self) {
    while (!self->queue_.empty()) {
      Work work = std::move(self->queue_.front());
      self->queue_.pop_front();
      self->current_ = work.id;
      self->current_cancelled_ = self->ended_;
      const Deadline deadline = SteadyClock::now() + self->settings_.request_timeout;
      if (work.call) {
        auto answers = co_await self->answer_all(work.call->questions, deadline);
        self->current_ = 0;
        work.call->done(std::move(answers));
      } else if (work.exchanged) {
        auto answer = co_await self->exchange_message(work.message.view(), deadline);
        self->current_ = 0;
        work.exchanged(std::move(answer));
      } else {
        Tries tries(self->endpoints_.size());
        auto ready = co_await self->make_ready(tries, Ready::negotiated, deadline);
        self->current_ = 0;
        if (ready)
          work.connected(self->facts_);
        else
          work.connected(std::unexpected(std::move(ready.error())));
      }
    }
    self->running_ = false;
  }

  // Cuts the questions to batches, and to smaller ones when the server turns out to take no such batches.
  asio::awaitable<std::vector<Result<RawReply>>> answer_all(std::span<const Question> questions,
                                                            Deadline deadline) {
    std::vector<Result<RawReply>> answers;
    answers.reserve(questions.size());
    std::size_t limit = batch_limit_;
    while (answers.size() < questions.size()) {
      const auto batch =
          questions.subspan(answers.size(), std::min(limit, questions.size() - answers.size()));
      auto part = co_await answer_batch(batch, deadline);
      if (batch.size() > 1 && refuses_batch(part)) {
        limit = batch.size() / 2;
        continue;
      }
      // Remembered only when it helped: a server may refuse everything for one and the same other reason.
      if (limit < batch_limit_ && std::ranges::any_of(part, [](const auto& answer) { return !!answer; }))
        batch_limit_ = limit;
      std::ranges::move(part, std::back_inserter(answers));
    }
    co_return answers;
  }

  // A server that takes no batches, or none so long, refuses the message as a whole or answers its first
  // items only.
  static bool refuses_batch(const std::vector<Result<RawReply>>& answers) {
    const auto reason = [](const Result<RawReply>& answer) -> std::optional<ResultReason> {
      if (answer || !answer.error().refusal) return std::nullopt;
      return static_cast<ResultReason>(answer.error().refusal->reason);
    };
    const bool as_a_whole = std::ranges::all_of(answers, [&](const auto& answer) {
      return reason(answer) && reason(answer) == reason(answers.front());
    });
    return std::ranges::any_of(answers, [&](const auto& answer) {
      if (answer) return false;
      if (!answer.error().refusal) return answer.error().kind == ErrorKind::refused;  // not answered
      switch (*reason(answer)) {
        case ResultReason::ResponseTooLarge: return true;
        case ResultReason::InvalidMessage:
        case ResultReason::FeatureNotSupported:
        case ResultReason::GeneralFailure:
        case ResultReason::ServerLimitExceeded: return as_a_whole;
        default: return false;
      }
    });
  }

  asio::awaitable<std::vector<Result<RawReply>>> answer_batch(std::span<const Question> questions,
                                                              Deadline deadline) {
    const bool repeatable =
        std::ranges::all_of(questions, [](const Question& q) { return is_safe_to_repeat(q); });
    std::vector<Result<RawReply>> answers;
    Tries tries(endpoints_.size());
    for (;;) {
      auto ready = co_await make_ready(tries, Ready::negotiated, deadline);
      Result<std::vector<Result<RawReply>>> exchanged = std::unexpected(Error{});
      in_doubt_ = ready && !repeatable;
      if (ready)
        exchanged = co_await exchange_questions(questions, deadline);
      else
        exchanged = std::unexpected(std::move(ready.error()));
      if (exchanged) co_return std::move(*exchanged);
      if (current_cancelled_) exchanged = cancelled();
      if (ready && is_lost(error_of(exchanged))) {
        const bool may_go_again = repeatable && nothing_read_ && SteadyClock::now() < deadline;
        const bool was_idle = leave_address(deadline);
        if (may_go_again && was_idle) continue;
        if (repeatable) tries.failed(std::move(exchanged.error()), Tries::Reached::server);
        if (may_go_again && !tries.over()) continue;
        if (repeatable) exchanged = std::unexpected(tries.error());
      }
      if (in_doubt_ && exchanged.error().advice.empty()) exchanged.error().advice = doubt;
      for (std::size_t i = 0; i < questions.size(); ++i)
        answers.emplace_back(std::unexpected(exchanged.error()));
      co_return answers;
    }
  }

  asio::awaitable<Result<std::vector<Result<RawReply>>>> exchange_questions(
      std::span<const Question> questions, Deadline deadline) {
    outbox_.clear();
    const RequestOptions options{version_, settings_.login.get(), {}};
    if (auto written = write_request(outbox_, questions, options); !written) {
      in_doubt_ = false;
      co_return std::unexpected(std::move(written.error()));
    }
    auto message = co_await exchange(deadline);
    if (!message) co_return std::unexpected(std::move(message.error()));
    const Settings lenient{version_, Mode::lenient, settings_.limits};
    auto kept = std::make_shared<const SecretBuffer>(std::move(*message));
    auto answers = read_answers(kept->view(), questions, lenient, &facts_.forgiven);
    if (!answers) {
      drop_connection();
      co_return std::unexpected(with_peer(std::move(answers.error())));
    }
    std::vector<Result<RawReply>> replies;
    replies.reserve(answers->size());
    for (Result<Raw>& answer : *answers) {
      if (answer)
        replies.emplace_back(RawReply{kept, *answer, lenient});
      else
        replies.emplace_back(std::unexpected(std::move(answer.error())));
    }
    co_return replies;
  }

  // Sends a message of the caller's own: in no version of ours, and never twice, since it may do anything.
  asio::awaitable<Result<SecretBuffer>> exchange_message(Bytes message, Deadline deadline) {
    Tries tries(endpoints_.size());
    if (auto connected = co_await make_ready(tries, Ready::connected, deadline); !connected)
      co_return std::unexpected(std::move(connected.error()));
    outbox_.clear();
    outbox_.append(message);
    in_doubt_ = true;
    auto answer = co_await exchange(deadline);
    if (!answer && is_lost(answer.error())) leave_address(deadline);
    if (!answer && answer.error().advice.empty()) answer.error().advice = doubt;
    co_return answer;
  }

  enum class Ready { connected, negotiated };

  // Makes the connection ready, at the first of the addresses left that will do.
  asio::awaitable<Result<void>> make_ready(Tries& tries, Ready wanted, Deadline deadline) {
    in_doubt_ = false;
    is_fresh_ = false;
    for (;;) {
      const bool was_open = has_connection();
      auto ready = co_await reach(wanted, tries.share(deadline));
      nothing_read_ = true;
      if (ready || current_cancelled_ || !is_lost(ready.error())) co_return ready;
      const bool in_time = SteadyClock::now() < deadline;
      // An open connection may have been closed while it was idle, which says nothing about the server.
      if (was_open && in_time) continue;
      tries.failed(std::move(ready.error()), is_fresh_ ? Tries::Reached::server : Tries::Reached::nothing);
      go_to_next_address();
      if (tries.over() || !in_time) co_return std::unexpected(tries.error());
    }
  }

  // Negotiates the version once for each connection.
  asio::awaitable<Result<void>> reach(Ready wanted, Deadline deadline) {
    if (auto connected = co_await make_connection(deadline); !connected) co_return connected;
    if (negotiated_ || wanted == Ready::connected) co_return Result<void>{};
    negotiating_ = true;
    auto negotiated = co_await negotiate(deadline);
    negotiating_ = false;
    negotiated_ = negotiated.has_value();
    if (!negotiated) drop_connection();
    co_return negotiated;
  }

  // Connects when there is no connection that can be used.
  asio::awaitable<Result<void>> make_connection(Deadline deadline) {
    if (current_cancelled_) co_return cancelled();
    if (has_connection()) co_return Result<void>{};
    drop_connection();
    negotiated_ = is_fresh_ = false;
    const Deadline connect_deadline = std::min(deadline, SteadyClock::now() + settings_.connect_timeout);
    auto stream = co_await connect(connect_deadline);
    if (current_cancelled_) co_return cancelled();
    if (!stream) co_return std::unexpected(std::move(stream.error()));
    stream_.emplace(std::move(*stream));
    is_fresh_ = true;
    facts_.peer = stream_->peer();
    facts_.tls_protocol = stream_->protocol();
    facts_.peer_subject = stream_->peer_subject();
    last_use_ = SteadyClock::now();
    co_return Result<void>{};
  }

  // Whether the connection is to blame, and not what came over it: another address may do.
  static bool is_lost(const Error& error) { return error.kind == ErrorKind::unreachable; }

  // After a request was lost the next one tries the next address, unless a connection was only closed while
  // it was idle; gives whether that is what happened.
  bool leave_address(Deadline deadline) {
    const bool was_idle = !is_fresh_ && nothing_read_ && SteadyClock::now() < deadline;
    if (!was_idle) go_to_next_address();
    return was_idle;
  }
  void go_to_next_address() { at_ = (at_ + 1) % endpoints_.size(); }

  // Connecting is the one step that closing a stream cannot end, because there is none yet: a signal does.
  asio::awaitable<Result<net::Stream>> connect(Deadline deadline) {
    std::optional<Result<net::Stream>> connected;
    try {
      co_await asio::co_spawn(strand_, connect_to(endpoints_[at_], settings_.tls, deadline, &connected),
                              asio::bind_cancellation_slot(connecting_.slot(), asio::use_awaitable));
    } catch (const std::system_error&) {
      // How Asio ends a coroutine that the signal found between two steps.
    }
    if (!connected) co_return cancelled();
    co_return std::move(*connected);
  }

  static asio::awaitable<void> connect_to(net::Endpoint endpoint, std::shared_ptr<const net::TlsContext> tls,
                                          Deadline deadline, std::optional<Result<net::Stream>>* connected) {
    auto connecting = net::Stream::connect(std::move(endpoint), std::move(tls), deadline);
    connected->emplace(co_await std::move(connecting));
  }

  asio::awaitable<Result<void>> negotiate(Deadline deadline) {
    // What one connection found out holds for the next: the server's version changes with a restart at most,
    // and then it refuses, which starts this anew.
    Negotiation negotiation(settings_.version);
    while (!negotiation.done()) {
      outbox_.clear();
      if (auto written = negotiation.write_question(outbox_, settings_.login.get()); !written)
        co_return written;
      auto message = co_await exchange(deadline);
      if (!message) co_return std::unexpected(std::move(message.error()));
      if (auto read = negotiation.read_answer(message->view(), settings_.limits); !read)
        co_return std::unexpected(with_peer(std::move(read.error())));
    }
    version_ = facts_.version = negotiation.version();
    co_return Result<void>{};
  }

  // Sends outbox_ and reads one message: the only loop that touches the connection.
  asio::awaitable<Result<SecretBuffer>> exchange(Deadline deadline) {
    if (settings_.trace) settings_.trace(Direction::sent, outbox_.view());
    auto sent = co_await stream_->write(outbox_.view(), deadline);
    outbox_.clear();
    if (!sent) co_return stop(std::move(sent.error()));
    Frame frame(Tag::ResponseMessage, settings_.limits);
    while (!frame.complete()) {
      auto n = co_await stream_->read_some(frame.inbox(), deadline);
      if (!n) co_return stop(std::move(n.error()));
      if (*n == 0) co_return stop(closed_early(frame));
      nothing_read_ = false;
      if (auto taken = frame.received(*n); !taken) co_return stop(std::move(taken.error()));
    }
    last_use_ = SteadyClock::now();
    SecretBuffer message = frame.take();
    if (settings_.trace) settings_.trace(Direction::received, message.view());
    co_return message;
  }

  Error closed_early(const Frame& frame) const {
    if (frame.started()) {
      const std::string of =
          frame.expected_size() > 0 ? fmt::format(" of {}", frame.expected_size()) : std::string();
      return Error{ErrorKind::unreachable,
                   fmt::format("{} closed the connection in the middle of its answer, after {}{} bytes",
                               facts_.peer, frame.arrived(), of),
                   {},
                   {}};
    }
    std::string advice = "the server may not accept this client certificate, or may be restarting";
    if (negotiating_) advice += "; if it closes on protocol versions it does not know, insist on one it has";
    if (in_doubt_) advice += fmt::format("; {}", doubt);
    return Error{ErrorKind::unreachable,
                 fmt::format("{} closed the connection without an answer", facts_.peer),
                 std::move(advice),
                 {}};
  }

  std::unexpected<Error> stop(Error error) {
    drop_connection();
    if (current_cancelled_) return cancelled();
    return std::unexpected(with_peer(std::move(error)));
  }

  Error with_peer(Error error) const {
    if (error.what.find(facts_.peer) == std::string::npos) error.what = facts_.peer + ": " + error.what;
    return error;
  }

  bool has_connection() const {
    return stream_ && stream_->is_open() && SteadyClock::now() - last_use_ <= settings_.idle_limit;
  }

  void give_up_current() {
    current_cancelled_ = true;
    connecting_.emit(asio::cancellation_type::terminal);
    drop_connection();
  }

  // A closed stream stays where it is while an operation of it may still be under way.
  void drop_connection() {
    if (stream_) stream_->close();
    if (current_ == 0 || !stream_) stream_.reset();
  }

  asio::any_io_executor executor_;
  asio::strand<asio::any_io_executor> strand_;
  ClientSettings settings_;
  std::vector<net::Endpoint> endpoints_;
  std::size_t at_ = 0;  // the one in use, or to be tried first

  std::deque<Work> queue_;
  bool running_ = false;
  bool ended_ = false;
  CallId current_ = 0;  // what work_through_queue is busy with; 0: nothing
  bool current_cancelled_ = false;
  asio::cancellation_signal connecting_;
  std::atomic<CallId> last_id_ = 0;

  std::optional<net::Stream> stream_;
  SteadyClock::time_point last_use_;
  bool negotiating_ = false;
  bool negotiated_ = false;  // on this connection
  bool is_fresh_ = false;    // the connection was made for the current request
  bool nothing_read_ = true;
  bool in_doubt_ = false;    // the current request changes something and may have reached the server
  std::size_t batch_limit_;  // what the server is known to take
  Version version_ = oldest_version;
  ServerFacts facts_;
  SecretBuffer outbox_;
};

Client::Client(const asio::any_io_executor& executor, ClientSettings settings)
    : impl_(std::make_shared<Impl>(executor, std::move(settings))) {}

Client::~Client() { stop(); }

void Client::stop() {
  if (!stopped_.exchange(true)) impl_->end();
}

const asio::any_io_executor& Client::executor() const { return impl_->executor(); }
const ClientSettings& Client::settings() const { return impl_->settings(); }

Client::CallId Client::submit(Call call) {
  Impl::Work work;
  const CallId id = work.id = impl_->next_id();
  work.call = std::move(call);
  impl_->enqueue(std::move(work));
  return id;
}

Client::CallId Client::connect(std::move_only_function<void(Result<ServerFacts>)> done) {
  Impl::Work work;
  const CallId id = work.id = impl_->next_id();
  work.connected = std::move(done);
  impl_->enqueue(std::move(work));
  return id;
}

Client::CallId Client::exchange(SecretBuffer message,
                                std::move_only_function<void(Result<SecretBuffer>)> done) {
  Impl::Work work;
  const CallId id = work.id = impl_->next_id();
  work.message = std::move(message);
  work.exchanged = std::move(done);
  impl_->enqueue(std::move(work));
  return id;
}

std::move_only_function<void()> Client::canceller(CallId id) const {
  return [weak = std::weak_ptr(impl_), id] {
    if (const auto impl = weak.lock()) impl->cancel(id);
  };
}

}  // namespace keyway::kmip
