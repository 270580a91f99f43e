// A client of one Vault or OpenBao service: asynchronous, as Asio coroutines. For blocking calls see
// <vault/client/blocking.h>.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <core/error.h>
#include <core/key_wrapper.h>
#include <vault/auth.h>
#include <vault/client/settings.h>
#include <vault/transit.h>

namespace keyway::vault {

// Client logs in when it first has to, keeps its token alive, keeps connections open, and repeats what is
// safe to repeat while the server is in trouble: rate limits, elections, restarts, a sealed node. All inside
// ClientSettings::request_timeout for each request.
//
// Any coroutine may await its calls, from any thread, several at once. What arguments point at must stay
// until the call ends, which only its deadline and stop() can bring about before its time: Asio's
// cancellation of the caller waits for it. Destroying the client stops it. Errors: unreachable (also: sealed,
// not initialised, no leader), refused (policy, token, login), not_found (key, mount, namespace), corrupt
// (ciphertext or answer), unsupported, invalid_input, cancelled.
class Client {
 public:
  Client(const asio::any_io_executor& executor, ClientSettings settings);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  asio::awaitable<Result<KeyInfo>> read_key(TransitKey key);
  // One answer for each item. Items are cut into requests, several of which are under way at once. encrypt
  // never makes a key: it reads the key first, each time, unless the caller has.
  asio::awaitable<Each<Ciphertext>> encrypt(TransitKey key, std::vector<PlainItem> items,
                                            BatchOptions options = {});
  asio::awaitable<Each<Secret>> decrypt(TransitKey key, std::vector<CipherItem> items,
                                        BatchOptions options = {});
  asio::awaitable<Each<Ciphertext>> rewrap(TransitKey key, std::vector<CipherItem> items,
                                           BatchOptions options = {});
  // A new key made by the server, 128, 256 or 512 bits. Reads the wrapping key first, as encrypt does.
  asio::awaitable<Result<DataKey>> data_key(TransitKey key, unsigned bits, OwnedBytes context,
                                            bool with_plaintext);

  // log_in makes sure that there is a token.
  asio::awaitable<Result<void>> log_in();
  asio::awaitable<Result<TokenFacts>> token_facts();
  asio::awaitable<Result<Health>> health();
  // What the token may do with each path: {"read", "update"}, {"deny"}, {"root"}.
  asio::awaitable<Result<std::vector<std::vector<std::string>>>> capabilities(std::vector<std::string> paths);

  // send asks anything; the answer has status 200 to 299, or batch results.
  asio::awaitable<Result<http::Response>> send(Question question);

  // stop cancels what is under way; every later call is cancelled as well. May be called again, from any
  // thread.
  void stop();

  const asio::any_io_executor& executor() const;
  const ClientSettings& settings() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace keyway::vault
