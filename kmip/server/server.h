// The embedded KMIP server on a socket: TLS with client certificates, one coroutine for each connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include <asio/any_io_executor.hpp>

#include <core/error.h>
#include <core/net/endpoint.h>
#include <core/net/tls.h>
#include <kmip/server/engine.h>

namespace keyway::kmip::server {

struct ServerSettings {
  net::Endpoint listen{"127.0.0.1",
                       5696};  // an address, not a name ("localhost" is taken); port 0: any free one
  std::shared_ptr<const net::TlsContext> tls;  // TlsContext::server(...)
  std::size_t most_connections = 256;          // further ones are closed at once
  // A client that shakes hands, sends one message or takes one answer longer than this is disconnected.
  std::chrono::milliseconds step_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds idle_timeout = std::chrono::minutes(5);  // between messages
  // What went wrong with a connection, for people. Called on the server's strand; holds no secret.
  std::function<void(Text problem)> log;
};

class Server {
 public:
  // start listens and answers with `engine` from then on, in whatever threads run `executor`'s context, one
  // message at a time. Errors: invalid_input for an address that is none; unreachable when the port cannot
  // be had. `engine` must live until the context has run out of the server's work.
  static Result<std::unique_ptr<Server>> start(const asio::any_io_executor& executor, ServerSettings settings,
                                               Engine& engine);
  ~Server();  // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  // stop closes the port and every connection, and returns without waiting for them: they are gone when the
  // context has run out of work. Thread-safe; may be called again.
  void stop();

  struct Impl;

 private:
  explicit Server(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace keyway::kmip::server
