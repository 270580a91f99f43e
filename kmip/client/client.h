// A client of one KMIP service over mutual TLS: asynchronous with any Asio completion token. For blocking
// calls see <kmip/client/blocking.h>.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/dispatch.hpp>

#include <kmip/client/reply.h>
#include <kmip/client/settings.h>

namespace keyway::kmip {

// Client keeps one connection open and sends one request at a time over it, in the order of the calls; it
// connects, negotiates the version and reconnects by itself. A request that only reads is sent once more on a
// fresh connection when an idle one turned out to be closed; anything else is never sent twice. After a
// timeout, a cancellation or a damaged answer the connection is closed, so that no answer meets the wrong
// question.
//
// With several addresses it stays with the one that answered. When one cannot be reached, fails in the TLS
// handshake or is lost, the next is tried inside the same request_timeout, of which each gets its share to
// connect in, as long as there are others left. A request that was sent already goes to the next address only
// if it merely reads and none of its answer has come. A refusal, or an answer that is not KMIP, is an answer.
// When no address will do, the error names all that were tried.
//
// Completion handlers take one Result and run on their associated executor, or the client's, never inside the
// call. Calls may be made from any thread. What a request's views point at must stay until the call
// completes. Destroying the client cancels what is under way. Per-operation cancellation
// (asio::cancellation_signal) works. Errors: unreachable, refused, not_found, unsupported, corrupt,
// cancelled; see kmip/wire/exchange.h.
class Client {
 public:
  Client(const asio::any_io_executor& executor, ClientSettings settings);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // async_call sends one operation: async_call(EncryptRequest{...}, token) completes with
  // Result<Reply<EncryptResponse>>. An answer about another object than the one asked for is corrupt.
  template <OperationRequest R, class Token>
  auto async_call(R request, Token&& token) {
    using Answer = Result<Reply<typename R::Response>>;
    return asio::async_initiate<Token, void(Answer)>(
        [this](auto handler, R request_) {
          std::vector<R> one;
          one.push_back(std::move(request_));
          start<Answer>(std::move(one), std::move(handler),
                        [](auto answers) { return std::move(answers.front()); });
        },
        token, std::move(request));
  }

  // async_call_each sends several of one operation, batched where the server takes batches, and completes
  // with one Result each, in order. Only for operations that are safe to repeat, because a server that
  // refuses the batch after a part of it is asked again one by one.
  template <OperationRequest R, class Token>
  auto async_call_each(std::vector<R> requests, Token&& token) {
    static_assert(is_safe_to_repeat(R::operation));
    using Answer = std::vector<Result<Reply<typename R::Response>>>;
    return asio::async_initiate<Token, void(Answer)>(
        [this](auto handler, std::vector<R> requests_) {
          start<Answer>(std::move(requests_), std::move(handler), [](auto answers) { return answers; });
        },
        token, std::move(requests));
  }

  // async_connect connects and negotiates, and completes with Result<ServerFacts>.
  template <class Token>
  auto async_connect(Token&& token) {
    return asio::async_initiate<Token, void(Result<ServerFacts>)>(
        [this](auto handler) {
          const auto slot = asio::get_associated_cancellation_slot(handler);
          const auto executor_ = asio::get_associated_executor(handler, executor());
          const auto id =
              connect([handler = std::move(handler), executor_](Result<ServerFacts> facts) mutable {
                complete(executor_, std::move(handler), std::move(facts));
              });
          assign(slot, id);
        },
        token);
  }

  // stop cancels what is under way; every later call is cancelled as well. For owners who have to wait for
  // their handlers before they destroy the client. May be called again, from any thread.
  void stop();

  // The calls with their types forgotten; what async_call and the blocking client are made of. `keep` holds
  // the requests that the questions point at. `done` runs on the client's strand.
  using CallId = std::uint64_t;
  struct Call {
    std::vector<Question> questions;
    std::shared_ptr<void> keep;
    std::move_only_function<void(std::vector<Result<RawReply>>)> done;
  };
  CallId submit(Call call);
  CallId connect(std::move_only_function<void(Result<ServerFacts>)> done);
  // exchange sends a request message as it is, once, and gives the response as it came; no version is
  // negotiated for it and no login added. Error: as above, but never refused: the answer is not looked into.
  CallId exchange(SecretBuffer message, std::move_only_function<void(Result<SecretBuffer>)> done);

  const asio::any_io_executor& executor() const;
  const ClientSettings& settings() const;

 private:
  class Impl;

  // A weak reference, so that cancelling after the client is gone does nothing.
  std::move_only_function<void()> canceller(CallId id) const;

  template <class Slot>
  void assign(Slot slot, CallId id) {
    if (!slot.is_connected()) return;
    slot.assign([cancel = std::make_shared<std::move_only_function<void()>>(canceller(id))](
                    asio::cancellation_type) { (*cancel)(); });
  }

  template <class Executor, class Handler, class Answer>
  static void complete(const Executor& executor, Handler handler, Answer answer) {
    asio::dispatch(executor, [handler = std::move(handler), answer = std::move(answer)]() mutable {
      std::move(handler)(std::move(answer));
    });
  }

  template <class Answer, OperationRequest R, class Handler, class Shrink>
  void start(std::vector<R> requests, Handler handler, Shrink shrink) {
    const auto slot = asio::get_associated_cancellation_slot(handler);
    const auto executor_ = asio::get_associated_executor(handler, executor());
    auto kept = std::make_shared<std::vector<R>>(std::move(requests));
    Call call;
    for (const R& request : *kept) call.questions.push_back(question(request));
    call.keep = kept;
    call.done = [handler = std::move(handler), executor_, kept,
                 shrink](std::vector<Result<RawReply>> raw) mutable {
      std::vector<Result<Reply<typename R::Response>>> answers;
      answers.reserve(raw.size());
      for (std::size_t i = 0; i < raw.size(); ++i)
        answers.push_back(typed_reply((*kept)[i], std::move(raw[i])));
      Answer answer = shrink(std::move(answers));
      complete(executor_, std::move(handler), std::move(answer));
    };
    assign(slot, submit(std::move(call)));
  }

  std::shared_ptr<Impl> impl_;
  std::atomic<bool> stopped_ = false;
};

}  // namespace keyway::kmip
