// HTTP/1.1 answers from bytes, as they arrive. No sockets here.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <core/bytes.h>
#include <core/error.h>
#include <core/secret.h>
#include <vault/http/request.h>

namespace keyway::vault::http {

struct Limits {
  std::size_t head = 64 << 10;  // bytes before the body, interim answers included; of trailers as well
  std::size_t headers = 128;    // number of header fields; of trailers as well
  std::size_t body = 64 << 20;  // bytes
};

struct Response {
  int status = 0;                                   // 200 to 999
  std::string reason;                               // the server's words beside it; printable; may be empty
  std::optional<std::string> location;              // as sent: not judged, not even printable
  std::optional<std::chrono::seconds> retry_after;  // only when sent as a number; a year at most
  bool keep_alive = false;                          // the connection may be used for another request
  SecretBuffer body;
};

// ResponseReader reads the one answer to one request (RFC 9112). Interim answers (1xx) before it are skipped.
// Not thread-safe.
class ResponseReader {
 public:
  explicit ResponseReader(Method asked, const Limits& limits = {});
  ResponseReader(ResponseReader&&) noexcept;
  ResponseReader& operator=(ResponseReader&&) noexcept;
  ~ResponseReader();

  // feed reads from `bytes` and gives how many it took: all of them, unless the answer ended before. What is
  // left belongs to nobody: a server that says more than it was asked must not be asked again on this
  // connection. After the end it takes none. Error: corrupt, for what is not HTTP/1, for an answer that can
  // be read in two ways (two lengths, a length and chunks, an unknown coding), or beyond a limit. The reader
  // and the connection are of no use after an error, and every later call repeats it.
  Result<std::size_t> feed(Bytes bytes);
  // end tells that the peer closed the connection. Good after the end of the answer, and for a body that has
  // no other end; otherwise the error is unreachable, saying how far the answer came.
  Result<void> end();
  // done tells that the answer is complete.
  bool done() const;
  // started tells that at least one byte of an answer came: without any, an old connection may just have
  // gone.
  bool started() const;
  // take hands the answer out. Only once, when done().
  Response take();

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace keyway::vault::http
