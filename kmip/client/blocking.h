// Blocking calls: a client with a thread of its own.
#pragma once

#include <future>
#include <thread>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include <kmip/client/client.h>
#include <kmip/client/find_key.h>

namespace keyway::kmip {

// BlockingClient runs a Client on its own thread. Any thread but that one may call it; calls of several
// threads are answered one after the other.
class BlockingClient {
 public:
  explicit BlockingClient(ClientSettings settings);
  ~BlockingClient();  // cancels what is under way and joins the thread
  BlockingClient(const BlockingClient&) = delete;
  BlockingClient& operator=(const BlockingClient&) = delete;

  template <OperationRequest R>
  Result<Reply<typename R::Response>> call(R request) {
    return wait<Result<Reply<typename R::Response>>>(
        [&](auto done) { client_->async_call(std::move(request), std::move(done)); });
  }
  template <OperationRequest R>
  std::vector<Result<Reply<typename R::Response>>> call_each(std::vector<R> requests) {
    return wait<std::vector<Result<Reply<typename R::Response>>>>(
        [&](auto done) { client_->async_call_each(std::move(requests), std::move(done)); });
  }
  // connect makes sure that there is a connection and a negotiated version.
  Result<ServerFacts> connect();
  Result<std::string> find(KeyReference key);
  Result<KeyFacts> facts(std::string id);

  Client& async() { return *client_; }

 private:
  template <class Answer, class Start>
  static Answer wait(Start start) {
    auto promise = std::make_shared<std::promise<Answer>>();
    auto future = promise->get_future();
    start([promise](Answer answer) { promise->set_value(std::move(answer)); });
    return future.get();
  }

  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::unique_ptr<Client> client_;
  std::thread thread_;
};

}  // namespace keyway::kmip
