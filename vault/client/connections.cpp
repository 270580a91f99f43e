#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/use_awaitable.hpp>

#include <vault/client/connections.h>

namespace keyway::vault {

namespace {

using net::Deadline;

// A list entry for as long as it lives.
template <class T>
class Entry {
 public:
  template <class... Args>
  explicit Entry(std::list<T>& list, Args&&... args)
      : list_(list), at_(list.emplace(list.end(), std::forward<Args>(args)...)) {}
  ~Entry() { list_.erase(at_); }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  T& operator*() { return *at_; }

 private:
  std::list<T>& list_;
  typename std::list<T>::iterator at_;
};

}  // namespace

// One of the connections that an address may have at once.
class Connections::Slot {
 public:
  Slot(Connections& connections, Address& address) : connections_(connections), address_(address) {}
  ~Slot() { connections_.end_turn(address_); }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

 private:
  Connections& connections_;
  Address& address_;
};

// Who comes first goes first: a turn is handed over, not thrown to all who wait.
asio::awaitable<Result<void>> Connections::wait_for_turn(Address& address, const std::string& name,
                                                         Deadline deadline) {
  if (address.busy < std::max<std::size_t>(settings_.connections, 1)) {
    ++address.busy;
    co_return Result<void>();
  }
  Entry<Waiter> waiter(address.waiting);
  auto waiting = waits_.until(deadline, &*waiter);
  const bool goes_on = co_await std::move(waiting);
  if ((*waiter).may_go && goes_on) co_return Result<void>();
  if ((*waiter).may_go) end_turn(address);
  if (!goes_on) co_return std::unexpected(call_cancelled());
  co_return fail(ErrorKind::unreachable, "{}: the deadline passed while all {} connections were busy", name,
                 address.busy);
}

void Connections::end_turn(Address& address) {
  const auto next = std::ranges::find(address.waiting, false, &Waiter::may_go);
  if (next == address.waiting.end()) {
    --address.busy;
    return;
  }
  next->may_go = true;
  waits_.wake(&*next);
}

void Connections::stop() {
  for (net::Stream* stream : active_) stream->close();
  for (auto& [name, address] : addresses_) address.idle.clear();
  for (asio::cancellation_signal& signal : connecting_) signal.emit(asio::cancellation_type::terminal);
}

std::optional<net::Stream> Connections::take_idle(Address& address) {
  const auto oldest = SteadyClock::now() - settings_.idle_limit;
  while (!address.idle.empty()) {
    Idle idle = std::move(address.idle.back());  // the freshest, so that the others can grow old
    address.idle.pop_back();
    if (idle.last_use >= oldest && idle.stream.is_open()) return std::move(idle.stream);
    address.idle.clear();
  }
  return std::nullopt;
}

asio::awaitable<void> Connections::connect_to(http::Url url, Deadline deadline,
                                              std::optional<Result<net::Stream>>* connected) {
  switch (url.scheme) {
    case http::Url::Scheme::local: {
      auto connecting = net::Stream::connect_local(url.socket_path, deadline);
      connected->emplace(co_await std::move(connecting));
      co_return;
    }
    case http::Url::Scheme::http: {
      auto connecting = net::Stream::connect_plain(url.endpoint, deadline);
      connected->emplace(co_await std::move(connecting));
      co_return;
    }
    case http::Url::Scheme::https: {
      auto connecting = net::Stream::connect(url.endpoint, settings_.tls, deadline);
      connected->emplace(co_await std::move(connecting));
      co_return;
    }
  }
}

// Connecting is the one step that closing a stream cannot end, because there is none yet: a signal does.
asio::awaitable<Result<net::Stream>> Connections::connect(const http::Url& url, Deadline deadline) {
  std::optional<Result<net::Stream>> connected;
  Entry<asio::cancellation_signal> signal(connecting_);
  const Deadline at_most = std::min(deadline, SteadyClock::now() + settings_.connect_timeout);
  try {
    co_await asio::co_spawn(strand_, connect_to(url, at_most, &connected),
                            asio::bind_cancellation_slot((*signal).slot(), asio::use_awaitable));
  } catch (const std::system_error&) {
    // How Asio ends a coroutine that the signal found between two steps.
  }
  if (!connected || waits_.stopped()) co_return std::unexpected(call_cancelled());
  co_return std::move(*connected);
}

asio::awaitable<Exchanged> Connections::converse(net::Stream& stream, const http::Url& url,
                                                 const http::Request& request, Deadline deadline,
                                                 bool* is_reusable) {
  const Entry<net::Stream*> entry(active_, &stream);
  SecretBuffer outbox;
  if (auto written = http::write_request(outbox, request, http::host_field(url)); !written)
    co_return Exchanged{std::unexpected(std::move(written.error()))};
  http::ResponseReader reader(request.method, settings_.limits);
  const auto failed = [&](Error error) {
    const bool was_dropped = !reader.started() && SteadyClock::now() < deadline;
    return Exchanged{std::unexpected(std::move(error)), true, was_dropped ? 1U : 0U};
  };
  auto writing = stream.write(outbox.view(), deadline);
  if (const auto written = co_await std::move(writing); !written) co_return failed(written.error());
  SecretBuffer inbox;
  inbox.resize(16UL << 10U);
  while (!reader.done()) {
    auto reading = stream.read_some(inbox.room(), deadline);
    const auto size = co_await std::move(reading);
    if (!size) co_return failed(size.error());
    if (*size == 0) {
      if (auto ended = reader.end(); !ended) co_return failed(std::move(ended.error()));
      break;
    }
    const auto taken = reader.feed(inbox.view().first(*size));
    if (!taken) co_return failed(taken.error());
    *is_reusable = *taken == *size;
  }
  http::Response response = reader.take();
  *is_reusable = *is_reusable && response.keep_alive;
  co_return Exchanged{std::move(response), true};
}

asio::awaitable<Exchanged> Connections::exchange(http::Url url, http::Request request, bool repeatable,
                                                 Deadline deadline) {
  if (url.scheme == http::Url::Scheme::https && settings_.tls == nullptr)
    co_return Exchanged{
        fail(ErrorKind::invalid_input, "{}: no TLS settings are given", http::to_string(url))};
  const std::string name = http::to_string(url);
  Address& address = addresses_[name];
  auto waiting = wait_for_turn(address, name, deadline);
  if (auto turn = co_await std::move(waiting); !turn)
    co_return Exchanged{std::unexpected(std::move(turn.error()))};
  const Slot slot(*this, address);
  const std::string target = url.base_path + request.target;
  request.target = target;
  // What must not arrive twice goes over a new connection: of an idle one nobody could tell.
  std::optional<net::Stream> stream = repeatable ? take_idle(address) : std::nullopt;
  unsigned drops = 0;
  for (;;) {
    const bool is_fresh = !stream;
    if (is_fresh) {
      auto connecting = connect(url, deadline);
      auto connected = co_await std::move(connecting);
      if (!connected) co_return Exchanged{std::unexpected(std::move(connected.error())), drops > 0, drops};
      stream.emplace(std::move(*connected));
    }
    bool is_reusable = false;
    auto conversing = converse(*stream, url, request, deadline, &is_reusable);
    Exchanged exchanged = co_await std::move(conversing);
    if (waits_.stopped()) co_return Exchanged{std::unexpected(call_cancelled())};
    drops += std::exchange(exchanged.drops, 0);
    exchanged.drops = drops;
    if (!exchanged.response && drops == 1 && !is_fresh) {
      stream.reset();
      address.idle.clear();
      continue;
    }
    if (is_reusable) address.idle.push_back({std::move(*stream), SteadyClock::now()});
    co_return exchanged;
  }
}

}  // namespace keyway::vault
