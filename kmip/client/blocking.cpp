#include <future>
#include <thread>

#include <asio/co_spawn.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include <kmip/client/blocking.h>
#include <kmip/client/client.h>
#include <kmip/client/find_key.h>

namespace keyway::kmip {

namespace {

// Waits for an answer that another thread gives.
template <class Answer, class Start>
Answer wait(Start start) {
  auto promise = std::make_shared<std::promise<Answer>>();
  auto future = promise->get_future();
  start([promise](Answer answer) { promise->set_value(std::move(answer)); });
  return future.get();
}

// Runs a coroutine of the client to its end and hands its result over.
template <class T>
asio::awaitable<void> tell(asio::awaitable<Result<T>> task,
                           std::shared_ptr<std::promise<Result<T>>> promise) {
  Result<T> result = co_await std::move(task);
  promise->set_value(std::move(result));
}

template <class T>
Result<T> run(const asio::any_io_executor& executor, asio::awaitable<Result<T>> task) {
  auto promise = std::make_shared<std::promise<Result<T>>>();
  auto future = promise->get_future();
  asio::co_spawn(executor, tell(std::move(task), promise), [](std::exception_ptr) {});
  return future.get();
}

}  // namespace

struct BlockingClient::Impl {
  explicit Impl(ClientSettings settings)
      : work(asio::make_work_guard(io)),
        client(std::make_unique<Client>(io.get_executor(), std::move(settings))),
        thread([this] { io.run(); }) {}
  ~Impl() {
    client->stop();
    work.reset();  // the thread ends when the cancelled calls have
    thread.join();
    // Only now may the client go: coroutines that make several calls held on to it.
  }

  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work;
  std::unique_ptr<Client> client;
  std::thread thread;
};

BlockingClient::BlockingClient(ClientSettings settings)
    : impl_(std::make_unique<Impl>(std::move(settings))) {}
BlockingClient::~BlockingClient() = default;

Client& BlockingClient::async() { return *impl_->client; }

std::vector<Result<RawReply>> BlockingClient::ask(std::vector<Question> questions) {
  return wait<std::vector<Result<RawReply>>>(
      [&](auto done) { async().submit({std::move(questions), nullptr, std::move(done)}); });
}

Result<ServerFacts> BlockingClient::connect() {
  return wait<Result<ServerFacts>>([&](auto done) { async().connect(std::move(done)); });
}

Result<std::string> BlockingClient::find(KeyReference key) {
  return run(async().executor(), find_key(async(), std::move(key)));
}

Result<KeyFacts> BlockingClient::facts(std::string id) {
  return run(async().executor(), key_facts(async(), std::move(id)));
}

}  // namespace keyway::kmip
