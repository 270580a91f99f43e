// One question on its way to an answer: token, address, repetitions. Inside vault.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <vault/client/connections.h>
#include <vault/client/session.h>
#include <vault/client/settings.h>
#include <vault/client/waits.h>
#include <vault/question.h>

namespace keyway::vault {

// Sent is what became of a question.
struct Sent {
  Result<http::Response> response;
  bool may_split = false;  // one of several items may be the reason of the failure
};

// Sender belongs to its strand. What owns it must live until what is under way has ended: owned_by tells the
// renewal in the background.
class Sender {
 public:
  Sender(asio::any_io_executor strand, ClientSettings settings);

  void owned_by(std::weak_ptr<void> owner) { session_.owned_by(std::move(owner)); }
  // refuse_all makes every call from now on cancelled; from any thread. stop ends what is under way.
  void refuse_all() { ended_ = true; }
  void stop();

  // send asks until there is an answer that was asked for, or one that will not change, or no attempt or time
  // is left. `question` must stay until the end.
  asio::awaitable<Sent> send(const Question& question, net::Deadline deadline, unsigned attempts);
  asio::awaitable<Sent> send(const Question& question) {
    return send(question, deadline(), settings_.attempts);
  }
  net::Deadline deadline() const { return SteadyClock::now() + settings_.request_timeout; }

  // An answer that cannot be read says who gave it to what.
  template <class T>
  Result<T> placed(const Question& question, Result<T> read) const {
    if (!read) read.error().what = fmt::format("{}: {}", place(question), read.error().what);
    return read;
  }

  Session& session() { return session_; }
  Waits& waits() { return waits_; }
  const ClientSettings& settings() const { return settings_; }

 private:
  struct Sending;
  // What comes after an attempt: an answer for the caller, another attempt at once, or one after a wait.
  enum class After : std::uint8_t { ends, again, waits };

  asio::awaitable<Result<http::Response>> send_for_session(std::shared_ptr<Question> question,
                                                           net::Deadline deadline);
  http::Request request_of(const Question& question, const Secret* token) const;
  asio::awaitable<Result<void>> take_token(Sending& s);
  net::Deadline attempt_deadline(const Sending& s) const;
  void go_to_next_address(Sending& s);
  asio::awaitable<After> after_answer(Sending& s, http::Response response, Sent& sent);
  After follow(Sending& s, const http::Response& response, Sent& sent);
  After after_failure(Sending& s, Exchanged exchanged, Sent& sent);
  asio::awaitable<bool> is_dead(const http::Url& url, const Session::Token& token, net::Deadline deadline);
  std::string place(const Question& question) const;

  const ClientSettings settings_;
  Random& random_;
  Waits waits_;
  Connections connections_;
  Session session_;
  std::size_t address_ = 0;  // of the settings' addresses, the one to begin with
  std::atomic<bool> ended_ = false;
};

}  // namespace keyway::vault
