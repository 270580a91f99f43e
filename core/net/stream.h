// The one network stream: TLS over TCP, with a deadline on every step. Compiled once, in stream.cpp.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>

#include <core/bytes.h>
#include <core/error.h>
#include <core/net/endpoint.h>
#include <core/net/tls.h>

namespace keyway::net {

using Deadline = std::chrono::steady_clock::time_point;

// Stream is one connection. All calls belong on its executor, one read and one write at a time. When a
// deadline passes, or after close(), the connection is unusable: whatever waits ends with an error of kind
// unreachable (deadline) or cancelled (close), and no answer of an earlier question can be mistaken for a
// later one's.
class Stream {
 public:
  // connect resolves, connects (each address in turn), shakes hands, and verifies chain and host name. SNI
  // is sent for names, not for addresses. Errors: unreachable, saying which of these failed and why.
  static asio::awaitable<Result<Stream>> connect(Endpoint endpoint, std::shared_ptr<const TlsContext> tls,
                                                 Deadline deadline);
  // accept does the server's half of the handshake on a connected socket.
  static asio::awaitable<Result<Stream>> accept(asio::ip::tcp::socket socket,
                                                std::shared_ptr<const TlsContext> tls, Deadline deadline);

  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;
  ~Stream();

  // read_some reads at least one byte; 0 means that the peer closed.
  asio::awaitable<Result<std::size_t>> read_some(std::span<std::byte> room, Deadline deadline);
  // write writes all of `bytes`, which must stay valid until it ends.
  asio::awaitable<Result<void>> write(Bytes bytes, Deadline deadline);
  // close ends the connection at once.
  void close();
  bool is_open() const;

  const std::string& peer() const;          // "host:port" for messages
  const std::string& peer_subject() const;  // subject of the peer's certificate, "CN=..."
  const std::string& protocol() const;      // "TLSv1.3, TLS_AES_256_GCM_SHA384"

  struct Impl;

 private:
  explicit Stream(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace keyway::net
