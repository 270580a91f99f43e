// Blocking calls: a client with a thread of its own. No Asio here, so that including it is cheap.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <kmip/client/key_reference.h>
#include <kmip/client/reply.h>
#include <kmip/client/settings.h>

namespace keyway::kmip {

class Client;

// BlockingClient runs a Client on its own thread. Any thread but that one may call it; calls of several
// threads are answered one after the other. Errors are those of the Client.
class BlockingClient {
 public:
  explicit BlockingClient(ClientSettings settings);
  // Cancels what is under way, calls that other threads wait for included, and joins the thread.
  ~BlockingClient();
  BlockingClient(const BlockingClient&) = delete;
  BlockingClient& operator=(const BlockingClient&) = delete;

  // call sends one operation and waits for its answer.
  template <OperationRequest R>
  Result<Reply<typename R::Response>> call(const R& request) {
    return typed_reply(request, std::move(ask({question(request)}).front()));
  }
  // call does the same for an operation that is known by its shape only. What the question points at must
  // stay until this returns.
  Result<RawReply> call(const Question& one) { return std::move(ask({one}).front()); }
  // call_each sends several, batched where the server takes batches; only for operations safe to repeat.
  template <OperationRequest R>
  std::vector<Result<Reply<typename R::Response>>> call_each(const std::vector<R>& requests) {
    static_assert(is_safe_to_repeat(R::operation));
    std::vector<Question> questions;
    for (const R& request : requests) questions.push_back(question(request));
    auto raw = ask(std::move(questions));
    std::vector<Result<Reply<typename R::Response>>> answers;
    for (std::size_t i = 0; i < raw.size(); ++i)
      answers.push_back(typed_reply(requests[i], std::move(raw[i])));
    return answers;
  }
  // connect makes sure that there is a connection and a negotiated version.
  Result<ServerFacts> connect();
  // exchange sends a request message as it is and gives the response as it came (Client::exchange).
  Result<SecretBuffer> exchange(SecretBuffer message);
  Result<std::string> find(KeyReference key);
  Result<KeyFacts> facts(std::string id);

  // The client behind it, for a KmipWrapper; include <kmip/client/client.h> to use it otherwise.
  Client& async();

 private:
  std::vector<Result<RawReply>> ask(std::vector<Question> questions);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace keyway::kmip
