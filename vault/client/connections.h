// The open connections of a client, and one exchange over one of them. Inside vault.
#pragma once

#include <deque>
#include <list>
#include <map>
#include <optional>
#include <string>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/cancellation_signal.hpp>

#include <core/net/stream.h>
#include <vault/client/settings.h>
#include <vault/client/waits.h>
#include <vault/http/request.h>
#include <vault/http/response.h>

namespace keyway::vault {

// Exchanged is how an exchange ended.
struct Exchanged {
  Result<http::Response> response;
  bool may_have_arrived = false;  // the request, at the server
  // How many connections ended after the request had been sent and before any of the answer came.
  unsigned drops = 0;
};

// Connections belongs to its strand; `settings` and `waits` must outlive it.
class Connections {
 public:
  Connections(asio::any_io_executor strand, const ClientSettings& settings, Waits& waits)
      : strand_(std::move(strand)), settings_(settings), waits_(waits) {}

  // exchange sends `request` to `url` over an idle connection, or a new one. When an idle one turns out to be
  // closed and `repeatable`, it goes over a new one. What `request` refers to must stay until the end.
  asio::awaitable<Exchanged> exchange(http::Url url, http::Request request, bool repeatable,
                                      net::Deadline deadline);
  // stop ends whatever is under way, with errors of kind cancelled.
  void stop();

 private:
  struct Idle {
    net::Stream stream;
    SteadyClock::time_point last_use;
  };
  struct Waiter {
    bool may_go = false;
  };
  // What belongs to one address.
  struct Address {
    std::deque<Idle> idle;
    std::size_t busy = 0;
    std::list<Waiter> waiting;  // for a connection, in the order of their coming
  };
  class Slot;

  asio::awaitable<Result<void>> wait_for_turn(Address& address, const std::string& name,
                                              net::Deadline deadline);
  void end_turn(Address& address);

  asio::awaitable<Result<net::Stream>> connect(const http::Url& url, net::Deadline deadline);
  asio::awaitable<void> connect_to(http::Url url, net::Deadline deadline,
                                   std::optional<Result<net::Stream>>* connected);
  asio::awaitable<Exchanged> converse(net::Stream& stream, const http::Url& url, const http::Request& request,
                                      net::Deadline deadline, bool* is_reusable);
  std::optional<net::Stream> take_idle(Address& address);

  asio::any_io_executor strand_;
  const ClientSettings& settings_;
  Waits& waits_;
  std::map<std::string, Address> addresses_;
  std::list<net::Stream*> active_;
  std::list<asio::cancellation_signal> connecting_;
};

}  // namespace keyway::vault
