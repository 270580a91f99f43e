#include <algorithm>
#include <list>
#include <utility>

#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <core/net/stream.h>
#include <kmip/server/server.h>
#include <kmip/ttlv/item.h>

namespace keyway::kmip::server {

namespace {

using asio::ip::tcp;
constexpr auto as_tuple = asio::experimental::as_tuple(asio::use_awaitable);

// Memory for a message grows by what has arrived, not by what its header promises.
constexpr std::size_t read_step = 16u << 10;
// How long to wait before trying again: to accept when descriptors have run out, to end what has not ended.
constexpr auto retry_pause = std::chrono::milliseconds(50);

net::Deadline after(std::chrono::milliseconds some) { return std::chrono::steady_clock::now() + some; }

Result<asio::ip::address> address_of(const std::string& host) {
  std::error_code error;
  const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  if (error)
    return fail_with_advice(ErrorKind::invalid_input, "give the address of an interface, such as 127.0.0.1",
                            "listen on \"{}\": not an address", printable(host, 128));
  return address;
}

}  // namespace

// The coroutines share it, so that the Server may go before they have ended. All of it is used on the strand,
// which the acceptor's executor is.
struct Server::Impl {
  Impl(asio::any_io_executor strand, ServerSettings s, Engine& e)
      : settings(std::move(s)), engine(e), acceptor(strand) {}

  void log(Text problem) const {
    if (settings.log) settings.log(problem);
  }

  ServerSettings settings;
  Engine& engine;
  tcp::acceptor acceptor;
  std::uint16_t port = 0;
  std::list<asio::cancellation_signal> connections;
  bool stopping = false;
};

namespace {

using ImplPtr = std::shared_ptr<Server::Impl>;

// fill reads until `in` has `size` bytes, and never more. False: the peer closed, or the server stops.
asio::awaitable<Result<bool>> fill(ImplPtr impl, net::Stream& stream, SecretBuffer& in, std::size_t size,
                                   net::Deadline deadline) {
  while (in.size() < size) {
    if (impl->stopping) co_return false;
    const std::size_t before = in.size();
    const std::size_t step = std::min(size - before, read_step);
    in.resize(before + step);
    auto reading = stream.read_some(in.room().subspan(before), deadline);
    auto got = co_await std::move(reading);
    in.resize(before + got.value_or(0));
    if (!got) co_return std::unexpected(std::move(got.error()));
    if (*got == 0) co_return false;
  }
  co_return true;
}

// unreadable says why a message must not be read any further; empty when it may be.
std::string unreadable(Bytes header, const Limits& limits) {
  const std::uint32_t head = load32(header.data());
  const std::size_t length = load32(header.data() + 4);
  constexpr std::uint32_t expected =
      static_cast<std::uint32_t>(Tag::RequestMessage) << 8 | static_cast<std::uint32_t>(Type::Structure);
  if (head != expected) return "this is not a KMIP request message";
  if (length + item_header_size > limits.message)
    return fmt::format("the request has {} bytes; this server takes {}", length + item_header_size,
                       limits.message);
  return {};
}

// One message and its answer. False: the connection has ended in good order, or has to.
asio::awaitable<Result<bool>> exchange(ImplPtr impl, net::Stream& stream, SecretBuffer& request,
                                       const std::string& client) {
  request.clear();
  auto waiting = fill(impl, stream, request, 1, after(impl->settings.idle_timeout));
  // A client that is silent for too long is no problem worth a word.
  if (auto began = co_await std::move(waiting); !began || !*began) co_return false;
  const net::Deadline deadline = after(impl->settings.step_timeout);
  auto reading_header = fill(impl, stream, request, item_header_size, deadline);
  auto got = co_await std::move(reading_header);
  if (!got || !*got) co_return got;

  std::string refusal = unreadable(request.view(), impl->engine.limits());
  if (refusal.empty()) {
    const std::size_t size = item_header_size + load32(request.data() + 4);
    auto reading_rest = fill(impl, stream, request, size, deadline);
    got = co_await std::move(reading_rest);
    if (!got || !*got) co_return got;
  }
  if (impl->stopping) co_return false;
  const SecretBuffer answer = refusal.empty() ? impl->engine.handle(request.view(), client)
                                              : impl->engine.refuse_unreadable(refusal, client);
  if (answer.empty()) co_return fail(ErrorKind::internal, "out of memory");
  auto writing = stream.write(answer.view(), after(impl->settings.step_timeout));
  auto written = co_await std::move(writing);
  if (!written) co_return std::unexpected(std::move(written.error()));
  // After what was not read there is no telling where the next message begins (2.1 §11.46).
  co_return refusal.empty();
}

asio::awaitable<void> serve(ImplPtr impl, tcp::socket socket) {
  // Stopping shows as an error of the operation that waits, not as an exception.
  co_await asio::this_coro::throw_if_cancelled(false);
  auto accepting =
      net::Stream::accept(std::move(socket), impl->settings.tls, after(impl->settings.step_timeout));
  auto stream = co_await std::move(accepting);
  if (!stream) {
    if (!impl->stopping) impl->log(describe(stream.error()));
    co_return;
  }
  const std::string client = fmt::format("{} at {}", stream->peer_subject(), stream->peer());
  SecretBuffer request;
  for (bool more = true; more && !impl->stopping;) {
    auto exchanging = exchange(impl, *stream, request, client);
    auto done = co_await std::move(exchanging);
    if (!done && !impl->stopping) impl->log(fmt::format("{}: {}", client, describe(done.error())));
    more = done.value_or(false);
  }
}

// begin gives an accepted connection its coroutine and a place in the list, until the coroutine ends.
void begin(const ImplPtr& impl, tcp::socket socket) {
  auto& connections = impl->connections;
  const auto place = connections.emplace(connections.end());
  asio::co_spawn(impl->acceptor.get_executor(), serve(impl, std::move(socket)),
                 asio::bind_cancellation_slot(place->slot(), [impl, place](const std::exception_ptr& failed) {
                   if (failed) impl->log("a connection ended for lack of memory");
                   impl->connections.erase(place);
                 }));
}

asio::awaitable<void> pause(ImplPtr impl) {
  asio::steady_timer timer(impl->acceptor.get_executor(), retry_pause);
  co_await timer.async_wait(as_tuple);
}

asio::awaitable<void> accept_all(ImplPtr impl) {
  while (!impl->stopping) {
    tcp::socket socket(impl->acceptor.get_executor());
    const auto [error] = co_await impl->acceptor.async_accept(socket, as_tuple);
    if (impl->stopping) co_return;
    if (error) {
      impl->log(fmt::format("accept: {}", error.message()));
      auto pausing = pause(impl);
      co_await std::move(pausing);
    } else if (impl->connections.size() >= impl->settings.most_connections) {
      impl->log(fmt::format("{} connections are open: one more was closed", impl->connections.size()));
    } else {
      begin(impl, std::move(socket));
    }
  }
}

// A signal reaches an operation only while it waits, so it is repeated until every connection has ended.
asio::awaitable<void> end_all(ImplPtr impl) {
  while (!impl->connections.empty()) {
    for (auto& connection : impl->connections) connection.emit(asio::cancellation_type::terminal);
    auto pausing = pause(impl);
    co_await std::move(pausing);
  }
}

std::error_code open_port(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  std::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

}  // namespace

Server::Server(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { stop(); }
std::uint16_t Server::port() const { return impl_->port; }

Result<std::unique_ptr<Server>> Server::start(const asio::any_io_executor& executor, ServerSettings settings,
                                              Engine& engine) {
  const auto address = address_of(settings.listen.host);
  if (!address) return std::unexpected(address.error());
  const std::string place = net::to_string(settings.listen);
  const tcp::endpoint endpoint(*address, settings.listen.port);
  auto impl = std::make_shared<Impl>(asio::make_strand(executor), std::move(settings), engine);
  std::error_code error = open_port(impl->acceptor, endpoint);
  if (!error) impl->port = impl->acceptor.local_endpoint(error).port();
  if (error)
    return fail_with_advice(ErrorKind::unreachable,
                            "choose another port, or end the program that has this one", "listen on {}: {}",
                            place, error.message());
  asio::co_spawn(impl->acceptor.get_executor(), accept_all(impl), asio::detached);
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

void Server::stop() {
  asio::post(impl_->acceptor.get_executor(), [impl = impl_] {
    if (std::exchange(impl->stopping, true)) return;
    std::error_code ignored;
    impl->acceptor.close(ignored);
    asio::co_spawn(impl->acceptor.get_executor(), end_all(impl), asio::detached);
  });
}

}  // namespace keyway::kmip::server
