// Where a server is: host and port.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <core/error.h>

namespace keyway::net {

struct Endpoint {
  std::string host;  // a name, an IPv4 or an IPv6 address, without brackets
  std::uint16_t port = 0;
};

// is_address tells whether `host` is an IPv4 or IPv6 address ("fe80::1%eth0" is one, too).
bool is_address(std::string_view host);
// is_host tells whether `host` is an address or could be a DNS name (RFC 1123 §2.1, underscores allowed).
// A name whose last label is a number is neither: what resolvers make of "127.1" is a surprise.
bool is_host(std::string_view host);

// parse_endpoint reads "host:port", "host", "[::1]:port" or "[::1]". Error: invalid_input, naming the text.
Result<Endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port);
// parse_endpoints reads one or several of these, "kms1:5696,kms2:5696,[::1]". Errors: invalid_input, naming
// the text, also for an empty part and for an address that is there twice.
Result<std::vector<Endpoint>> parse_endpoints(std::string_view list, std::uint16_t default_port);
std::string to_string(const Endpoint& endpoint);  // "host:port", IPv6 in brackets

}  // namespace keyway::net
