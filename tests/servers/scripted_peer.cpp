#include <algorithm>
#include <array>
#include <optional>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <kmip/model/message.h>
#include <kmip/wire/framing.h>
#include <tests/servers/scripted_peer.h>

namespace keyway::test {

namespace {

using asio::ip::tcp;
constexpr auto as_tuple = asio::experimental::as_tuple(asio::use_awaitable);

// Far enough that it never passes in a test that does not hang.
net::Deadline later() { return std::chrono::steady_clock::now() + std::chrono::minutes(2); }

asio::awaitable<std::optional<SecretBuffer>> read_request(net::Stream* stream) {
  kmip::Frame frame(kmip::Tag::RequestMessage, kmip::Limits{});
  while (!frame.complete()) {
    auto reading = stream->read_some(frame.inbox(), later());
    const auto n = co_await std::move(reading);
    if (!n || *n == 0 || !frame.received(*n)) co_return std::nullopt;
  }
  co_return frame.take();
}

asio::awaitable<void> wait_until_closed(net::Stream* stream) {
  std::array<std::byte, 1024> ignored{};
  for (;;) {
    auto reading = stream->read_some(ignored, later());
    const auto n = co_await std::move(reading);
    if (!n || *n == 0) co_return;
  }
}

asio::awaitable<void> send(net::Stream* stream, Bytes bytes, std::size_t piece) {
  while (!bytes.empty()) {
    const Bytes part = bytes.first(std::min(piece, bytes.size()));
    auto writing = stream->write(part, later());
    if (const auto written = co_await std::move(writing); !written) co_return;
    bytes = bytes.subspan(part.size());
  }
}

asio::awaitable<void> wait_until_closed(tcp::socket* socket) {
  std::array<std::byte, 1024> ignored{};
  for (;;) {
    const auto [error, n] = co_await socket->async_read_some(asio::buffer(ignored), as_tuple);
    if (error) co_return;
  }
}

// Does one step; whether the connection goes on after it.
asio::awaitable<bool> take(net::Stream* stream, const Step* step, Bytes request) {
  using enum Step::Act;
  if (step->act == close) co_return false;
  if (step->act == stall || step->act == late) co_await wait_until_closed(stream);
  if (step->act == stall) co_return false;
  const OwnedBytes message = step->make(request);
  const Bytes sent = step->act == cut ? Bytes(message).first(step->size) : Bytes(message);
  co_await send(stream, sent, step->act == dribble ? 1 : std::max<std::size_t>(sent.size(), 1));
  co_return step->act == answer || step->act == dribble;
}

}  // namespace

ScriptedPeer::ScriptedPeer(std::shared_ptr<const net::TlsContext> tls, std::vector<Connection> connections)
    : tls_(std::move(tls)), connections_(std::move(connections)) {
  const tcp::endpoint any_port(asio::ip::make_address("127.0.0.1"), 0);
  acceptor_.open(any_port.protocol());
  acceptor_.bind(any_port);
  acceptor_.listen();
  port_ = acceptor_.local_endpoint().port();
  asio::co_spawn(io_, listen(this), asio::detached);
  thread_ = std::thread([this] { io_.run(); });
}

ScriptedPeer::~ScriptedPeer() {
  asio::post(io_, [this] {
    std::error_code ignored;
    acceptor_.close(ignored);
    for (const auto& [index, close] : open_) close();
  });
  thread_.join();
}

std::vector<std::string> ScriptedPeer::seen() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> seen;
  for (const Log& log : logs_) seen.push_back(log.operations);
  return seen;
}

void ScriptedPeer::wait_for(std::size_t index, std::size_t requests) const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return logs_.size() > index && logs_[index].requests >= requests; });
}

void ScriptedPeer::wait_for_end(std::size_t index) const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return logs_.size() > index && logs_[index].ended; });
}

asio::awaitable<void> ScriptedPeer::listen(ScriptedPeer* self) {
  for (;;) {
    auto [error, socket] = co_await self->acceptor_.async_accept(as_tuple);
    if (error) co_return;
    std::size_t index = 0;
    {
      const std::lock_guard lock(self->mutex_);
      index = self->logs_.size();
      self->logs_.emplace_back();
    }
    self->changed_.notify_all();
    if (index < self->connections_.size())
      asio::co_spawn(self->io_, follow(self, std::move(socket), index), asio::detached);
    else
      self->note_end(index);
  }
}

asio::awaitable<void> ScriptedPeer::follow(ScriptedPeer* self, tcp::socket socket, std::size_t index) {
  const Connection& script = self->connections_[index];
  if (script.start != Connection::Start::tls) {
    if (!script.greeting.empty()) {
      const auto greeting = asio::buffer(script.greeting.data(), script.greeting.size());
      co_await asio::async_write(socket, greeting, as_tuple);
    }
    self->open_[index] = [&socket] { socket.close(); };
    co_await wait_until_closed(&socket);
  } else {
    auto accepting = net::Stream::accept(std::move(socket), self->tls_, later());
    if (auto stream = co_await std::move(accepting)) {
      self->open_[index] = [&stream] { stream->close(); };
      co_await converse(self, &*stream, index);
    }
  }
  self->open_.erase(index);
  self->note_end(index);
}

asio::awaitable<void> ScriptedPeer::converse(ScriptedPeer* self, net::Stream* stream, std::size_t index) {
  for (const Step& step : self->connections_[index].steps) {
    const auto request = co_await read_request(stream);
    if (!request) co_return;
    self->note_request(index, request->view());
    const bool goes_on = co_await take(stream, &step, request->view());
    if (!goes_on) co_return;
  }
  // A request beyond the script is noted and gets no answer.
  if (const auto request = co_await read_request(stream)) self->note_request(index, request->view());
  co_await wait_until_closed(stream);
}

void ScriptedPeer::note_request(std::size_t index, Bytes request) {
  using namespace kmip;
  const auto message =
      decode_message<RequestMessage>(request, Tag::RequestMessage, {newest_version, Mode::lenient, Limits{}});
  std::string operations;
  if (message)
    for (const RequestBatchItem& item : message->items)
      operations += (operations.empty() ? "" : ",") + name(item.operation);
  const std::lock_guard lock(mutex_);
  Log& log = logs_[index];
  log.operations += (log.operations.empty() ? "" : " ") + (message ? operations : std::string("?"));
  ++log.requests;
  changed_.notify_all();
}

void ScriptedPeer::note_end(std::size_t index) {
  const std::lock_guard lock(mutex_);
  logs_[index].ended = true;
  changed_.notify_all();
}

}  // namespace keyway::test
