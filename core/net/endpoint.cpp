#include <algorithm>
#include <charconv>
#include <optional>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <core/net/endpoint.h>

namespace keyway::net {
namespace {

constexpr std::size_t longest_name = 253;  // RFC 1035 §2.3.4, without the final dot
constexpr std::size_t longest_label = 63;

// ASCII only, whatever the locale says.
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_label_character(char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; }

bool is_ipv4(std::string_view host) {
  in_addr address{};
  return inet_pton(AF_INET, std::string(host).c_str(), &address) == 1 &&
         host.find('\0') == std::string_view::npos;
}

bool is_ipv6(std::string_view host) {
  const std::size_t zone = host.find('%');
  if (zone != std::string_view::npos) {
    const std::string_view name = host.substr(zone + 1);
    if (name.empty() || !std::ranges::all_of(name, [](char c) { return is_label_character(c) || c == '.'; }))
      return false;
    host = host.substr(0, zone);
  }
  in6_addr address{};
  return host.find('\0') == std::string_view::npos &&
         inet_pton(AF_INET6, std::string(host).c_str(), &address) == 1;
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= longest_label && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, is_label_character);
}

bool is_name(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty() || host.size() > longest_name) return false;
  for (;;) {
    const std::size_t dot = host.find('.');
    const std::string_view label = host.substr(0, dot);
    if (!is_label(label)) return false;
    if (dot == std::string_view::npos) return !std::ranges::all_of(label, is_digit);
    host = host.substr(dot + 1);
  }
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc{} || stop != end || port == 0) return std::nullopt;
  return port;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Names of the DNS know no letter case (RFC 4343).
bool is_same(const Endpoint& a, const Endpoint& b) {
  return a.port == b.port && std::ranges::equal(a.host, b.host, {}, lower, lower);
}

struct Parts {
  std::string_view host;
  std::optional<std::string_view> port;
  bool bracketed = false;
};

// Where host and port are; nothing when brackets or colons are out of place.
std::optional<Parts> split(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view rest = text.substr(end + 1);
    if (rest.empty()) return Parts{text.substr(1, end - 1), std::nullopt, true};
    if (rest.front() != ':') return std::nullopt;
    return Parts{text.substr(1, end - 1), rest.substr(1), true};
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return Parts{text, std::nullopt};
  return Parts{text.substr(0, colon), text.substr(colon + 1)};
}

}  // namespace

bool is_address(std::string_view host) { return is_ipv4(host) || is_ipv6(host); }
bool is_host(std::string_view host) { return is_address(host) || is_name(host); }

Result<Endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port) {
  if (text.empty()) return fail_with_advice(ErrorKind::invalid_input, "give HOST:PORT", "no server address");
  if (is_ipv6(text))
    return fail_with_advice(ErrorKind::invalid_input, fmt::format("write [{}] or [{}]:PORT", text, text),
                            "server address \"{}\": an IPv6 address needs brackets", text);
  const std::string shown = printable(text, 128);
  const auto parts = split(text);
  if (!parts || !(parts->bracketed ? is_ipv6(parts->host) : is_host(parts->host)))
    return fail_with_advice(ErrorKind::invalid_input, "give HOST, HOST:PORT or [IPV6]:PORT, without a scheme",
                            "server address \"{}\": no valid host name or address", shown);
  if (!parts->port) return Endpoint{std::string(parts->host), default_port};
  const auto port = parse_port(*parts->port);
  if (!port)
    return fail(ErrorKind::invalid_input, "server address \"{}\": the port is not a number from 1 to 65535",
                shown);
  return Endpoint{std::string(parts->host), *port};
}

Result<std::vector<Endpoint>> parse_endpoints(std::string_view list, std::uint16_t default_port) {
  std::vector<Endpoint> endpoints;
  for (std::string_view left = list;;) {
    const std::size_t comma = left.find(',');
    const std::string_view part = left.substr(0, comma);
    if (part.empty() && !list.empty())
      return fail_with_advice(ErrorKind::invalid_input, "give HOST:PORT,HOST:PORT without a comma too many",
                              "server addresses \"{}\": address {} is empty", printable(list),
                              endpoints.size() + 1);
    auto endpoint = parse_endpoint(part, default_port);
    if (!endpoint) return std::unexpected(std::move(endpoint.error()));
    if (std::ranges::any_of(endpoints, [&](const Endpoint& other) { return is_same(other, *endpoint); }))
      return fail_with_advice(ErrorKind::invalid_input, "give each address once",
                              "server addresses \"{}\": {} is there twice", printable(list),
                              to_string(*endpoint));
    endpoints.push_back(std::move(*endpoint));
    if (comma == std::string_view::npos) return endpoints;
    left.remove_prefix(comma + 1);
  }
}

std::string to_string(const Endpoint& endpoint) {
  const bool is_v6 = endpoint.host.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}", endpoint.host, endpoint.port)
               : fmt::format("{}:{}", endpoint.host, endpoint.port);
}

}  // namespace keyway::net
