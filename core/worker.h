// One thread that runs posted jobs in order.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace keyway {

class Worker {
 public:
  Worker();
  ~Worker();  // runs what was posted, then joins; so never from inside a job
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // post queues `job`, which must not throw; it never runs inside the call. Thread-safe.
  void post(std::move_only_function<void()> job);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::move_only_function<void()>> jobs_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace keyway
