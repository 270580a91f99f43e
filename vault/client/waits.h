// Working and waiting on a strand: waits that can be given up as a whole, and work in parallel. Inside vault.
#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <set>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/post.hpp>
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
  const asio::any_io_executor& executor() const { return executor_; }

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

// on_strand runs a call on `strand`, whatever the caller's executor. Cancelling the caller does not reach it:
// it works with what the caller keeps for it, and others may wait for what it began.
template <class T>
asio::awaitable<T> on_strand(const asio::any_io_executor& strand, asio::awaitable<T> call) {
  return asio::co_spawn(strand, std::move(call),
                        asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable));
}

// in_parallel runs `count` coroutines at once, each made by a call of `work`, and ends when all have: what
// they work with must not be left behind, whatever happens. All on the strand of `waits`, the caller
// included.
template <class Work>
asio::awaitable<void> in_parallel(Waits& waits, std::size_t count, Work work) {
  if (count == 1) {
    auto working = work();
    co_await std::move(working);
    co_return;
  }
  struct Run {
    std::size_t left;
    std::exception_ptr thrown;
  };
  const auto run = std::make_shared<Run>(Run{count, nullptr});
  for (std::size_t i = 0; i < count; ++i)
    asio::co_spawn(waits.executor(), work(), [run, &waits](const std::exception_ptr& thrown) {
      if (thrown) run->thrown = thrown;
      if (--run->left == 0) waits.wake(run.get());
    });
  while (run->left > 0) {
    auto waiting = waits.until(SteadyClock::time_point::max(), run.get());
    if (!co_await std::move(waiting)) co_await asio::post(waits.executor(), asio::use_awaitable);
  }
  if (run->thrown) std::rethrow_exception(run->thrown);
}

}  // namespace keyway::vault
