#include <memory>
#include <string>
#include <utility>

#include <asio/experimental/as_tuple.hpp>
#include <asio/ip/address.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <core/net/resolve.h>

namespace keyway::net {
namespace {

using asio::ip::tcp;

constexpr auto as_tuple = asio::experimental::as_tuple(asio::use_awaitable);

// A system's look-up cannot be interrupted: cancelled, it still ends when it pleases. So nobody waits for it
// but for a timer, which the answer stops, and an answer that comes too late finds nobody.
struct Lookup {
  explicit Lookup(const asio::any_io_executor& executor) : answered(executor) {}
  asio::steady_timer answered;
  bool done = false;
  std::error_code error;
  Addresses addresses;
};

void start(tcp::resolver& resolver, const Endpoint& endpoint, const std::shared_ptr<Lookup>& lookup) {
  resolver.async_resolve(endpoint.host, std::to_string(endpoint.port), tcp::resolver::numeric_service,
                         [lookup](const std::error_code& error, const tcp::resolver::results_type& results) {
                           lookup->done = true;
                           lookup->error = error;
                           for (const auto& result : results)
                             if (lookup->addresses.size() < most_addresses)
                               lookup->addresses.push_back(result.endpoint());
                           lookup->answered.cancel();
                         });
}

Result<Addresses> outcome(const std::error_code& timer, Lookup& lookup, const std::string& peer) {
  if (!lookup.done && timer) return fail(ErrorKind::cancelled, "connect to {}: cancelled", peer);
  if (!lookup.done)
    return fail_with_advice(ErrorKind::unreachable, "check this machine's name servers",
                            "connect to {}: the deadline passed while resolving the name", peer);
  if (lookup.error || lookup.addresses.empty())
    return fail_with_advice(ErrorKind::unreachable, "check the host name and this machine's name servers",
                            "connect to {}: the name cannot be resolved: {}", peer,
                            lookup.error ? lookup.error.message() : "it has no address");
  return std::move(lookup.addresses);
}

}  // namespace

asio::awaitable<Result<Addresses>> resolve(Endpoint endpoint,
                                           std::chrono::steady_clock::time_point deadline) {
  std::error_code not_an_address;
  const auto address = asio::ip::make_address(endpoint.host, not_an_address);
  if (!not_an_address) co_return Addresses{tcp::endpoint(address, endpoint.port)};
  // Never a question for name servers (RFC 6761 §6.3), and some machines have no hosts file to answer it.
  if (endpoint.host == "localhost")
    co_return Addresses{tcp::endpoint(asio::ip::address_v4::loopback(), endpoint.port),
                        tcp::endpoint(asio::ip::address_v6::loopback(), endpoint.port)};

  const auto executor = co_await asio::this_coro::executor;
  const auto lookup = std::make_shared<Lookup>(executor);
  tcp::resolver resolver(executor);
  start(resolver, endpoint, lookup);
  lookup->answered.expires_at(deadline);
  const auto [timer] = co_await lookup->answered.async_wait(as_tuple);
  co_return outcome(timer, *lookup, to_string(endpoint));
}

}  // namespace keyway::net
