// Addresses of a host, with a deadline. For the .cpp files of core/net only; not installed.
#pragma once

#include <chrono>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>

#include <core/error.h>
#include <core/net/endpoint.h>

namespace keyway::net {

using Addresses = std::vector<asio::ip::tcp::endpoint>;  // never empty, at most most_addresses

inline constexpr std::size_t most_addresses = 16;

// resolve gives the addresses in the system's order of preference. An endpoint that is an address, or
// localhost, costs no look-up. Errors: unreachable; cancelled.
asio::awaitable<Result<Addresses>> resolve(Endpoint endpoint, std::chrono::steady_clock::time_point deadline);

}  // namespace keyway::net
