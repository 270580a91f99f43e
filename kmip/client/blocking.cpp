#include <future>
#include <mutex>
#include <thread>

#include <asio/co_spawn.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include <kmip/client/blocking.h>
#include <kmip/client/client.h>
#include <kmip/client/find_key.h>

namespace keyway::kmip {

namespace {

// Runs a coroutine of the client to its end and hands its result over.
template <class T>
asio::awaitable<void> tell(asio::awaitable<Result<T>> task,
                           std::shared_ptr<std::promise<Result<T>>> promise) {
  Result<T> result = co_await std::move(task);
  promise->set_value(std::move(result));
}

}  // namespace

struct BlockingClient::Impl {
  explicit Impl(ClientSettings settings)
      : work(asio::make_work_guard(io)),
        client(std::make_unique<Client>(io.get_executor(), std::move(settings))),
        thread([this] { io.run(); }) {}
  ~Impl() {
    {
      const std::lock_guard lock(starting);
    }  // a call that is just being posted still needs the context
    client->stop();
    work.reset();  // the thread ends when the cancelled calls have
    thread.join();
    // Only now may the client go: coroutines that make several calls held on to it.
  }

  // Waits for an answer that the client's thread gives.
  template <class Answer, class Start>
  Answer wait(Start start) {
    auto promise = std::make_shared<std::promise<Answer>>();
    auto future = promise->get_future();
    {
      const std::lock_guard lock(starting);
      start(promise);
    }
    return future.get();
  }

  template <class T>
  Result<T> run(asio::awaitable<Result<T>> task) {
    return wait<Result<T>>(
        [&](auto promise) { asio::co_spawn(io, tell(std::move(task), promise), [](std::exception_ptr) {}); });
  }

  std::mutex starting;
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
  using Replies = std::vector<Result<RawReply>>;
  return impl_->wait<Replies>([&](auto promise) {
    async().submit({std::move(questions), nullptr,
                    [promise](Replies replies) { promise->set_value(std::move(replies)); }});
  });
}

Result<ServerFacts> BlockingClient::connect() {
  return impl_->wait<Result<ServerFacts>>([&](auto promise) {
    async().connect([promise](Result<ServerFacts> facts) { promise->set_value(std::move(facts)); });
  });
}

Result<SecretBuffer> BlockingClient::exchange(SecretBuffer message) {
  return impl_->wait<Result<SecretBuffer>>([&](auto promise) {
    async().exchange(std::move(message),
                     [promise](Result<SecretBuffer> answer) { promise->set_value(std::move(answer)); });
  });
}

Result<std::string> BlockingClient::find(KeyReference key) {
  return impl_->run(find_key(async(), std::move(key)));
}

Result<KeyFacts> BlockingClient::facts(std::string id) {
  return impl_->run(key_facts(async(), std::move(id)));
}

}  // namespace keyway::kmip
