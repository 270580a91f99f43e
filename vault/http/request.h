// HTTP/1.1 requests as bytes. No sockets here.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include <core/bytes.h>
#include <core/error.h>
#include <core/secret.h>

namespace keyway::vault::http {

enum class Method : std::uint8_t { get, post, head, remove };  // remove: DELETE

std::string_view name(Method method);  // "GET"

// Request is one request. What it refers to must stay until it is written.
struct Request {
  Method method = Method::get;
  std::string target;             // path and query as they are sent: "/v1/transit/encrypt/key"
  const Secret* token = nullptr;  // X-Vault-Token; none when null
  std::string name_space;         // X-Vault-Namespace; none when empty
  Bytes body;                     // JSON; none when empty
};

// write_request appends the request. `host` is host_field() of where it goes. Error: invalid_input, and
// nothing is appended, when target, token, namespace or host holds a blank or anything but printable ASCII,
// is empty where it must not be, or when anything but a POST has a body. No error shows the token.
Result<void> write_request(SecretBuffer& out, const Request& request, std::string_view host);

// percent_encode writes what is not unreserved (RFC 3986 §2.3) as %XX: for a segment of a path or a value of
// a query.
std::string percent_encode(std::string_view text);

// without_stray_slashes is a mount's or namespace's path in its one form: "/a//b/" is "a/b".
std::string without_stray_slashes(std::string_view path);

// join_path is the path of an API call: join_path("transit/", {"encrypt", "key"}) is
// "/v1/transit/encrypt/key". `mount` may be several segments, with stray slashes, which a server would answer
// with a redirect. Error: invalid_input for an empty mount or segment, for "." and "..", for control
// characters, and for a slash in a segment: encoded or not, the server takes it for a border.
Result<std::string> join_path(std::string_view mount, std::initializer_list<std::string_view> segments);

}  // namespace keyway::vault::http
