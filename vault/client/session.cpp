#include <algorithm>
#include <exception>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include <core/crypto.h>
#include <vault/client/session.h>

namespace keyway::vault {

namespace {

using net::Deadline;

// A credential that only a person can replace.
std::unexpected<Error> refused_again(std::string_view advice) {
  return fail_with_advice(ErrorKind::refused, std::string(advice),
                          "the token is unknown to the server: expired, revoked or used up");
}

// Tokens are sent as they are, and files end in a line feed.
Secret trimmed(const Secret& secret) {
  Text text = secret.reveal_text();
  constexpr Text blanks = " \t\r\n";
  const auto begin = std::min(text.find_first_not_of(blanks), text.size());
  text.remove_prefix(begin);
  text = text.substr(0, text.find_last_not_of(blanks) + 1);
  return Secret(text);
}

Result<Secret> ask_source(const SecretSource& source, std::string_view what) {
  if (!source) return fail(ErrorKind::invalid_input, "no {} is given", what);
  try {  // it is the user's code
    auto secret = source();
    if (!secret) return secret;
    Secret text = trimmed(*secret);
    if (text.empty()) return fail(ErrorKind::invalid_input, "the {} is empty", what);
    return text;
  } catch (const std::exception& problem) {
    return fail(ErrorKind::internal, "the source of the {} failed: {}", what, printable(problem.what()));
  }
}

}  // namespace

Session::Session(asio::any_io_executor strand, const ClientSettings& settings, Waits& waits, Send send)
    : strand_(std::move(strand)),
      settings_(settings),
      waits_(waits),
      send_(std::move(send)),
      random_(settings.random != nullptr ? *settings.random : system_random()) {}

bool Session::is_usable() const { return held_ && (!held_->end || SteadyClock::now() < *held_->end); }

asio::awaitable<Result<Session::Token>> Session::token(Deadline deadline) {
  if (std::holds_alternative<AgentLogin>(settings_.login)) co_return Token{};
  while (!is_usable() && is_logging_in_) {
    const std::uint64_t ended = logins_ended_;
    auto waiting = waits_.until(deadline, this);
    if (!co_await std::move(waiting)) co_return std::unexpected(call_cancelled());
    if (is_usable()) break;
    // What the server says to one it would say to all; but one's deadline is not the others'.
    if (logins_ended_ != ended && last_failure_ && last_failure_->kind != ErrorKind::unreachable)
      co_return std::unexpected(*last_failure_);
    if (SteadyClock::now() >= deadline)
      co_return fail(ErrorKind::unreachable, "the deadline passed while waiting for a login");
  }
  if (is_usable()) co_return current();
  auto logging_in = log_in(deadline);
  co_return co_await std::move(logging_in);
}

void Session::worked(std::uint64_t number) {
  if (!held_ || held_->number != number) return;
  held_->has_worked = true;
  useless_tokens_ = 0;
}

void Session::forget(std::uint64_t number) {
  if (!held_ || held_->number != number) return;
  if (std::holds_alternative<TokenLogin>(settings_.login)) {
    dead_token_ = sha256(held_->secret->reveal());
  } else if (!held_->has_worked && ++useless_tokens_ >= 2 && last_credential_) {
    refuse(*last_credential_,
           Error{ErrorKind::refused,
                 "the login works, but the server does not know the tokens that it gives",
                 "look at the role's token_bound_cidrs and token_num_uses, and at what else "
                 "revokes its tokens",
                 {}});
  }
  held_.reset();
}

asio::awaitable<Result<Session::Token>> Session::log_in(Deadline deadline) {
  // However it ends, those who wait must learn of it.
  struct UnderWay {
    explicit UnderWay(Session& s) : session(s) { session.is_logging_in_ = true; }
    ~UnderWay() { session.end_login(); }
    UnderWay(const UnderWay&) = delete;
    UnderWay& operator=(const UnderWay&) = delete;
    Session& session;
  };
  Result<Lease> lease = std::unexpected(Error{});
  const auto asked_at = SteadyClock::now();  // a lease runs from before it was given
  {
    const UnderWay under_way(*this);
    last_failure_ = Error{ErrorKind::cancelled, "the login was cancelled", {}, {}};
    auto asking = ask_for_lease(deadline);
    lease = co_await std::move(asking);
    if (lease) {
      last_failure_.reset();
      hold(std::move(*lease), asked_at);
    } else {
      last_failure_ = lease.error();
    }
  }
  if (!lease) co_return std::unexpected(std::move(lease.error()));
  start_renewal();
  co_return current();
}

void Session::end_login() {
  is_logging_in_ = false;
  ++logins_ended_;
  waits_.wake(this);
}

Result<void> Session::check_credential(const Fingerprint& credential) const {
  const bool is_refused =
      refused_ && refused_->credential == credential && SteadyClock::now() < refused_->until;
  if (is_refused) return std::unexpected(refused_->error);
  return {};
}

void Session::refuse(const Fingerprint& credential, Error error) {
  constexpr std::chrono::milliseconds longest = std::chrono::minutes(5);
  const unsigned times = refused_ && refused_->credential == credential ? refused_->times + 1 : 1;
  std::chrono::milliseconds pause = settings_.login_pause;
  for (unsigned i = 1; i < times && pause < longest; ++i) pause *= 2;
  refused_ = Refused{credential, std::move(error), times, SteadyClock::now() + std::min(pause, longest)};
}

void Session::hold(Lease lease, SteadyClock::time_point asked_at) {
  Held held;
  held.secret = std::make_shared<const Secret>(std::move(lease.token));
  held.number = ++last_number_;
  held.is_renewable = lease.is_renewable;
  held.is_known = !std::holds_alternative<TokenLogin>(settings_.login);
  held.first_life = lease.duration;
  held_ = std::move(held);
  set_end(asked_at, lease.duration);
}

// 0 is for ever.
void Session::set_end(SteadyClock::time_point asked_at, std::chrono::seconds duration) {
  held_->end.reset();
  held_->renew_at.reset();
  if (duration.count() == 0) return;
  held_->end = asked_at + duration;
  held_->renew_at = asked_at + renewal_after(duration, random_);
}

asio::awaitable<Result<Lease>> Session::ask_for_lease(Deadline deadline) {
  const Login& login = settings_.login;
  if (const auto* token = std::get_if<TokenLogin>(&login)) {
    auto asking = lease_of(*token, deadline);
    co_return co_await std::move(asking);
  }
  if (const auto* role = std::get_if<AppRoleLogin>(&login)) {
    auto asking = lease_of(*role, deadline);
    co_return co_await std::move(asking);
  }
  auto asking = lease_of(std::get<KubernetesLogin>(login), deadline);
  co_return co_await std::move(asking);
}

// A given token is taken as it is: the first request tells whether it is good.
asio::awaitable<Result<Lease>> Session::lease_of(const TokenLogin& login, Deadline) {
  auto token = ask_source(login.token, "token");
  if (!token) co_return std::unexpected(std::move(token.error()));
  if (dead_token_ && *dead_token_ == sha256(token->reveal())) co_return refused_again("give a new token");
  dead_token_.reset();
  co_return Lease{.token = std::move(*token)};
}

asio::awaitable<Result<Lease>> Session::lease_of(const AppRoleLogin& login, Deadline deadline) {
  Result<Secret> secret_id = std::unexpected(Error{});
  if (login.is_wrapped) {
    auto unwrapping = unwrapped_secret_id(login, deadline);
    secret_id = co_await std::move(unwrapping);
  } else {
    secret_id = ask_source(login.secret_id, "secret id");
  }
  if (!secret_id) co_return std::unexpected(std::move(secret_id.error()));
  auto sending = send_credential(ask_login(login, *secret_id), *secret_id, deadline);
  const auto response = co_await std::move(sending);
  if (!response) co_return std::unexpected(response.error());
  last_credential_ = sha256(secret_id->reveal());
  co_return read_lease(response->body.view());
}

asio::awaitable<Result<Lease>> Session::lease_of(const KubernetesLogin& login, Deadline deadline) {
  auto jwt = ask_source(login.jwt, "service account's token");
  if (!jwt) co_return std::unexpected(std::move(jwt.error()));
  auto sending = send_credential(ask_login(login, *jwt), *jwt, deadline);
  const auto response = co_await std::move(sending);
  if (!response) co_return std::unexpected(response.error());
  last_credential_ = sha256(jwt->reveal());
  co_return read_lease(response->body.view());
}

// Sends what may lock us out when it is wrong and sent too often.
asio::awaitable<Result<http::Response>> Session::send_credential(Result<Question> question,
                                                                 const Secret& credential,
                                                                 Deadline deadline) {
  if (!question) co_return std::unexpected(std::move(question.error()));
  const Fingerprint fingerprint = sha256(credential.reveal());
  if (auto good = check_credential(fingerprint); !good) co_return std::unexpected(std::move(good.error()));
  const std::string_view doing = question->purpose == Purpose::unwrap ? "unwrapping the secret id" : "login";
  auto sending = send_(std::make_shared<Question>(std::move(*question)), deadline);
  auto response = co_await std::move(sending);
  if (!response) {
    Error& error = response.error();
    error.what = fmt::format("{}: {}", doing, error.what);
    const bool may_pass = error.kind == ErrorKind::unreachable || error.kind == ErrorKind::cancelled;
    if (!may_pass) refuse(fingerprint, error);
  } else if (refused_ && refused_->credential == fingerprint && useless_tokens_ == 0) {
    refused_.reset();
  }
  co_return response;
}

asio::awaitable<Result<Secret>> Session::unwrapped_secret_id(const AppRoleLogin& login, Deadline deadline) {
  auto wrapping_token = ask_source(login.secret_id, "wrapping token of the secret id");
  // The source may have another one by now; or none any more, when it was thrown away after its use.
  if (unwrapped_ && (!wrapping_token || sha256(wrapping_token->reveal()) == unwrapped_->wrapping_token))
    co_return unwrapped_->secret_id.duplicate();
  if (!wrapping_token) co_return std::unexpected(std::move(wrapping_token.error()));
  auto sending = send_credential(ask_unwrap(wrapping_token->duplicate()), *wrapping_token, deadline);
  const auto response = co_await std::move(sending);
  if (!response) co_return std::unexpected(response.error());
  auto secret_id = read_secret_id(response->body.view());
  if (!secret_id) co_return secret_id;
  unwrapped_ = Unwrapped{sha256(wrapping_token->reveal()), std::move(*secret_id)};
  co_return unwrapped_->secret_id.duplicate();
}

// --- renewal in the background ---

void Session::start_renewal() {
  if (!settings_.renews || waits_.stopped()) return;
  if (renewal_runs_) return waits_.wake(&renewal_runs_);  // there is a new token to look after
  renewal_runs_ = true;
  asio::co_spawn(strand_, keep_alive(this, owner_.lock()), asio::detached);
}

asio::awaitable<void> Session::keep_alive(Session* self, std::shared_ptr<void>) {
  while (!self->waits_.stopped()) {
    auto renewing = self->renew();
    const Due next = co_await std::move(renewing);
    // Without anything to do it waits for the next login.
    auto waiting = self->waits_.until(next.value_or(SteadyClock::time_point::max()), &self->renewal_runs_);
    co_await std::move(waiting);
  }
}

asio::awaitable<Session::Due> Session::renew() {
  if (!held_) co_return std::nullopt;
  if (!held_->is_known) {
    auto looking = look_up();
    co_return co_await std::move(looking);
  }
  if (!held_->renew_at || SteadyClock::now() < *held_->renew_at) co_return held_->renew_at;
  auto renewing = held_->is_renewable ? renew_token() : replace_token();
  co_return co_await std::move(renewing);
}

// A token that was given to us does not tell how long it lives.
asio::awaitable<Session::Due> Session::look_up() {
  const std::uint64_t number = held_->number;
  const auto asked_at = SteadyClock::now();
  auto asking = send_with_token(ask_lookup());
  const auto response = co_await std::move(asking);
  if (!held_ || held_->number != number) co_return SteadyClock::now();
  if (!response && response.error().kind == ErrorKind::unreachable) co_return soon();
  held_->is_known = true;
  // Where the policy does not even allow this, nothing can be known, nor renewed.
  if (!response) co_return std::nullopt;
  const auto facts = read_token_facts(response->body.view());
  if (!facts) co_return std::nullopt;
  held_->is_renewable = facts->is_renewable;
  held_->first_life = facts->ttl;
  set_end(asked_at, facts->ttl);
  co_return held_->renew_at;
}

asio::awaitable<Session::Due> Session::renew_token() {
  const std::uint64_t number = held_->number;
  const auto asked_at = SteadyClock::now();
  auto asking = send_with_token(ask_renewal());
  const auto response = co_await std::move(asking);
  if (!held_ || held_->number != number) co_return SteadyClock::now();
  if (!response && response.error().kind == ErrorKind::unreachable) co_return soon();
  const auto lease = response ? read_lease(response->body.view()) : std::unexpected(response.error());
  if (!lease) {
    held_->is_renewable = false;
    auto replacing = replace_token();
    co_return co_await std::move(replacing);
  }
  set_end(asked_at, lease->duration);
  // What comes back shorter is near its greatest age, and then only a login helps.
  held_->is_renewable = lease->is_renewable && lease->duration * 2 > held_->first_life;
  co_return held_->renew_at;
}

// The old token stays in use until there is a new one.
asio::awaitable<Session::Due> Session::replace_token() {
  const std::uint64_t number = held_->number;
  if (is_logging_in_) co_return soon();
  if (const auto* given = std::get_if<TokenLogin>(&settings_.login)) {
    const auto token = ask_source(given->token, "token");
    if (!token || *token == *held_->secret) co_return soon();  // perhaps later
  }
  auto logging_in = log_in(SteadyClock::now() + settings_.request_timeout);
  const auto token = co_await std::move(logging_in);
  if (!held_) co_return std::nullopt;
  if (!token && held_->number == number) co_return soon();
  co_return SteadyClock::now();
}

asio::awaitable<Result<http::Response>> Session::send_with_token(Question question) {
  question.who = Question::Who::given;
  question.token = held_->secret->duplicate();
  auto sending =
      send_(std::make_shared<Question>(std::move(question)), SteadyClock::now() + settings_.request_timeout);
  co_return co_await std::move(sending);
}

// When to try again what did not work, while the token lives.
Session::Due Session::soon() const {
  const auto now = SteadyClock::now();
  if (held_ && held_->end && *held_->end <= now) return std::nullopt;
  constexpr std::chrono::milliseconds least{1'000}, most{60'000};
  if (!held_ || !held_->end) return now + most;
  const auto quarter = std::chrono::duration_cast<std::chrono::milliseconds>(*held_->end - now) / 4;
  return now + std::clamp(quarter, least, most);
}

}  // namespace keyway::vault
