#include <atomic>
#include <latch>
#include <memory>
#include <vector>

#include <core/worker.h>
#include <tests/core/support.h>

using namespace keyway;

TEST_CASE("Worker: jobs run in order, on one other thread, and all of them before the end") {
  std::vector<int> order;
  std::vector<std::thread::id> threads;
  {
    Worker worker;
    for (int i = 0; i < 1000; ++i) {
      worker.post([&, i] {
        order.push_back(i);
        threads.push_back(std::this_thread::get_id());
      });
    }
  }
  REQUIRE(order.size() == 1000);
  for (int i = 0; i < 1000; ++i) CHECK(order[static_cast<std::size_t>(i)] == i);
  for (const auto thread : threads) CHECK(thread == threads.front());
  CHECK(threads.front() != std::this_thread::get_id());
}

TEST_CASE("Worker: a job may post, and what it posts runs even while the worker ends") {
  std::vector<std::string> order;
  {
    Worker worker;
    std::latch posted(1);
    worker.post([&] {
      posted.wait();
      worker.post([&] { order.emplace_back("third"); });
      order.emplace_back("first");
    });
    worker.post([&] { order.emplace_back("second"); });
    posted.count_down();
  }
  CHECK(order == std::vector<std::string>{"first", "second", "third"});
}

TEST_CASE("Worker: posts from many threads all run, one at a time") {
  int count = 0;  // not atomic: the worker's one thread is what guards it
  {
    Worker worker;
    std::vector<std::thread> posters;
    for (int t = 0; t < 4; ++t) {
      posters.emplace_back([&] {
        for (int i = 0; i < 250; ++i) worker.post([&] { ++count; });
      });
    }
    for (auto& poster : posters) poster.join();
  }
  CHECK(count == 1000);
}

TEST_CASE("Worker: a job is destroyed before the next one runs") {
  const auto token = std::make_shared<int>(0);
  std::vector<long> uses;
  {
    Worker worker;
    worker.post([held = token] { CHECK(held != nullptr); });
    worker.post([&] { uses.push_back(token.use_count()); });
  }
  CHECK(uses == std::vector<long>{1});
}

TEST_CASE("Worker: one without jobs ends") { const Worker worker; }
