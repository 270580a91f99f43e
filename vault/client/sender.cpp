#include <algorithm>
#include <utility>

#include <vault/client/sender.h>
#include <vault/verdict.h>

namespace keyway::vault {

namespace {

using asio::awaitable;
using net::Deadline;

// For a request that must not be sent twice and whose answer did not come.
constexpr std::string_view doubt =
    "the request may have been carried out, and a credential that is good once only be used up: look before "
    "you repeat it";

// The address that a standby names, for the same request. The token goes there: it must be as safe.
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

// A proxy's page may show the request that it did not like. Its long words do not go into an error.
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

}  // namespace

// Sending is one question on its way to an answer.
struct Sender::Sending {
  Sending(const Sender& sender, const Question& q, Deadline d, unsigned a)
      : question(q),
        deadline(d),
        attempts(a),
        backoff(sender.settings_.backoff, sender.random_),
        address(sender.address_),
        url(sender.settings_.addresses[address]) {}

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
Sender::Sender(asio::any_io_executor strand, ClientSettings settings)
    : settings_(std::move(settings)),
      random_(settings_.random != nullptr ? *settings_.random : system_random()),
      waits_(strand),
      connections_(strand, settings_, waits_),
      session_(strand, settings_, waits_, [this](std::shared_ptr<Question> question, Deadline deadline) {
        return send_for_session(std::move(question), deadline);
      }) {}

void Sender::stop() {
  waits_.stop();
  connections_.stop();
}

std::string Sender::place(const Question& question) const {
  return doing(question, settings_.addresses[address_]);
}

awaitable<Result<http::Response>> Sender::send_for_session(std::shared_ptr<Question> question,
                                                           Deadline deadline) {
  auto sending = send(*question, deadline, settings_.attempts);
  Sent sent = co_await std::move(sending);
  co_return std::move(sent.response);
}

http::Request Sender::request_of(const Question& question, const Secret* token) const {
  http::Request request;
  request.method = question.method;
  request.target = question.path;
  request.token = token;
  if (question.in_namespace) request.name_space = settings_.name_space;
  request.body = question.body.view();
  return request;
}

awaitable<Sent> Sender::send(const Question& question, Deadline deadline, unsigned attempts) {
  if (settings_.addresses.empty())
    co_return Sent{fail(ErrorKind::invalid_input, "no address of a Vault server is given")};
  Sending s(*this, question, deadline, attempts);
  for (;;) {
    if (ended_) co_return Sent{std::unexpected(call_cancelled())};
    auto asking = take_token(s);
    if (auto got = co_await std::move(asking); !got) co_return Sent{std::unexpected(std::move(got.error()))};
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
    if (!co_await std::move(pausing)) co_return Sent{std::unexpected(call_cancelled())};
  }
}

awaitable<Result<void>> Sender::take_token(Sending& s) {
  if (s.question.who == Question::Who::given)
    s.token.secret = std::make_shared<const Secret>(s.question.token->duplicate());
  if (s.question.who != Question::Who::session) co_return Result<void>();
  auto asking = session_.token(s.deadline);
  auto got = co_await std::move(asking);
  if (!got) {
    Error error = std::move(got.error());
    const std::string address = http::to_string(s.url);
    if (error.what.find(address) == std::string::npos)
      error.what = fmt::format("{}: {}", address, error.what);
    co_return std::unexpected(std::move(error));
  }
  s.token = std::move(*got);
  co_return Result<void>();
}

// With several addresses, one that says nothing must not use up the time of all.
Deadline Sender::attempt_deadline(const Sending& s) const {
  const std::size_t count = settings_.addresses.size();
  const std::size_t left = count - (s.attempt - 1) % count;
  return s.question.is_safe_to_repeat ? net::share_of(s.deadline, left) : s.deadline;
}

// The address that failed is left for the next by all calls, but only once for each time that it failed.
void Sender::go_to_next_address(Sending& s) {
  const std::size_t next = (s.address + 1) % settings_.addresses.size();
  if (address_ == s.address) address_ = next;
  s.address = next;
  s.url = settings_.addresses[next];
  s.redirects = 0;
}

awaitable<Sender::After> Sender::after_answer(Sending& s, http::Response response, Sent& sent) {
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
      if (s.token.number == 0 || s.was_token_replaced) co_return After::ends;  // not a token of the session
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

Sender::After Sender::follow(Sending& s, const http::Response& response, Sent& sent) {
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

Sender::After Sender::after_failure(Sending& s, Exchanged exchanged, Sent& sent) {
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
awaitable<bool> Sender::is_dead(const http::Url& url, const Session::Token& token, Deadline deadline) {
  const Question lookup = ask_lookup();
  auto exchanging = connections_.exchange(url, request_of(lookup, token.secret.get()), true, deadline);
  const Exchanged exchanged = co_await std::move(exchanging);
  if (!exchanged.response) co_return false;
  const Verdict verdict = judge(lookup, *exchanged.response);
  if (verdict.next == Next::take) session_.worked(token.number);
  co_return verdict.next == Next::log_in;
}

}  // namespace keyway::vault
