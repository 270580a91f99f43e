#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include <asio/experimental/as_tuple.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/ssl/error.hpp>
#include <asio/ssl/stream.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <fcntl.h>
#include <sys/un.h>

#include <core/net/resolve.h>
#include <core/net/stream.h>
#include <core/net/tls_context.h>
#include <core/net/tls_errors.h>

namespace keyway::net {
namespace {

using asio::ip::tcp;
using Socket = asio::generic::stream_protocol::socket;  // TCP or unix-domain
using Clock = std::chrono::steady_clock;

constexpr auto as_tuple = asio::experimental::as_tuple(asio::use_awaitable);

constexpr std::size_t longest_path = sizeof(sockaddr_un::sun_path) - 1;

enum class State {
  open,
  closed,   // by us
  expired,  // a deadline passed
  lost,     // the peer or TLS ended it
};

// A timer for one direction. `turn` counts the operations, so that a timer that fired just as its operation
// ended does not close the connection under the next one.
struct Watch {
  explicit Watch(const asio::any_io_executor& executor) : timer(executor) {}
  asio::steady_timer timer;
  std::uint64_t turn = 0;
  bool running = false;
};

}  // namespace

// Operations under way share it, so that a Stream may go while they wait.
struct Stream::Impl {
  // Without TLS. Only connect_plain and connect_local come here.
  Impl(Socket plain, std::string peer)
      : read_watch(plain.get_executor()), write_watch(plain.get_executor()), socket(std::move(plain)) {
    situation.peer = std::move(peer);
  }
  Impl(Socket connection, std::shared_ptr<const TlsContext> tls_context)
      : Impl(std::move(connection), std::string()) {
    context = std::move(tls_context);
    tls.emplace(socket, context->impl().context);
    situation.trust = context->impl().trust;
    situation.has_certificate = context->impl().has_certificate;
    situation.peer_is_client = context->impl().is_server;
  }

  void end(State why);
  void close();
  void describe_peer();
  Error explain(std::string_view doing, Phase phase, const std::error_code& code);
  std::string handshake_words() const;

  std::shared_ptr<const TlsContext> context;  // null without TLS
  Situation situation;
  VerifyFailure verify_failure;  // before `tls`, which points to it
  Watch read_watch;
  Watch write_watch;
  Socket socket;
  std::optional<asio::ssl::stream<Socket&>> tls;  // over `socket`
  State state = State::open;
  bool is_shaken = false;
  std::string subject;
  std::string protocol;
};

namespace {

using ImplPtr = std::shared_ptr<Stream::Impl>;

// While a Guard lives, its connection is closed when the deadline passes, and whatever waits on it ends.
class Guard {
 public:
  Guard(const ImplPtr& impl, Watch& watch, Deadline deadline) : watch_(watch) {
    watch.running = true;
    watch.timer.expires_at(deadline);
    watch.timer.async_wait(
        [weak = std::weak_ptr(impl), &watch, turn = watch.turn](const std::error_code& stopped) {
          const ImplPtr alive = weak.lock();
          if (!stopped && alive && watch.turn == turn) alive->end(State::expired);
        });
  }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  ~Guard() {
    ++watch_.turn;
    watch_.running = false;
    watch_.timer.cancel();
  }

 private:
  Watch& watch_;
};

Error deadline_passed(std::string_view doing, std::string_view step, std::string advice = {}) {
  return Error{
      ErrorKind::unreachable, fmt::format("{}: the deadline passed {}", doing, step), std::move(advice), {}};
}

Error cancelled(std::string_view doing) {
  return Error{
      ErrorKind::cancelled, fmt::format("{}: the connection was closed on this side", doing), {}, {}};
}

// Host name or address, as verification and the handshake need it: without the zone of a link-local address
// and without the dot that ends an absolute name.
std::string plain_name(std::string name) {
  if (const std::size_t zone = name.find('%'); zone != std::string::npos) name.resize(zone);
  if (name.ends_with('.')) name.pop_back();
  return name;
}

// What the server's certificate must be for. Every call is checked: a check that is not set is no check.
bool expect_server(SSL* ssl, const std::string& name) {
  X509_VERIFY_PARAM* verification = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(verification, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_address(name)) return X509_VERIFY_PARAM_set1_ip_asc(verification, name.c_str()) == 1;
  return X509_VERIFY_PARAM_set1_host(verification, name.data(), name.size()) == 1 &&
         SSL_set_tlsext_host_name(ssl, name.c_str()) == 1;  // SNI; RFC 6066 §3 knows names only
}

// An empty name would switch TLS' check of the name off.
Result<void> check_endpoint(const Endpoint& endpoint) {
  if (is_host(endpoint.host) && endpoint.port != 0) return {};
  return fail(ErrorKind::invalid_input, "connect to \"{}\": no valid host and port",
              printable(to_string(endpoint), 128));
}

Result<ImplPtr> prepare_client(Socket socket, const Endpoint& endpoint,
                               std::shared_ptr<const TlsContext> tls) {
  const CleanErrorQueue queue;
  if (tls == nullptr || tls->impl().is_server)
    return fail(ErrorKind::internal, "connect to {}: not a client's TLS context", to_string(endpoint));
  if (auto good = check_endpoint(endpoint); !good) return std::unexpected(std::move(good.error()));
  auto impl = std::make_shared<Stream::Impl>(std::move(socket), std::move(tls));
  const std::string& name = impl->context->impl().server_name;
  impl->situation.peer = to_string(endpoint);
  impl->situation.expected_name = plain_name(name.empty() ? endpoint.host : name);
  SSL* ssl = impl->tls->native_handle();
  if (record_verify_failure(ssl, &impl->verify_failure) && expect_server(ssl, impl->situation.expected_name))
    return impl;
  return fail(ErrorKind::internal, "connect to {}: TLS cannot be set up: {}", impl->situation.peer,
              take_openssl_error());
}

Result<ImplPtr> prepare_server(tcp::socket socket, std::shared_ptr<const TlsContext> tls) {
  const CleanErrorQueue queue;
  if (tls == nullptr || !tls->impl().is_server)
    return fail(ErrorKind::internal, "accept: not a server's TLS context");
  std::error_code error;
  const tcp::endpoint remote = socket.remote_endpoint(error);
  if (error) return fail(ErrorKind::unreachable, "accept: the client is gone: {}", error.message());
  auto impl = std::make_shared<Stream::Impl>(Socket(std::move(socket)), std::move(tls));
  impl->situation.peer = to_string(Endpoint{remote.address().to_string(), remote.port()});
  if (record_verify_failure(impl->tls->native_handle(), &impl->verify_failure)) return impl;
  return fail(ErrorKind::internal, "accept: TLS cannot be set up: {}", take_openssl_error());
}

// Small messages must not wait for acknowledgements of earlier ones; a dead peer of an idle connection is
// found. Neither is worth failing for.
void tune(Socket& socket) {
  std::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
}

// Programs that the embedding one starts must not inherit connections; Asio has no flag for it.
void keep_from_children(Socket& socket) {
  if (socket.is_open()) ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
}

// Opened here, because async_connect would leave no time for it. A failure shows there: it opens what is not.
void open_for(Socket& socket, const Socket::endpoint_type& address) {
  std::error_code ignored;
  socket.open(address.protocol(), ignored);
  keep_from_children(socket);
}

asio::awaitable<Result<void>> connect_any(ImplPtr impl, Addresses addresses, Deadline deadline) {
  const std::string doing = "connect to " + impl->situation.peer;
  std::string tried;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    std::error_code ignored;
    impl->socket.close(ignored);
    impl->state = State::open;
    // An address that does not answer gets its share of the time, so that the next ones are tried, too.
    const Guard guard(impl, impl->read_watch, share_of(deadline, addresses.size() - i));
    const Socket::endpoint_type address(addresses[i]);
    open_for(impl->socket, address);
    const auto [error] = co_await impl->socket.async_connect(address, as_tuple);
    if (!error && impl->state == State::open) {
      tune(impl->socket);
      co_return Result<void>();
    }
    if (error == asio::error::operation_aborted && impl->state == State::open)
      co_return std::unexpected(cancelled(doing));
    const std::string why = impl->state == State::expired ? "no answer" : error.message();
    const bool is_only = addresses.size() == 1;
    tried +=
        is_only ? why
                : fmt::format("{}{}: {}", tried.empty() ? "" : "; ", addresses[i].address().to_string(), why);
    if (Clock::now() >= deadline)
      co_return std::unexpected(deadline_passed(doing, fmt::format("while connecting ({})", tried),
                                                "check that the host is up and no firewall is in between"));
  }
  co_return std::unexpected(Error{
      ErrorKind::unreachable, fmt::format("{}: {}", doing, tried), "check host, port and firewall", {}});
}

asio::awaitable<Result<void>> connect_tcp(ImplPtr impl, Endpoint endpoint, Deadline deadline) {
  auto resolving = resolve(std::move(endpoint), deadline);
  auto addresses = co_await std::move(resolving);
  if (!addresses) co_return std::unexpected(std::move(addresses.error()));
  auto connecting = connect_any(std::move(impl), std::move(*addresses), deadline);
  co_return co_await std::move(connecting);
}

Error explain_local(std::string_view doing, const std::error_code& error) {
  const auto failed = [&](ErrorKind kind, std::string_view why, std::string advice) {
    return Error{kind, fmt::format("{}: {}", doing, why), std::move(advice), {}};
  };
  // Asio's codes do not compare with std::errc.
  if (error.value() == ENOENT || error.value() == ENOTDIR)
    return failed(ErrorKind::not_found, "there is no such socket",
                  "check the path, and that its server runs");
  if (error == asio::error::connection_refused)
    return failed(ErrorKind::unreachable, "nobody listens there", "check that its server runs");
  // Linux does not let such a connection wait; Asio's name for that.
  if (error == asio::error::no_buffer_space)
    return failed(ErrorKind::unreachable, "too many connections wait there already", "try again later");
  return failed(ErrorKind::unreachable, error.message(), "check the socket's owner and permissions");
}

asio::awaitable<Result<void>> connect_path(ImplPtr impl, std::string path, Deadline deadline) {
  const std::string doing = "connect to " + impl->situation.peer;
  if (Clock::now() >= deadline) co_return std::unexpected(deadline_passed(doing, "before it began"));
  const Guard guard(impl, impl->read_watch, deadline);
  const Socket::endpoint_type address{asio::local::stream_protocol::endpoint(path)};
  open_for(impl->socket, address);
  const auto [error] = co_await impl->socket.async_connect(address, as_tuple);
  if (impl->state == State::expired) co_return std::unexpected(deadline_passed(doing, "while connecting"));
  if (error == asio::error::operation_aborted) co_return std::unexpected(cancelled(doing));
  if (error) co_return std::unexpected(explain_local(doing, error));
  co_return Result<void>();
}

// Verification has ended the handshake already when it failed; that it took place is asserted all the same.
bool is_verified(SSL* ssl) {
  return SSL_get0_peer_certificate(ssl) != nullptr && SSL_get_verify_result(ssl) == X509_V_OK;
}

asio::awaitable<Result<void>> shake_hands(ImplPtr impl, asio::ssl::stream_base::handshake_type side,
                                          Deadline deadline) {
  const Guard guard(impl, impl->read_watch, deadline);
  const auto [error] = co_await impl->tls->async_handshake(side, as_tuple);
  const CleanErrorQueue queue;
  const std::string doing = "TLS handshake with " + impl->situation.peer;
  if (error || impl->state != State::open)
    co_return std::unexpected(impl->explain(doing, Phase::handshake, error));
  if (!is_verified(impl->tls->native_handle())) {
    impl->end(State::lost);
    co_return fail(ErrorKind::internal, "{}: the peer's certificate was not verified", doing);
  }
  impl->describe_peer();
  co_return Result<void>();
}

// Whether an operation may start now; when the deadline is over, it is over for the connection.
Result<void> ready(Stream::Impl& impl, std::string_view doing, Deadline deadline) {
  if (impl.state == State::open && Clock::now() >= deadline) impl.end(State::expired);
  if (impl.state == State::open) return {};
  return std::unexpected(impl.explain(doing, Phase::traffic, {}));
}

using Moved = std::tuple<std::error_code, std::size_t>;

asio::awaitable<Moved> receive(Stream::Impl& impl, asio::mutable_buffer room) {
  return impl.tls ? impl.tls->async_read_some(room, as_tuple) : impl.socket.async_read_some(room, as_tuple);
}

asio::awaitable<Moved> send(Stream::Impl& impl, asio::const_buffer bytes) {
  return impl.tls ? impl.tls->async_write_some(bytes, as_tuple)
                  : impl.socket.async_write_some(bytes, as_tuple);
}

asio::awaitable<Result<std::size_t>> read(ImplPtr impl, std::span<std::byte> room, Deadline deadline) {
  const std::string doing = "read from " + impl->situation.peer;
  if (room.empty()) co_return fail(ErrorKind::internal, "{}: no room to read into", doing);
  if (const auto usable = ready(*impl, doing, deadline); !usable) co_return std::unexpected(usable.error());
  const Guard guard(impl, impl->read_watch, deadline);
  auto receiving = receive(*impl, asio::buffer(room.data(), room.size()));
  const auto [error, size] = co_await std::move(receiving);
  const CleanErrorQueue queue;
  if (!error && impl->state == State::open) co_return size;
  const bool peer_closed = error == asio::error::eof || error == asio::ssl::error::stream_truncated;
  if (peer_closed && impl->state == State::open) co_return 0U;
  co_return std::unexpected(impl->explain(doing, Phase::traffic, error));
}

bool is_reset(const std::error_code& error) {
  return error == asio::error::connection_reset || error == asio::error::broken_pipe;
}

// A server that rejects a client under TLS 1.3 says so after the client's handshake and closes. When the
// first write comes too late to be taken, the server's alert is still there to be read.
asio::awaitable<std::error_code> last_words(ImplPtr impl, std::error_code write_error, Deadline deadline) {
  const bool may_speak = impl->tls && is_reset(write_error);
  if (!may_speak || impl->read_watch.running || impl->state != State::open) co_return write_error;
  std::array<std::byte, 256> unwanted{};
  const Guard guard(impl, impl->read_watch, deadline);
  auto receiving = receive(*impl, asio::buffer(unwanted.data(), unwanted.size()));
  const auto [error, size] = co_await std::move(receiving);
  wipe(unwanted);
  const bool is_alert = error && error.category() == asio::error::get_ssl_category();
  co_return is_alert ? error : write_error;
}

asio::awaitable<Result<void>> write(ImplPtr impl, Bytes bytes, Deadline deadline) {
  const std::string doing = "write to " + impl->situation.peer;
  if (const auto usable = ready(*impl, doing, deadline); !usable) co_return std::unexpected(usable.error());
  const Guard guard(impl, impl->write_watch, deadline);
  while (!bytes.empty()) {
    auto sending = send(*impl, asio::buffer(bytes.data(), bytes.size()));
    const auto [error, size] = co_await std::move(sending);
    const CleanErrorQueue queue;
    if (error || impl->state != State::open) {
      auto asking = last_words(impl, error, deadline);
      const std::error_code cause = co_await std::move(asking);
      co_return std::unexpected(impl->explain(doing, Phase::traffic, cause));
    }
    bytes = bytes.subspan(size);
  }
  co_return Result<void>();
}

const std::string no_text;

}  // namespace

Deadline share_of(Deadline deadline, std::size_t left) {
  const Deadline now = Clock::now();
  if (left <= 1 || deadline <= now) return deadline;
  return now + (deadline - now) / static_cast<Clock::rep>(left);
}

void Stream::Impl::end(State why) {
  if (state == State::open) state = why;
  std::error_code ignored;
  socket.close(ignored);
}

// Says goodbye when it costs no waiting. A peer that misses it notices by the framing of its own protocol.
void Stream::Impl::close() {
  if (state == State::open && is_shaken && !read_watch.running && !write_watch.running) {
    const CleanErrorQueue queue;
    std::error_code ignored;
    socket.non_blocking(true, ignored);
    if (!ignored) tls->shutdown(ignored);
  }
  end(State::closed);
}

void Stream::Impl::describe_peer() {
  const SSL* ssl = tls->native_handle();
  subject = subject_of(SSL_get0_peer_certificate(ssl));
  protocol = fmt::format("{}, {}", SSL_get_version(ssl), SSL_get_cipher_name(ssl));
  is_shaken = true;
}

std::string Stream::Impl::handshake_words() const {
  return fmt::format("before the {} answered", situation.peer_is_client ? "client" : "server");
}

// Why an operation failed. The connection is of no use after it.
Error Stream::Impl::explain(std::string_view doing, Phase phase, const std::error_code& code) {
  if (state == State::open) end(code == asio::error::operation_aborted ? State::closed : State::lost);
  if (state == State::closed) return cancelled(doing);
  if (state == State::lost && !code)
    return Error{ErrorKind::unreachable, fmt::format("{}: the connection was lost before", doing), {}, {}};
  if (state == State::lost) return explain_tls(doing, phase, situation, code, verify_failure);
  if (phase == Phase::traffic) return deadline_passed(doing, "and the connection was closed");
  return deadline_passed(doing, handshake_words(),
                         situation.peer_is_client ? "" : "check that the port belongs to a TLS server");
}

Stream::Stream(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Stream::Stream(Stream&&) noexcept = default;

Stream& Stream::operator=(Stream&& other) noexcept {
  if (this == &other) return *this;
  close();
  impl_ = std::move(other.impl_);
  return *this;
}

Stream::~Stream() { close(); }

asio::awaitable<Result<Stream>> Stream::connect(Endpoint endpoint, std::shared_ptr<const TlsContext> tls,
                                                Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  const auto impl = prepare_client(Socket(executor), endpoint, std::move(tls));
  if (!impl) co_return std::unexpected(impl.error());
  auto connecting = connect_tcp(*impl, std::move(endpoint), deadline);
  auto connected = co_await std::move(connecting);
  if (!connected) co_return std::unexpected(std::move(connected.error()));
  auto shaking = shake_hands(*impl, asio::ssl::stream_base::client, deadline);
  auto shaken = co_await std::move(shaking);
  if (!shaken) co_return std::unexpected(std::move(shaken.error()));
  co_return Stream(*impl);
}

asio::awaitable<Result<Stream>> Stream::connect_plain(Endpoint endpoint, Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  if (auto good = check_endpoint(endpoint); !good) co_return std::unexpected(std::move(good.error()));
  if (Clock::now() >= deadline)
    co_return std::unexpected(deadline_passed("connect to " + to_string(endpoint), "before it began"));
  const auto impl = std::make_shared<Impl>(Socket(executor), to_string(endpoint));
  auto connecting = connect_tcp(impl, std::move(endpoint), deadline);
  auto connected = co_await std::move(connecting);
  if (!connected) co_return std::unexpected(std::move(connected.error()));
  co_return Stream(impl);
}

asio::awaitable<Result<Stream>> Stream::connect_local(std::string path, Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  const std::string peer = "unix:" + printable(path, longest_path);
  if (path.empty() || path.size() > longest_path || path.find('\0') != std::string::npos)
    co_return fail(ErrorKind::invalid_input,
                   "connect to {}: a socket's path has 1 to {} bytes, none of them zero", peer, longest_path);
  const auto impl = std::make_shared<Impl>(Socket(executor), peer);
  auto connecting = connect_path(impl, std::move(path), deadline);
  auto connected = co_await std::move(connecting);
  if (!connected) co_return std::unexpected(std::move(connected.error()));
  co_return Stream(impl);
}

asio::awaitable<Result<Stream>> Stream::accept(asio::ip::tcp::socket socket,
                                               std::shared_ptr<const TlsContext> tls, Deadline deadline) {
  const auto impl = prepare_server(std::move(socket), std::move(tls));
  if (!impl) co_return std::unexpected(impl.error());
  keep_from_children((*impl)->socket);
  tune((*impl)->socket);
  auto shaking = shake_hands(*impl, asio::ssl::stream_base::server, deadline);
  auto shaken = co_await std::move(shaking);
  if (!shaken) co_return std::unexpected(std::move(shaken.error()));
  co_return Stream(*impl);
}

// Not coroutines themselves: those would keep `this`, and the Stream may go or move before they start.
asio::awaitable<Result<std::size_t>> Stream::read_some(std::span<std::byte> room, Deadline deadline) {
  return read(impl_, room, deadline);
}

asio::awaitable<Result<void>> Stream::write(Bytes bytes, Deadline deadline) {
  return net::write(impl_, bytes, deadline);
}

void Stream::close() {
  if (impl_) impl_->close();
}

bool Stream::is_open() const { return impl_ && impl_->state == State::open; }
const std::string& Stream::peer() const { return impl_ ? impl_->situation.peer : no_text; }
const std::string& Stream::peer_subject() const { return impl_ ? impl_->subject : no_text; }
const std::string& Stream::protocol() const { return impl_ ? impl_->protocol : no_text; }

}  // namespace keyway::net
