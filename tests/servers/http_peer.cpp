#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <fmt/format.h>

#include <tests/servers/http_peer.h>

namespace keyway::test {

namespace {

constexpr auto as_tuple = asio::experimental::as_tuple(asio::use_awaitable);

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// The request at the front of `inbox`, when it is there as a whole; it is taken out.
bool take_request(std::string& inbox, HttpRequest& request) {
  const std::size_t head = inbox.find("\r\n\r\n");
  if (head == std::string::npos) return false;
  std::size_t at = inbox.find("\r\n");
  const std::string first = inbox.substr(0, at);
  request.method = first.substr(0, first.find(' '));
  request.target = first.substr(first.find(' ') + 1, first.rfind(' ') - first.find(' ') - 1);
  while (at < head) {
    const std::size_t end = inbox.find("\r\n", at + 2);
    const std::string line = inbox.substr(at + 2, end - at - 2);
    const std::size_t colon = line.find(": ");
    request.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
    at = end;
  }
  const std::string length = request.header("content-length");
  const std::size_t size = length.empty() ? 0 : std::strtoul(length.c_str(), nullptr, 10);
  if (inbox.size() < head + 4 + size) return false;
  request.body = inbox.substr(head + 4, size);
  inbox.erase(0, head + 4 + size);
  return true;
}

asio::awaitable<void> wait_until_closed(asio::generic::stream_protocol::socket* socket) {
  std::array<char, 1024> ignored{};
  for (;;) {
    const auto [error, n] = co_await socket->async_read_some(asio::buffer(ignored), as_tuple);
    if (error) co_return;
  }
}

}  // namespace

HttpAnswer json_answer(const std::string& json, int status, const std::string& more_headers) {
  return {fmt::format("HTTP/1.1 {} Words\r\nContent-Type: application/json\r\n{}Content-Length: {}\r\n\r\n{}",
                      status, more_headers, json.size(), json)};
}

HttpPeer::HttpPeer(Answer answer, const std::string& socket_path) : answer_(std::move(answer)) {
  if (socket_path.empty()) {
    const asio::ip::tcp::endpoint any_port(asio::ip::make_address("127.0.0.1"), 0);
    tcp_ = asio::ip::tcp::acceptor(io_, any_port);
    address_ = fmt::format("http://127.0.0.1:{}", tcp_.local_endpoint().port());
    asio::co_spawn(io_, listen(this, &tcp_), asio::detached);
  } else {
    local_ = asio::local::stream_protocol::acceptor(io_, asio::local::stream_protocol::endpoint(socket_path));
    address_ = "unix://" + socket_path;
    asio::co_spawn(io_, listen(this, &local_), asio::detached);
  }
  thread_ = std::thread([this] { io_.run(); });
}

HttpPeer::~HttpPeer() {
  asio::post(io_, [this] {
    std::error_code ignored;
    tcp_.close(ignored);
    local_.close(ignored);
    for (Socket* socket : open_) socket->close(ignored);
  });
  thread_.join();
}

std::vector<std::string> HttpPeer::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

std::size_t HttpPeer::count(const std::string& what) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::ranges::count(seen_, what));
}

std::size_t HttpPeer::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

void HttpPeer::wait_for(std::size_t requests) const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return seen_.size() >= requests; });
}

template <class Acceptor>
asio::awaitable<void> HttpPeer::listen(HttpPeer* self, Acceptor* acceptor) {
  for (;;) {
    auto [error, socket] = co_await acceptor->async_accept(as_tuple);
    if (error) co_return;
    {
      const std::lock_guard lock(self->mutex_);
      ++self->connections_;
    }
    asio::co_spawn(self->io_, serve(self, Socket(std::move(socket))), asio::detached);
  }
}

asio::awaitable<void> HttpPeer::serve(HttpPeer* self, Socket socket) {
  const auto entry = self->open_.insert(self->open_.end(), &socket);
  std::string inbox;
  for (bool goes_on = true; goes_on;) {
    auto conversing = converse(self, &socket, &inbox);
    goes_on = co_await std::move(conversing);
  }
  self->open_.erase(entry);
}

// One request and its answer; whether the connection goes on.
asio::awaitable<bool> HttpPeer::converse(HttpPeer* self, Socket* socket, std::string* inbox) {
  HttpRequest request;
  std::array<char, 16'384> room{};
  while (!take_request(*inbox, request)) {
    const auto [error, n] = co_await socket->async_read_some(asio::buffer(room), as_tuple);
    if (error) co_return false;
    inbox->append(room.data(), n);
  }
  std::size_t index = 0;
  {
    const std::lock_guard lock(self->mutex_);
    index = self->seen_.size();
    self->seen_.push_back(request.method + " " + request.target);
    self->changed_.notify_all();
  }
  const HttpAnswer answer = self->answer_(request, index);
  do {
    const auto [error, n] = co_await asio::async_write(*socket, asio::buffer(answer.bytes), as_tuple);
    if (error) co_return false;
  } while (answer.then == HttpAnswer::Then::repeat);
  if (answer.then == HttpAnswer::Then::stall) co_await wait_until_closed(socket);
  if (answer.then == HttpAnswer::Then::reset) {
    std::error_code ignored;
    socket->set_option(asio::socket_base::linger(true, 0), ignored);
  }
  co_return answer.then == HttpAnswer::Then::keep;
}

}  // namespace keyway::test
