// Waiting on a strand that can be given up as a whole. Inside vault.
#pragma once

#include <chrono>
#include <set>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

namespace keyway::vault {

using SteadyClock = std::chrono::steady_clock;

// Waits are all timers that coroutines of one client wait for. Belongs to its strand.
class Waits {
 public:
  explicit Waits(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  // until waits for `time`, or for wake() of the same `what`; false when stop() came first or comes now.
  asio::awaitable<bool> until(SteadyClock::time_point time, const void* what = nullptr) {
    if (stopped_) co_return false;
    asio::steady_timer timer(executor_, time);
    const auto entry = std::pair<const void*, asio::steady_timer*>(what, &timer);
    timers_.insert(entry);
    co_await timer.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
    timers_.erase(entry);
    co_return !stopped_;
  }
  asio::awaitable<bool> pause(std::chrono::milliseconds time) { return until(SteadyClock::now() + time); }

  // wake ends the waits for `what`.
  void wake(const void* what) {
    for (const auto& [waits_for, timer] : timers_) {
      if (waits_for == what) timer->cancel();
    }
  }
  void stop() {
    stopped_ = true;
    for (const auto& entry : timers_) entry.second->cancel();
  }
  bool stopped() const { return stopped_; }

 private:
  asio::any_io_executor executor_;
  std::set<std::pair<const void*, asio::steady_timer*>> timers_;
  bool stopped_ = false;
};

}  // namespace keyway::vault
