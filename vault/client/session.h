// The token of a client: got by a login when first needed, renewed in the background, replaced when it died.
// Inside vault.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <core/net/stream.h>
#include <vault/auth.h>
#include <vault/client/settings.h>
#include <vault/client/waits.h>
#include <vault/http/response.h>

namespace keyway::vault {

// Session belongs to its strand.
class Session {
 public:
  struct Token {
    std::shared_ptr<const Secret> secret;  // none where an agent has it
    std::uint64_t number = 0;              // counts the logins
  };
  // Send sends a question that needs no session, or the one given token.
  using Send =
      std::function<asio::awaitable<Result<http::Response>>(std::shared_ptr<Question>, net::Deadline)>;

  // `settings` and `waits` must outlive it.
  Session(asio::any_io_executor strand, const ClientSettings& settings, Waits& waits, Send send);
  // owned_by names what the renewal in the background has to keep alive while it runs: until Waits::stop().
  void owned_by(std::weak_ptr<void> owner) { owner_ = std::move(owner); }

  // token gives the token, logging in when there is none; who comes while a login is under way waits for that
  // one and shares its outcome.
  asio::awaitable<Result<Token>> token(net::Deadline deadline);
  // worked tells that the server took the token of this number; forget that it does not know it any more.
  void worked(std::uint64_t number);
  void forget(std::uint64_t number);

 private:
  using Due = std::optional<SteadyClock::time_point>;
  // A SHA-256, by which a credential is known again without being kept.
  using Fingerprint = std::array<std::byte, 32>;
  struct Held {
    std::shared_ptr<const Secret> secret;
    std::uint64_t number = 0;
    std::optional<SteadyClock::time_point> end;  // none: for ever, or unknown
    std::chrono::milliseconds first_life{0};     // when it was new
    bool is_renewable = false;
    bool has_worked = false;
    bool is_known = false;  // how long it lives; of a token that was given to us only after a look-up
    Due renew_at;           // decided once for each lease, because it is partly random
  };

  bool is_usable() const;
  Token current() const { return {held_->secret, held_->number}; }

  asio::awaitable<Result<Token>> log_in(net::Deadline deadline);
  asio::awaitable<Result<Lease>> ask_for_lease(net::Deadline deadline);
  asio::awaitable<Result<Lease>> lease_of(const TokenLogin& login, net::Deadline deadline);
  asio::awaitable<Result<Lease>> lease_of(const AppRoleLogin& login, net::Deadline deadline);
  asio::awaitable<Result<Lease>> lease_of(const KubernetesLogin& login, net::Deadline deadline);
  asio::awaitable<Result<http::Response>> send_credential(Result<Question> question, const Secret& credential,
                                                          net::Deadline deadline);
  asio::awaitable<Result<Secret>> unwrapped_secret_id(const AppRoleLogin& login, net::Deadline deadline);
  void hold(Lease lease, SteadyClock::time_point asked_at);
  void end_login();

  // A credential that was refused is not sent again for a while.
  Result<void> check_credential(const Fingerprint& credential) const;
  void refuse(const Fingerprint& credential, Error error);

  void start_renewal();
  static asio::awaitable<void> keep_alive(Session* self, std::shared_ptr<void> owner);
  // One step of it; gives when the next is due, none when there is nothing to do until the next login.
  asio::awaitable<Due> renew();
  asio::awaitable<Due> look_up();
  asio::awaitable<Due> renew_token();
  asio::awaitable<Due> replace_token();
  asio::awaitable<Result<http::Response>> send_with_token(Question question);
  void set_end(SteadyClock::time_point asked_at, std::chrono::seconds duration);
  Due soon() const;

  asio::any_io_executor strand_;
  const ClientSettings& settings_;
  Waits& waits_;
  Send send_;
  Random& random_;
  std::weak_ptr<void> owner_;
  std::optional<Held> held_;
  std::uint64_t last_number_ = 0;
  bool is_logging_in_ = false;
  std::uint64_t logins_ended_ = 0;
  std::optional<Error> last_failure_;
  // The credential that was refused last: how often in a row, why, and until when it is not sent again.
  struct Refused {
    Fingerprint credential{};
    Error error;
    unsigned times = 0;
    SteadyClock::time_point until;
  };
  std::optional<Refused> refused_;
  std::optional<Fingerprint> last_credential_;  // that got the token
  unsigned useless_tokens_ = 0;                 // in a row that died before they had worked
  std::optional<Fingerprint> dead_token_;       // a given token that the server refused
  // A wrapped secret id can be unwrapped once only: what was unwrapped, and by which token.
  struct Unwrapped {
    Fingerprint wrapping_token{};
    Secret secret_id;
  };
  std::optional<Unwrapped> unwrapped_;
  bool renewal_runs_ = false;
};

}  // namespace keyway::vault
