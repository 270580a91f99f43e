// A TLS server that does exactly what a test tells it, mistakes included.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include <core/bytes.h>
#include <core/net/endpoint.h>
#include <core/net/stream.h>
#include <core/net/tls.h>

namespace keyway::test {

// Step is what the peer does once it has read a request.
struct Step {
  enum class Act {
    answer,   // sends the answer
    dribble,  // sends it byte by byte, a TLS record each
    cut,      // sends the first `size` bytes of it and closes
    close,    // closes without a word
    stall,    // says nothing until the client goes away
    late,     // says nothing until the client goes away, then sends the answer
    idle_out  // sends the answer and closes, as a server does with an idle connection
  };
  Act act = Act::answer;
  std::function<OwnedBytes(Bytes request)> make;  // the answer
  std::size_t size = 0;
};

inline Step answer(OwnedBytes message) {
  return {Step::Act::answer, [message](Bytes) { return message; }};
}
inline Step dribble(OwnedBytes message) {
  return {Step::Act::dribble, [message](Bytes) { return message; }};
}
inline Step cut(OwnedBytes message, std::size_t size) {
  return {Step::Act::cut, [message](Bytes) { return message; }, size};
}
inline Step late(OwnedBytes message) {
  return {Step::Act::late, [message](Bytes) { return message; }};
}
inline Step idle_out(OwnedBytes message) {
  return {Step::Act::idle_out, [message](Bytes) { return message; }};
}
inline Step close_connection() { return {Step::Act::close, {}}; }
inline Step stall() { return {Step::Act::stall, {}}; }

// Connection is the script of one connection. After its last step the peer waits for the client to go.
struct Connection {
  enum class Start {
    tls,
    silence,  // takes the TCP connection and never says a word
    plain     // sends `greeting` over TCP, without TLS
  };
  std::vector<Step> steps;
  Start start = Start::tls;
  OwnedBytes greeting;
};

// ScriptedPeer listens on a free port of 127.0.0.1 and follows one script after the other, in the order in
// which connections come; one for which there is no script is closed at once. It has a thread of its own.
class ScriptedPeer {
 public:
  ScriptedPeer(std::shared_ptr<const net::TlsContext> tls, std::vector<Connection> connections);
  ~ScriptedPeer();
  ScriptedPeer(const ScriptedPeer&) = delete;
  ScriptedPeer& operator=(const ScriptedPeer&) = delete;

  net::Endpoint endpoint(std::string host = "127.0.0.1") const { return {std::move(host), port_}; }

  // seen is what came on each connection so far: "DiscoverVersions Get,Get Create" for one request each of
  // Discover Versions, of two Gets in a batch, and of Create. Thread-safe.
  std::vector<std::string> seen() const;
  // wait_for waits until connection `index` has brought `requests` requests.
  void wait_for(std::size_t index, std::size_t requests) const;
  // wait_for_end waits until connection `index` has ended on this side.
  void wait_for_end(std::size_t index) const;

 private:
  struct Log {
    std::string operations;
    std::size_t requests = 0;
    bool ended = false;
  };

  static asio::awaitable<void> listen(ScriptedPeer* self);
  static asio::awaitable<void> follow(ScriptedPeer* self, asio::ip::tcp::socket socket, std::size_t index);
  static asio::awaitable<void> converse(ScriptedPeer* self, net::Stream* stream, std::size_t index);
  void note_request(std::size_t index, Bytes request);
  void note_end(std::size_t index);

  std::shared_ptr<const net::TlsContext> tls_;
  const std::vector<Connection> connections_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<Log> logs_;                              // guarded by mutex_
  std::map<std::size_t, std::function<void()>> open_;  // closes a connection; the thread's only

  asio::io_context io_{1};
  asio::ip::tcp::acceptor acceptor_{io_};
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace keyway::test
