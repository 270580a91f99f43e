#include <asio/co_spawn.hpp>

#include <kmip/client/blocking.h>

namespace keyway::kmip {

namespace {

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

BlockingClient::BlockingClient(ClientSettings settings)
    : work_(asio::make_work_guard(io_)),
      client_(std::make_unique<Client>(io_.get_executor(), std::move(settings))),
      thread_([this] { io_.run(); }) {}

BlockingClient::~BlockingClient() {
  client_->stop();
  work_.reset();  // the thread ends when the cancelled calls have
  thread_.join();
  // Only now may the client go: coroutines that make several calls held on to it.
}

Result<ServerFacts> BlockingClient::connect() {
  return wait<Result<ServerFacts>>([&](auto done) { client_->async_connect(std::move(done)); });
}

Result<std::string> BlockingClient::find(KeyReference key) {
  return run(client_->executor(), find_key(*client_, std::move(key)));
}

Result<KeyFacts> BlockingClient::facts(std::string id) {
  return run(client_->executor(), key_facts(*client_, std::move(id)));
}

}  // namespace keyway::kmip
