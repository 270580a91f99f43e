#include <algorithm>

#include <vault/http/request.h>

namespace keyway::vault::http {

namespace {

bool is_graphic(char c) { return c > ' ' && c < '\x7f'; }
bool is_graphic(Text text) {
  return std::ranges::all_of(text, [](char c) { return is_graphic(c); });
}

// RFC 3986 §2.3.
bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         Text("-._~").find(c) != Text::npos;
}

Result<void> check(const Request& request, Text host) {
  const auto refuse = [](Text what, Text value) {
    return fail(ErrorKind::invalid_input,
                "a request's {} has a blank or a sign that is not printable ASCII: {}", what,
                printable(value, 128));
  };
  if (!request.target.starts_with('/') || request.target.find('#') != std::string::npos)
    return fail(ErrorKind::invalid_input, "a request's path begins with a slash and has no '#': {}",
                printable(request.target, 128));
  if (!is_graphic(request.target)) return refuse("path", request.target);
  if (host.empty()) return fail(ErrorKind::invalid_input, "a request needs a host");
  if (!is_graphic(host)) return refuse("host", host);
  if (!is_graphic(request.name_space)) return refuse("namespace", request.name_space);
  if (request.token != nullptr && (request.token->empty() || !is_graphic(request.token->reveal_text())))
    return fail_with_advice(ErrorKind::invalid_input, "check for a line feed at the end of the token's file",
                            "the token is empty, or has a blank or a sign that is not printable ASCII");
  if (!request.body.empty() && request.method != Method::post)
    return fail(ErrorKind::invalid_input, "a {} request has no body", name(request.method));
  return {};
}

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }

Result<void> append_segment(std::string& path, std::string_view segment) {
  if (segment.empty() || segment == "." || segment == ".." || std::ranges::any_of(segment, is_control))
    return fail(ErrorKind::invalid_input,
                "a part of a path is not empty, not \".\" or \"..\", and has no control characters: \"{}\"",
                printable(segment, 128));
  path += '/';
  path += percent_encode(segment);
  return {};
}

}  // namespace

std::string_view name(Method method) {
  switch (method) {
    case Method::get: return "GET";
    case Method::post: return "POST";
    case Method::head: return "HEAD";
    case Method::remove: return "DELETE";
  }
  return "GET";
}

Result<void> write_request(SecretBuffer& out, const Request& request, std::string_view host) {
  if (auto good = check(request, host); !good) return good;
  const auto put = [&](auto... parts) { (out.append(Text(parts)), ...); };
  constexpr std::size_t fixed_text = 256;
  out.reserve(out.size() + fixed_text + request.target.size() + host.size() + request.name_space.size() +
              (request.token != nullptr ? request.token->size() : 0) + request.body.size());
  put(name(request.method), " ", request.target, " HTTP/1.1\r\nHost: ", host, "\r\nUser-Agent: keyway\r\n");
  // A Vault Agent can be told to demand it; servers do not look at it.
  put("X-Vault-Request: true\r\n");
  if (request.token != nullptr) put("X-Vault-Token: ", request.token->reveal_text(), "\r\n");
  if (!request.name_space.empty()) put("X-Vault-Namespace: ", request.name_space, "\r\n");
  if (!request.body.empty()) put("Content-Type: application/json\r\n");
  if (request.method == Method::post) put("Content-Length: ", std::to_string(request.body.size()), "\r\n");
  put("\r\n");
  out.append(request.body);
  return {};
}

std::string percent_encode(std::string_view text) {
  constexpr Text digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

std::string without_stray_slashes(std::string_view path) {
  std::string clean;
  for (const char c : path)
    if (c != '/' || (!clean.empty() && clean.back() != '/')) clean += c;
  if (clean.ends_with('/')) clean.pop_back();
  return clean;
}

Result<std::string> join_path(std::string_view mount, std::initializer_list<std::string_view> segments) {
  std::string path = "/v1";
  const std::size_t empty_size = path.size();
  for (std::string_view rest = mount; !rest.empty();) {
    const std::string_view segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(segment.size() + 1, rest.size()));
    if (segment.empty()) continue;
    if (auto added = append_segment(path, segment); !added) return std::unexpected(std::move(added.error()));
  }
  if (path.size() == empty_size)
    return fail_with_advice(ErrorKind::invalid_input, "give it as in: transit",
                            "the mount path \"{}\" is empty", printable(mount, 128));
  for (const std::string_view segment : segments) {
    if (segment.find('/') != std::string_view::npos)
      return fail(ErrorKind::invalid_input, "a name in a path has a slash: \"{}\"", printable(segment, 128));
    if (auto added = append_segment(path, segment); !added) return std::unexpected(std::move(added.error()));
  }
  return path;
}

}  // namespace keyway::vault::http
