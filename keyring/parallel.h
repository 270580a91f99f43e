// Calls of KeyWrappers that run at once, and the wait for all of their answers.
#pragma once

#include <condition_variable>
#include <mutex>
#include <vector>

#include <core/key_wrapper.h>

namespace keyway::keyring {

// Parallel starts calls, at most `limit` at once, and puts each answer where it belongs. T: Secret or
// WrappedKey. Used by one thread; the answers arrive on any. Its destructor waits for the answers.
template <class T>
class Parallel {
 public:
  // `answers` outlives this.
  Parallel(Each<T>& answers, std::size_t limit) : answers_(answers), limit_(limit) {}
  ~Parallel() { wait(); }
  Parallel(const Parallel&) = delete;
  Parallel& operator=(const Parallel&) = delete;

  // start waits until fewer than `limit` calls are under way, then runs `call(done)`, whose answers go to
  // the places `at`, in order.
  template <class Call>
  void start(std::vector<std::size_t> at, Call&& call) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return under_way_ < limit_; });
      ++under_way_;
    }
    call([this, at = std::move(at)](Each<T> answers) {
      const std::lock_guard lock(mutex_);
      for (std::size_t k = 0; k < at.size() && k < answers.size(); ++k)
        answers_[at[k]] = std::move(answers[k]);
      --under_way_;
      changed_.notify_all();  // under the lock: this object may be gone as soon as it is released
    });
  }

  // answer gives one error to the places `at`.
  void answer(const std::vector<std::size_t>& at, const Error& error) {
    const std::lock_guard lock(mutex_);
    for (const std::size_t i : at) answers_[i] = std::unexpected(error);
  }

  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return under_way_ == 0; });
  }

 private:
  Each<T>& answers_;
  const std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t under_way_ = 0;
};

}  // namespace keyway::keyring
