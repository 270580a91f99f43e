#include <future>
#include <mutex>
#include <thread>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include <vault/client/blocking.h>
#include <vault/client/client.h>

namespace keyway::vault {

namespace {

// Runs a call of the client to its end and hands its answer over.
template <class T>
asio::awaitable<void> tell(asio::awaitable<T> call, std::shared_ptr<std::promise<T>> promise) {
  T answer = co_await std::move(call);
  promise->set_value(std::move(answer));
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
  }

  template <class T>
  T wait(asio::awaitable<T> call) {
    auto promise = std::make_shared<std::promise<T>>();
    auto future = promise->get_future();
    {
      const std::lock_guard lock(starting);
      asio::co_spawn(io, tell(std::move(call), std::move(promise)), asio::detached);
    }
    return future.get();
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

Result<KeyInfo> BlockingClient::read_key(const TransitKey& key) { return impl_->wait(async().read_key(key)); }

Each<Ciphertext> BlockingClient::encrypt(const TransitKey& key, std::vector<PlainItem> items,
                                         BatchOptions options) {
  return impl_->wait(async().encrypt(key, std::move(items), options));
}

Each<Secret> BlockingClient::decrypt(const TransitKey& key, std::vector<CipherItem> items,
                                     BatchOptions options) {
  return impl_->wait(async().decrypt(key, std::move(items), options));
}

Each<Ciphertext> BlockingClient::rewrap(const TransitKey& key, std::vector<CipherItem> items,
                                        BatchOptions options) {
  return impl_->wait(async().rewrap(key, std::move(items), options));
}

Result<DataKey> BlockingClient::data_key(const TransitKey& key, unsigned bits, OwnedBytes context,
                                         bool with_plaintext) {
  return impl_->wait(async().data_key(key, bits, std::move(context), with_plaintext));
}

Result<void> BlockingClient::log_in() { return impl_->wait(async().log_in()); }
Result<TokenFacts> BlockingClient::token_facts() { return impl_->wait(async().token_facts()); }
Result<Health> BlockingClient::health() { return impl_->wait(async().health()); }

Result<std::vector<std::vector<std::string>>> BlockingClient::capabilities(std::vector<std::string> paths) {
  return impl_->wait(async().capabilities(std::move(paths)));
}

Result<http::Response> BlockingClient::send(Question question) {
  return impl_->wait(async().send(std::move(question)));
}

}  // namespace keyway::vault
