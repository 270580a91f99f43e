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

#include <core/error.h>

namespace keyway::vault {

using SteadyClock = std::chrono::steady_clock;

// What a call gets that stop() ended.
inline Error call_cancelled() { return Error{ErrorKind::cancelled, "the call was cancelled", {}, {}}; }

// Waits are all timers that coroutines of one client wait for. Belongs to its strand.
class Waits {
 public:
  explicit Waits(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  // until waits for `time`, or for wake() of the same `what`; false when stop() came first or comes now.
  asio::awaitable<bool> until(SteadyClock::time_point time, const void* what = nullptr) {
    if (stopped_) co_return false;
    asio::steady_timer timer(executor_, time);
    const Entry entry(timers_, {what, &timer});
    co_await timer.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
    co_return !stopped_;
  }
  asio::awaitable<bool> pause(std::chrono::milliseconds time) { return until(SteadyClock::now() + time); }

  // wake ends the waits for `what`.
  void wake(const void* what) {
    for (auto at = timers_.lower_bound({what, nullptr}); at != timers_.end() && at->first == what; ++at)
      at->second->cancel();
  }
  void stop() {
    stopped_ = true;
    for (const auto& entry : timers_) entry.second->cancel();
  }
  bool stopped() const { return stopped_; }

 private:
  using Timers = std::set<std::pair<const void*, asio::steady_timer*>>;
  // A member of the set for as long as it lives.
  class Entry {
   public:
    Entry(Timers& timers, Timers::value_type value) : timers_(timers), value_(value) {
      timers_.insert(value_);
    }
    ~Entry() { timers_.erase(value_); }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    Timers& timers_;
    const Timers::value_type value_;
  };

  asio::any_io_executor executor_;
  Timers timers_;
  bool stopped_ = false;
};

}  // namespace keyway::vault
