// Where a server is: host and port.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <core/error.h>

namespace keyway::net {

struct Endpoint {
  std::string host;  // a name, an IPv4 or an IPv6 address, without brackets
  std::uint16_t port = 0;
};

// parse_endpoint reads "host:port", "host", "[::1]:port" or "[::1]". Error: invalid_input, naming the text.
Result<Endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port);
std::string to_string(const Endpoint& endpoint);  // "host:port", IPv6 in brackets

}  // namespace keyway::net
