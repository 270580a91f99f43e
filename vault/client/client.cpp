#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <asio/strand.hpp>
#include <asio/use_awaitable.hpp>

#include <vault/client/client.h>
#include <vault/client/connections.h>
#include <vault/client/session.h>
#include <vault/verdict.h>

namespace keyway::vault {

namespace {

using asio::awaitable;
using net::Deadline;

// For a request that must not be sent twice and whose answer did not come.
constexpr std::string_view doubt =
    "the request may have been carried out, and a credential that is good once only be used up: look before "
    "you "
    "repeat it";

Error cancelled() { return Error{ErrorKind::cancelled, "the call was cancelled", {}, {}}; }

// The address that a standby names, for the same request. The token goes there, so it must be as safe a
// place.
Result<http::Url> redirected(const http::Url& from, const Question& question, const std::string& location) {
  const auto refuse = [&](std::string_view why) {
    return fail_with_advice(ErrorKind::unreachable, "check the api_addr of the server's nodes",
                            "{} redirects to {}, {}", http::to_string(from), printable(location, 256), why);
  };
  std::string_view base = location;
  if (!base.ends_with(question.path)) return refuse("which is another path");
  base.remove_suffix(question.path.size());
  auto to = http::parse_url(base);
  if (!to) return refuse("which is no address of a Vault server");
  using Scheme = http::Url::Scheme;
  if (to->scheme == Scheme::local || (to->scheme == Scheme::http && from.scheme != Scheme::http))
    return refuse("which is less safe: the token is not sent there");
  return to;
}

// A proxy's page may show the request that it did not like. Long words of the request do not go into an
// error.
void hide_what_was_sent(Error& error, const Question& question, const Secret* token) {
  if (!error.refusal) return;
  constexpr std::size_t shortest = 12;  // of what could be a secret
  constexpr std::string_view borders = " \t\"'<>=:,;&()[]{}";
  std::string& text = error.refusal->message;
  for (std::size_t at = text.find_first_not_of(borders); at != std::string::npos;
       at = text.find_first_not_of(borders, at)) {
    const std::size_t size = std::min(text.find_first_of(borders, at), text.size()) - at;
    const std::string_view word = std::string_view(text).substr(at, size);
    const auto is_in = [&](Text sent) { return sent.find(word) != Text::npos; };
    const bool was_sent =
        is_in(text_of(question.body.view())) || (token != nullptr && is_in(token->reveal_text()));
    constexpr std::string_view hidden = "(hidden)";
    if (size >= shortest && was_sent) text.replace(at, size, hidden);
    at += size >= shortest && was_sent ? hidden.size() : size;
  }
}

std::string doing(const Question& question, const http::Url& url) {
  return fmt::format("{} {}{}", http::name(question.method), http::to_string(url), question.path);
}

// What a batch of items asks, and how its answer is read.
template <class T, class Item>
struct BatchKind {
  Result<Question> (*ask)(const TransitKey& key, std::span<const Item> items, std::int64_t key_version);
  Result<Each<T>> (*read)(Bytes body, std::size_t count, bool is_batch);
  bool may_lag;  // a standby that lags behind can be the reason of a failure
};

constexpr BatchKind<Ciphertext, PlainItem> encrypting{ask_encrypt, read_ciphertexts, false};
constexpr BatchKind<Secret, CipherItem> decrypting{
    [](const TransitKey& key, std::span<const CipherItem> items, std::int64_t) {
      return ask_decrypt(key, items);
    },
    read_plaintexts, true};
constexpr BatchKind<Ciphertext, CipherItem> rewrapping{ask_rewrap, read_ciphertexts, true};

}  // namespace

// Impl lives on a strand; every coroutine of it holds on to it.
class Client::Impl : public std::enable_shared_from_this<Impl> {
 public:
  using Self = std::shared_ptr<Impl>;

  Impl(const asio::any_io_executor& executor, ClientSettings settings)
      : executor_(executor),
        strand_(asio::make_strand(executor)),
        settings_(std::move(settings)),
        random_(settings_.random != nullptr ? *settings_.random : system_random()),
        waits_(strand_),
        connections_(strand_, settings_, waits_),
        session_(strand_, settings_, waits_, [this](std::shared_ptr<Question> question, Deadline deadline) {
          return send_for_session(std::move(question), deadline);
        }) {}

  void start() { session_.owned_by(weak_from_this()); }

  void end() {
    ended_ = true;
    asio::post(strand_, [self = shared_from_this()] {
      self->waits_.stop();
      self->connections_.stop();
    });
  }

  const asio::any_io_executor& executor() const { return executor_; }
  const asio::any_io_executor& strand() const { return strand_; }
  const ClientSettings& settings() const { return settings_; }

  // --- the calls, on the strand ---

  static awaitable<Result<http::Response>> send_one(Self self, std::shared_ptr<const Question> question) {
    auto sending = self->send(*question, self->deadline(), self->settings_.attempts);
    Sent sent = co_await std::move(sending);
    co_return std::move(sent.response);
  }

  static awaitable<Result<void>> log_in(Self self) {
    auto logging_in = self->session_.token(self->deadline());
    const auto token = co_await std::move(logging_in);
    if (!token) co_return std::unexpected(token.error());
    co_return Result<void>();
  }

  static awaitable<Result<KeyInfo>> read_key(Self self, TransitKey key) {
    auto question = ask_key(key);
    if (!question) co_return std::unexpected(std::move(question.error()));
    auto sending = self->send(*question, self->deadline(), self->settings_.attempts);
    const Sent sent = co_await std::move(sending);
    if (sent.response) co_return self->placed(*question, read_key_info(sent.response->body.view()));
    Error error = sent.response.error();
    if (error.kind == ErrorKind::not_found)
      error.what = fmt::format("transit key '{}' at mount '{}': {}", printable(key.name, 128),
                               printable(key.mount, 128), error.what);
    co_return std::unexpected(std::move(error));
  }

  static awaitable<Each<Ciphertext>> encrypt(Self self, TransitKey key, std::vector<PlainItem> items,
                                             BatchOptions options) {
    if (items.empty()) co_return Each<Ciphertext>();
    // A server makes a key that it does not have when the policy lets it.
    if (!options.key_was_read) {
      auto reading = read_key(self, key);
      const auto info = co_await std::move(reading);
      if (!info) co_return all_fail<Ciphertext>(items.size(), info.error());
    }
    auto asking = self->ask_all(encrypting, std::move(key), std::move(items), options);
    co_return co_await std::move(asking);
  }

  static awaitable<Each<Secret>> decrypt(Self self, TransitKey key, std::vector<CipherItem> items,
                                         BatchOptions options) {
    auto asking = self->ask_all(decrypting, std::move(key), std::move(items), options);
    co_return co_await std::move(asking);
  }

  static awaitable<Each<Ciphertext>> rewrap(Self self, TransitKey key, std::vector<CipherItem> items,
                                            BatchOptions options) {
    auto asking = self->ask_all(rewrapping, std::move(key), std::move(items), options);
    co_return co_await std::move(asking);
  }

  static awaitable<Result<DataKey>> data_key(Self self, TransitKey key, unsigned bits, OwnedBytes context,
                                             bool with_plaintext) {
    auto question = ask_data_key(key, bits, context, with_plaintext);
    if (!question) co_return std::unexpected(std::move(question.error()));
    auto reading = read_key(self, key);
    const auto info = co_await std::move(reading);
    if (!info) co_return std::unexpected(info.error());
    auto sending = self->send(*question, self->deadline(), self->settings_.attempts);
    const Sent sent = co_await std::move(sending);
    if (!sent.response) co_return std::unexpected(sent.response.error());
    co_return self->placed(*question, read_data_key(sent.response->body.view(), with_plaintext));
  }

  // Health is asked of each address until one answers, and says what that node is.
  static awaitable<Result<Health>> health(Self self) {
    const Question question = ask_health();
    auto sending = self->send(question, self->deadline(), self->settings_.attempts);
    const Sent sent = co_await std::move(sending);
    if (!sent.response) co_return std::unexpected(sent.response.error());
    co_return self->placed(question, read_health(sent.response->body.view(), sent.response->status));
  }

 private:
  struct Sent {
    Result<http::Response> response;
    bool may_split = false;  // one of several items may be the reason of the failure
  };

  Deadline deadline() const { return SteadyClock::now() + settings_.request_timeout; }

  // An answer that cannot be read says who gave it to what.
  template <class T>
  Result<T> placed(const Question& question, Result<T> read) const {
    if (!read)
      read.error().what =
          fmt::format("{}: {}", doing(question, settings_.addresses[address_]), read.error().what);
    return read;
  }

  awaitable<Result<http::Response>> send_for_session(std::shared_ptr<Question> question, Deadline deadline) {
    auto sending = send(*question, deadline, settings_.attempts);
    Sent sent = co_await std::move(sending);
    co_return std::move(sent.response);
  }

  http::Request request_of(const Question& question, const Secret* token) const {
    http::Request request;
    request.method = question.method;
    request.target = question.path;
    request.token = token;
    if (question.in_namespace) request.name_space = settings_.name_space;
    request.body = question.body.view();
    return request;
  }

  // Sending is one question on its way to an answer.
  struct Sending {
    Sending(const Impl& impl, const Question& q, Deadline d, unsigned a)
        : question(q),
          deadline(d),
          attempts(a),
          backoff(impl.settings_.backoff, impl.random_),
          address(impl.address_),
          url(impl.settings_.addresses[address]) {}

    const Question& question;
    const Deadline deadline;
    const unsigned attempts;
    net::Backoff backoff;
    std::size_t address;  // of the settings' addresses
    http::Url url;        // that one, or where it redirects to
    unsigned attempt = 1;
    unsigned redirects = 0;  // since the last wait
    unsigned drops = 0;
    std::size_t lasting = 0;  // addresses that will never do
    bool was_token_replaced = false;
    Session::Token token;
    std::optional<std::chrono::seconds> asked;  // Retry-After
  };
  // What comes after an attempt: an answer for the caller, another attempt at once, or one after a wait.
  enum class After : std::uint8_t { ends, again, waits };

  // One question until it is answered, refused, or out of attempts or time.
  awaitable<Sent> send(const Question& question, Deadline deadline, unsigned attempts) {
    if (settings_.addresses.empty())
      co_return Sent{fail(ErrorKind::invalid_input, "no address of a Vault server is given")};
    Sending s(*this, question, deadline, attempts);
    for (;;) {
      if (ended_) co_return Sent{std::unexpected(cancelled())};
      auto asking = take_token(s);
      if (auto got = co_await std::move(asking); !got)
        co_return Sent{std::unexpected(std::move(got.error()))};
      auto exchanging = connections_.exchange(s.url, request_of(question, s.token.secret.get()),
                                              question.is_safe_to_repeat, attempt_deadline(s));
      Exchanged exchanged = co_await std::move(exchanging);
      Sent sent{std::unexpected(Error{})};
      After after = After::ends;
      if (exchanged.response) {
        auto judging = after_answer(s, std::move(*exchanged.response), sent);
        after = co_await std::move(judging);
      } else {
        after = after_failure(s, std::move(exchanged), sent);
      }
      if (after == After::ends) co_return sent;
      if (after == After::again) continue;
      if (s.attempt++ >= s.attempts) co_return sent;
      const auto wait = s.backoff.next(std::exchange(s.asked, std::nullopt));
      if (SteadyClock::now() + wait >= deadline) co_return sent;
      go_to_next_address(s);
      auto pausing = waits_.pause(wait);
      if (!co_await std::move(pausing)) co_return Sent{std::unexpected(cancelled())};
    }
  }

  awaitable<Result<void>> take_token(Sending& s) {
    if (s.question.who == Question::Who::given)
      s.token.secret = std::make_shared<const Secret>(s.question.token->duplicate());
    if (s.question.who != Question::Who::session) co_return Result<void>();
    auto asking = session_.token(s.deadline);
    auto got = co_await std::move(asking);
    if (!got) {
      Error error = std::move(got.error());
      error.what = fmt::format("{}: {}", http::to_string(s.url), error.what);
      co_return std::unexpected(std::move(error));
    }
    s.token = std::move(*got);
    co_return Result<void>();
  }

  // With several addresses, one that says nothing must not use up the time of all.
  Deadline attempt_deadline(const Sending& s) const {
    const std::size_t count = settings_.addresses.size();
    const std::size_t left = count - (s.attempt - 1) % count;
    const auto now = SteadyClock::now();
    if (left <= 1 || !s.question.is_safe_to_repeat || s.deadline <= now) return s.deadline;
    return now + (s.deadline - now) / static_cast<SteadyClock::rep>(left);
  }

  // The address that failed is left for the next by all calls, but only once for each time that it failed.
  void go_to_next_address(Sending& s) {
    const std::size_t next = (s.address + 1) % settings_.addresses.size();
    if (address_ == s.address) address_ = next;
    s.address = next;
    s.url = settings_.addresses[next];
    s.redirects = 0;
  }

  awaitable<After> after_answer(Sending& s, http::Response response, Sent& sent) {
    Verdict verdict = judge(s.question, response);
    if (verdict.next == Next::take) {
      session_.worked(s.token.number);
      sent.response = std::move(response);
      co_return After::ends;
    }
    verdict.error.what = fmt::format("{}: {}", doing(s.question, s.url), verdict.error.what);
    hide_what_was_sent(verdict.error, s.question, s.token.secret.get());
    sent.response = std::unexpected(std::move(verdict.error));
    switch (verdict.next) {
      case Next::redirect: co_return follow(s, response, sent);
      case Next::log_in: {
        if (s.question.who != Question::Who::session || s.was_token_replaced) co_return After::ends;
        s.was_token_replaced = true;
        auto asking = is_dead(s.url, s.token, s.deadline);
        if (!co_await std::move(asking)) co_return After::ends;
        session_.forget(s.token.number);
        co_return After::again;
      }
      case Next::retry:
        s.asked = response.retry_after;
        sent.may_split = verdict.may_be_done;
        if (s.question.is_safe_to_repeat || !verdict.may_be_done) co_return After::waits;
        sent.response.error().advice = doubt;
        co_return After::ends;
      default: sent.may_split = verdict.next == Next::split; co_return After::ends;
    }
  }

  After follow(Sending& s, const http::Response& response, Sent& sent) {
    auto to = redirected(s.url, s.question, *response.location);
    if (!to) {
      sent.response = std::unexpected(std::move(to.error()));
      return After::ends;
    }
    if (++s.redirects > settings_.redirects) {
      sent.response.error().what += ", too often";
      return After::ends;
    }
    s.url = std::move(*to);
    return After::again;
  }

  After after_failure(Sending& s, Exchanged exchanged, Sent& sent) {
    Error failure = std::move(exchanged.response.error());
    After after = After::waits;
    if (failure.kind != ErrorKind::unreachable) {
      after = After::ends;
    } else if (!s.question.is_safe_to_repeat && exchanged.may_have_arrived) {
      failure.advice = doubt;
      after = After::ends;
    } else if (s.drops += exchanged.drops; s.drops >= 2) {
      // The request itself may be what brings the server down.
      failure.what += ", twice, without an answer";
      after = After::ends;
    } else if (failure.stays && ++s.lasting >= settings_.addresses.size()) {
      after = After::ends;
    }
    sent.response = std::unexpected(std::move(failure));
    return after;
  }

  // Whether the server does not know the token any more; only a clear answer counts.
  awaitable<bool> is_dead(const http::Url& url, const Session::Token& token, Deadline deadline) {
    const Question lookup = ask_lookup();
    auto exchanging = connections_.exchange(url, request_of(lookup, token.secret.get()), true, deadline);
    const Exchanged exchanged = co_await std::move(exchanging);
    if (!exchanged.response) co_return false;
    const Verdict verdict = judge(lookup, *exchanged.response);
    if (verdict.next == Next::take) session_.worked(token.number);
    co_return verdict.next == Next::log_in;
  }

  // --- many items ---

  // Every item's answer; several requests under way at once.
  template <class T, class Item>
  struct Run {
    const BatchKind<T, Item>* kind = nullptr;
    TransitKey key;
    std::vector<Item> items;
    BatchOptions options;
    Each<T> answers;
    std::size_t next = 0;     // the first item that nobody asks for yet
    std::size_t workers = 0;  // still at work
  };

  template <class T, class Item>
  awaitable<Each<T>> ask_all(const BatchKind<T, Item>& kind, TransitKey key, std::vector<Item> items,
                             BatchOptions options) {
    auto run = std::make_shared<Run<T, Item>>();
    run->kind = &kind;
    run->key = std::move(key);
    run->answers = all_fail<T>(items.size(), cancelled());
    run->items = std::move(items);
    run->options = options;
    run->options.batch_limit = std::max<std::size_t>(options.batch_limit, 1);
    auto asking = ask_in_parallel<T, Item>(run);
    co_await std::move(asking);
    if (kind.may_lag) {
      auto again = ask_laggards<T, Item>(run);
      co_await std::move(again);
    }
    co_return std::move(run->answers);
  }

  template <class T, class Item>
  awaitable<void> ask_in_parallel(std::shared_ptr<Run<T, Item>> run) {
    const std::size_t requests =
        (run->items.size() + run->options.batch_limit - 1) / run->options.batch_limit;
    const std::size_t helpers = std::min(requests, std::max<std::size_t>(settings_.connections, 1));
    run->workers = helpers;
    for (std::size_t i = 1; i < helpers; ++i)
      asio::co_spawn(strand_, work<T, Item>(shared_from_this(), run), asio::detached);
    if (helpers > 0) {
      auto working = work<T, Item>(shared_from_this(), run);
      co_await std::move(working);
    }
    // What points into the items must not be left behind, whatever happens.
    while (run->workers > 0) {
      auto waiting = waits_.until(SteadyClock::time_point::max(), run.get());
      if (!co_await std::move(waiting)) co_await asio::post(strand_, asio::use_awaitable);
    }
  }

  template <class T, class Item>
  static awaitable<void> work(Self self, std::shared_ptr<Run<T, Item>> run) {
    while (run->next < run->items.size()) {
      const std::span<const Item> left = std::span<const Item>(run->items).subspan(run->next);
      const std::size_t count = fitting(left, run->options.batch_limit);
      const std::size_t first = std::exchange(run->next, run->next + count);
      auto asking = self->ask_some<T, Item>(run, first, count, self->deadline(), self->settings_.attempts);
      co_await std::move(asking);
    }
    if (--run->workers == 0) self->waits_.wake(run.get());
  }

  // One request; when it fails as a whole for what may be one item's fault, its halves.
  template <class T, class Item>
  awaitable<void> ask_some(std::shared_ptr<Run<T, Item>> run, std::size_t first, std::size_t count,
                           Deadline deadline, unsigned attempts) {
    const auto items = std::span<const Item>(run->items).subspan(first, count);
    const auto question = run->kind->ask(run->key, items, run->options.key_version);
    Sent sent{std::unexpected(Error{}), true};
    if (question) {
      auto sending = send(*question, deadline, attempts);
      sent = co_await std::move(sending);
    } else {
      sent.response = std::unexpected(question.error());  // one item may be the reason
    }
    if (!sent.response && sent.may_split && count > 1) {
      for (const bool is_second : {false, true}) {
        const std::size_t half = count / 2;
        auto asking = ask_some<T, Item>(run, is_second ? first + half : first,
                                        is_second ? count - half : half, deadline, 1);
        co_await std::move(asking);
      }
      co_return;
    }
    Result<Each<T>> answers = std::unexpected(Error{});
    if (sent.response)
      answers = placed(*question, run->kind->read(sent.response->body.view(), count, count > 1));
    else
      answers = std::unexpected(sent.response.error());
    for (std::size_t i = 0; i < count; ++i) {
      if (answers)
        run->answers[first + i] = std::move((*answers)[i]);
      else
        run->answers[first + i] = std::unexpected(answers.error());
    }
  }

  // A standby may not have heard of a new key or version yet: such items are asked for once more.
  template <class T, class Item>
  awaitable<void> ask_laggards(std::shared_ptr<Run<T, Item>> run) {
    std::vector<std::size_t> late;
    for (std::size_t i = 0; i < run->answers.size(); ++i) {
      if (!run->answers[i] && is_lag(run->answers[i].error())) late.push_back(i);
    }
    if (late.empty() || settings_.lag.count() == 0) co_return;
    auto pausing = waits_.pause(settings_.lag);
    if (!co_await std::move(pausing)) co_return;
    auto again = std::make_shared<Run<T, Item>>();
    again->kind = run->kind;
    again->key = run->key;
    again->options = run->options;
    for (const std::size_t i : late) again->items.push_back(run->items[i]);
    again->answers = all_fail<T>(late.size(), cancelled());
    auto asking = ask_in_parallel<T, Item>(again);
    co_await std::move(asking);
    for (std::size_t k = 0; k < late.size(); ++k) run->answers[late[k]] = std::move(again->answers[k]);
  }

  const asio::any_io_executor executor_;
  const asio::any_io_executor strand_;
  const ClientSettings settings_;
  Random& random_;
  Waits waits_;
  Connections connections_;
  Session session_;
  std::size_t address_ = 0;  // of the settings' addresses, the one that answered last
  std::atomic<bool> ended_ = false;
};

Client::Client(const asio::any_io_executor& executor, ClientSettings settings)
    : impl_(std::make_shared<Impl>(executor, std::move(settings))) {
  impl_->start();
}
Client::~Client() { stop(); }
void Client::stop() { impl_->end(); }
const asio::any_io_executor& Client::executor() const { return impl_->executor(); }
const ClientSettings& Client::settings() const { return impl_->settings(); }

namespace {

// Each call runs on the client's strand, whatever the caller's executor. Cancelling the caller does not reach
// it: it works with what the caller keeps for it, and others may wait for the login that it began.
template <class T>
awaitable<T> on_strand(const asio::any_io_executor& strand, awaitable<T> call) {
  return asio::co_spawn(strand, std::move(call),
                        asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable));
}

}  // namespace

awaitable<Result<KeyInfo>> Client::read_key(TransitKey key) {
  return on_strand(impl_->strand(), Impl::read_key(impl_, std::move(key)));
}
awaitable<Each<Ciphertext>> Client::encrypt(TransitKey key, std::vector<PlainItem> items,
                                            BatchOptions options) {
  return on_strand(impl_->strand(), Impl::encrypt(impl_, std::move(key), std::move(items), options));
}
awaitable<Each<Secret>> Client::decrypt(TransitKey key, std::vector<CipherItem> items, BatchOptions options) {
  return on_strand(impl_->strand(), Impl::decrypt(impl_, std::move(key), std::move(items), options));
}
awaitable<Each<Ciphertext>> Client::rewrap(TransitKey key, std::vector<CipherItem> items,
                                           BatchOptions options) {
  return on_strand(impl_->strand(), Impl::rewrap(impl_, std::move(key), std::move(items), options));
}
awaitable<Result<DataKey>> Client::data_key(TransitKey key, unsigned bits, OwnedBytes context,
                                            bool with_plaintext) {
  return on_strand(impl_->strand(),
                   Impl::data_key(impl_, std::move(key), bits, std::move(context), with_plaintext));
}
awaitable<Result<void>> Client::log_in() { return on_strand(impl_->strand(), Impl::log_in(impl_)); }
awaitable<Result<Health>> Client::health() { return on_strand(impl_->strand(), Impl::health(impl_)); }
awaitable<Result<http::Response>> Client::send(Question question) {
  return on_strand(impl_->strand(),
                   Impl::send_one(impl_, std::make_shared<const Question>(std::move(question))));
}

awaitable<Result<TokenFacts>> Client::token_facts() {
  auto sending = send(ask_lookup());
  const auto response = co_await std::move(sending);
  if (!response) co_return std::unexpected(response.error());
  co_return read_token_facts(response->body.view());
}
awaitable<Result<std::vector<std::vector<std::string>>>> Client::capabilities(
    std::vector<std::string> paths) {
  auto question = ask_capabilities(paths);
  if (!question) co_return std::unexpected(std::move(question.error()));
  auto sending = send(std::move(*question));
  const auto response = co_await std::move(sending);
  if (!response) co_return std::unexpected(response.error());
  co_return read_capabilities(response->body.view(), paths);
}

}  // namespace keyway::vault
