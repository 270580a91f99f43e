#include <algorithm>
#include <optional>

#include <vault/http/url.h>

namespace keyway::vault::http {

namespace {

using Scheme = Url::Scheme;

constexpr std::string_view name_of(Scheme scheme) {
  switch (scheme) {
    case Scheme::http: return "http";
    case Scheme::https: return "https";
    case Scheme::local: return "unix";
  }
  return "https";
}

constexpr std::uint16_t port_of(Scheme scheme) { return scheme == Scheme::http ? 80 : 443; }

// shown is the text for a message, without the password that may stand before an '@'.
std::string shown(std::string_view text) {
  const std::size_t at = text.rfind('@');
  return printable(at == std::string_view::npos ? std::string(text) : "..." + std::string(text.substr(at)),
                   128);
}

std::unexpected<Error> bad(std::string_view text, std::string_view why) {
  return fail_with_advice(ErrorKind::invalid_input, "write it as in: https://vault.example.com:8200",
                          "server address \"{}\": {}", shown(text), why);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<Scheme> scheme_named(std::string_view name) {
  std::string lowered(name);
  std::ranges::transform(lowered, lowered.begin(), lower);
  for (const Scheme scheme : {Scheme::http, Scheme::https, Scheme::local})
    if (lowered == name_of(scheme)) return scheme;
  return std::nullopt;
}

bool is_control_or_blank(char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// decoded is the segment with its %XX replaced; none when one of them is not.
std::optional<std::string> decoded(std::string_view segment) {
  std::string out;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] != '%') {
      out += segment[i];
      continue;
    }
    if (segment.size() - i < 3) return std::nullopt;
    const int high = hex_value(segment[i + 1]), low = hex_value(segment[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(16 * high + low);
    i += 2;
  }
  return out;
}

// What is wrong with a base path, which begins with a slash and does not end with one; null when nothing is.
const char* problem_of_base(std::string_view base) {
  if (std::ranges::any_of(base, [](char c) { return static_cast<unsigned char>(c) > '\x7e'; }))
    return "the path has signs that are not ASCII; write them as %XX";
  while (!base.empty()) {
    base.remove_prefix(1);
    const std::string_view segment = base.substr(0, base.find('/'));
    base.remove_prefix(segment.size());
    const auto meaning = decoded(segment);
    if (!meaning) return "a '%' in the path is not followed by two hexadecimal digits";
    if (meaning->empty()) return "the path has nothing between two slashes";
    if (*meaning == "." || *meaning == "..") return "the path has a \".\" or \"..\"";
    if (meaning->find('/') != std::string::npos || std::ranges::any_of(*meaning, is_control_or_blank))
      return "the path has an encoded slash, blank or control character";
  }
  return nullptr;
}

// A zone stands in a URL with its '%' encoded (RFC 6874 §2).
std::string without_encoded_zone(std::string_view authority) {
  std::string out(authority);
  if (!out.starts_with('[')) return out;
  if (const std::size_t zone = out.find("%25"); zone != std::string::npos) out.erase(zone + 1, 2);
  return out;
}

Result<Url> parse_remote(std::string_view text, Scheme scheme, std::string_view rest) {
  const std::string_view authority = rest.substr(0, rest.find('/'));
  std::string_view base = rest.substr(authority.size());
  if (authority.find('@') != std::string_view::npos)
    return bad(text, "a user or password has no place in it");
  if (net::is_address(authority) && authority.find(':') != std::string_view::npos)
    return bad(text, "an IPv6 address needs brackets");
  if (authority.empty() || authority.starts_with(':')) return bad(text, "the host is missing");
  auto endpoint = net::parse_endpoint(without_encoded_zone(authority), port_of(scheme));
  if (!endpoint) {
    endpoint.error().what =
        fmt::format("server address \"{}\": no valid host, or port from 1 to 65535", shown(text));
    endpoint.error().advice = "write it as in: https://vault.example.com:8200 or https://[2001:db8::1]:8200";
    return std::unexpected(std::move(endpoint.error()));
  }
  while (base.ends_with('/')) base.remove_suffix(1);
  if (const char* problem = problem_of_base(base)) return bad(text, problem);
  return Url{scheme, std::move(*endpoint), {}, std::string(base)};
}

Result<Url> parse_local(std::string_view text, std::string_view rest) {
  if (!rest.starts_with('/') || rest == "/")
    return fail_with_advice(ErrorKind::invalid_input, "write it as in: unix:///run/vault/agent.sock",
                            "server address \"{}\": the path of the socket is missing or not absolute",
                            shown(text));
  return Url{Scheme::local, {}, std::string(rest), {}};
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  if (text.empty()) return bad(text, "it is empty");
  const std::size_t colon = text.find("://");
  const auto scheme = scheme_named(text.substr(0, std::min(colon, text.size())));
  if (colon == std::string_view::npos || !scheme)
    return bad(text, "it does not begin with http://, https:// or unix://");
  if (std::ranges::any_of(text, is_control_or_blank))
    return bad(text, "it has a blank or a control character");
  const std::string_view rest = text.substr(colon + 3);
  if (rest.find('?') != std::string_view::npos) return bad(text, "a query ('?') has no place in it");
  if (rest.find('#') != std::string_view::npos) return bad(text, "a fragment ('#') has no place in it");
  return *scheme == Scheme::local ? parse_local(text, rest) : parse_remote(text, *scheme, rest);
}

Result<std::vector<Url>> parse_urls(std::string_view list) {
  std::vector<Url> urls;
  while (true) {
    const std::size_t comma = list.find(',');
    auto url = parse_url(list.substr(0, comma));
    if (!url) return std::unexpected(std::move(url.error()));
    urls.push_back(std::move(*url));
    if (comma == std::string_view::npos) return urls;
    list.remove_prefix(comma + 1);
  }
}

std::string to_string(const Url& url) {
  if (url.scheme == Scheme::local) return "unix://" + url.socket_path;
  std::string endpoint = net::to_string(url.endpoint);
  if (endpoint.starts_with('['))
    if (const std::size_t zone = endpoint.find('%'); zone != std::string::npos)
      endpoint.insert(zone + 1, "25");
  return fmt::format("{}://{}{}", name_of(url.scheme), endpoint, url.base_path);
}

std::string host_field(const Url& url) {
  if (url.scheme == Scheme::local) return "localhost";
  net::Endpoint endpoint = url.endpoint;
  // A zone means something on this machine only (RFC 6874 §4).
  if (const std::size_t zone = endpoint.host.find('%'); zone != std::string::npos) endpoint.host.resize(zone);
  const std::string with_port = net::to_string(endpoint);
  if (endpoint.port != port_of(url.scheme)) return with_port;
  return with_port.substr(0, with_port.rfind(':'));
}

}  // namespace keyway::vault::http
