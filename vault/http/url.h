// Where a Vault server is, as its users write it: VAULT_ADDR.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <core/error.h>
#include <core/net/endpoint.h>

namespace keyway::vault::http {

struct Url {
  enum class Scheme : std::uint8_t { http, https, local };
  Scheme scheme = Scheme::https;
  net::Endpoint endpoint;   // of http and https
  std::string socket_path;  // of local: a unix-domain socket
  std::string base_path;    // goes before every request's path: "" or "/kms", never with a slash at its end
};

// parse_url reads "http://HOST[:PORT][/BASE]", "https://..." and "unix:///PATH" (RFC 3986). The port is 80
// and 443 when none is given, as Vault's own tools have it; an IPv6 address stands in brackets. Error:
// invalid_input, naming the text and what is wrong: user information, a query, a fragment, control characters
// or blanks, an invalid host or port, another scheme, "." or ".." or nothing between slashes of the base
// path.
Result<Url> parse_url(std::string_view text);
// parse_urls reads "URL[,URL]...", at least one. Error: that of the first that is none.
Result<std::vector<Url>> parse_urls(std::string_view list);
std::string to_string(const Url& url);

// host_field is the value of the Host header (RFC 9112 §3.2): the host, with its port unless that is the
// scheme's own; "localhost" for a unix-domain socket.
std::string host_field(const Url& url);

}  // namespace keyway::vault::http
