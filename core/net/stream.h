// The one network stream, with a deadline on every step: TLS over TCP, or where a caller asks for no TLS by
// name, plain TCP or a unix-domain socket. Compiled once, in stream.cpp.
#pragma once

#include <chrono>
#include <cstddef>
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

// share_of is where the first of `left` attempts has to end, so that each gets its part of the time.
Deadline share_of(Deadline deadline, std::size_t left);

// Stream is one connection. All calls belong on its executor, which must run one handler at a time (an
// io_context with one thread, or a strand): one read and one write at a time. It must be gone before the
// io_context is; it may be moved or destroyed while an operation waits, which then ends as by close(). When a
// deadline passes, or after close(), the connection is unusable: whatever waits ends with an error of kind
// unreachable (deadline) or cancelled (close), and no answer of an earlier question can be mistaken for a
// later one's.
class Stream {
 public:
  // connect resolves, connects (each address in turn), shakes hands, and verifies chain and host name. SNI
  // is sent for names, not for addresses. Errors: unreachable, saying which of these failed and why;
  // invalid_input for an endpoint without a valid host or port. Under TLS 1.3 a server judges the client's
  // certificate after connect has succeeded: its refusal is the error of the first read or write.
  static asio::awaitable<Result<Stream>> connect(Endpoint endpoint, std::shared_ptr<const TlsContext> tls,
                                                 Deadline deadline);
  // connect_plain is connect without TLS: nobody is verified and anybody on the way can read and change what
  // travels. Errors as connect's.
  static asio::awaitable<Result<Stream>> connect_plain(Endpoint endpoint, Deadline deadline);
  // connect_local connects to the unix-domain socket at `path`. Errors name the path: not_found when there is
  // none; unreachable when nobody listens or this user may not connect; invalid_input for a path that is
  // empty, holds a zero byte or is longer than such an address can be (107 bytes).
  static asio::awaitable<Result<Stream>> connect_local(std::string path, Deadline deadline);
  // accept does the server's half of the handshake on a connected socket, whose executor must be the
  // caller's. Error: unreachable, also for a client without a certificate that chains to the context's CA.
  static asio::awaitable<Result<Stream>> accept(asio::ip::tcp::socket socket,
                                                std::shared_ptr<const TlsContext> tls, Deadline deadline);

  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;
  ~Stream();

  // read_some reads at least one byte into `room`, which must not be empty; 0 means that the peer closed,
  // with or without a TLS goodbye: whether that cut a message short is for the caller's framing to see.
  asio::awaitable<Result<std::size_t>> read_some(std::span<std::byte> room, Deadline deadline);
  // write writes all of `bytes`, which must stay valid until it ends.
  asio::awaitable<Result<void>> write(Bytes bytes, Deadline deadline);
  // close ends the connection at once, with a TLS goodbye when nothing is under way.
  void close();
  bool is_open() const;

  // Valid as long as the Stream.
  const std::string& peer() const;          // for messages: "host:port", "unix:/run/agent.sock"
  const std::string& peer_subject() const;  // subject of the peer's certificate, "CN=..."; empty without TLS
  const std::string& protocol() const;      // "TLSv1.3, TLS_AES_256_GCM_SHA384"; empty without TLS

  struct Impl;

 private:
  explicit Stream(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace keyway::net
