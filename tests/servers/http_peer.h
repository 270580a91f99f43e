// An HTTP server that answers as a test's function says, mistakes included.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <asio/awaitable.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>

namespace keyway::test {

struct HttpRequest {
  std::string method, target, body;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string header(const std::string& name) const {
    const auto at = headers.find(name);
    return at == headers.end() ? "" : at->second;
  }
};

// HttpAnswer is what goes to the client, byte for byte, and what then becomes of the connection.
struct HttpAnswer {
  enum class Then {
    keep,
    close,  // with a FIN
    reset,  // with a RST
    stall,  // open, without another word
    repeat  // the bytes again and again, until the client has enough
  };
  std::string bytes;
  Then then = Then::keep;
};

// json_answer is a well-formed answer with this status.
HttpAnswer json_answer(const std::string& json, int status = 200, const std::string& more_headers = "");

// HttpPeer listens on a free port of 127.0.0.1, or on a unix-domain socket, in a thread of its own. `answer`
// is called there, one request at a time; `index` counts the requests of all connections.
class HttpPeer {
 public:
  using Answer = std::function<HttpAnswer(const HttpRequest& request, std::size_t index)>;

  explicit HttpPeer(Answer answer, const std::string& socket_path = "");
  ~HttpPeer();
  HttpPeer(const HttpPeer&) = delete;
  HttpPeer& operator=(const HttpPeer&) = delete;

  const std::string& address() const { return address_; }  // "http://127.0.0.1:PORT", "unix:///path"
  // seen is what came so far: "POST /v1/...". Thread-safe.
  std::vector<std::string> seen() const;
  std::size_t count(const std::string& what) const;  // of exactly this
  std::size_t connections() const;
  // wait_for waits until so many requests have come.
  void wait_for(std::size_t requests) const;

 private:
  using Socket = asio::generic::stream_protocol::socket;
  template <class Acceptor>
  static asio::awaitable<void> listen(HttpPeer* self, Acceptor* acceptor);
  static asio::awaitable<void> serve(HttpPeer* self, Socket socket);
  static asio::awaitable<bool> converse(HttpPeer* self, Socket* socket, std::string* inbox);

  Answer answer_;
  std::string address_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::string> seen_;  // guarded by mutex_
  std::size_t connections_ = 0;    // guarded by mutex_
  asio::io_context io_{1};
  asio::ip::tcp::acceptor tcp_{io_};
  asio::local::stream_protocol::acceptor local_{io_};
  std::list<Socket*> open_;
  std::thread thread_;
};

}  // namespace keyway::test
