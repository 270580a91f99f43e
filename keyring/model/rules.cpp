#include <algorithm>
#include <string>
#include <vector>

#include <core/net/endpoint.h>
#include <core/utf8.h>
#include <keyring/model/rules.h>
#include <vault/http/url.h>

namespace keyway::keyring {

namespace {

using vault::http::Url;

std::unexpected<Error> bad_name(std::string_view rule) {
  return fail(ErrorKind::invalid_input, "a filesystem's name {}", rule);
}

std::unexpected<Error> bad_namespace(std::string_view rule) {
  return fail(ErrorKind::invalid_input, "a namespace {}", rule);
}

constexpr std::string_view reserved_segments[] = {"root", "sys", "audit", "auth", "cubbyhole", "identity"};

// for_each_part calls `take` with what stands between the separators, until it gives an error.
template <class Take>
Result<void> for_each_part(std::string_view text, char separator, Take take) {
  for (;;) {
    const std::size_t end = text.find(separator);
    if (auto ok = take(text.substr(0, end)); !ok) return ok;
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
}

// check_addresses checks a list; `read` gives an address in the one form that equal ones have.
template <class Read>
Result<void> check_addresses(std::string_view addresses, Read read) {
  std::vector<std::string> seen;
  return for_each_part(addresses, ',', [&](std::string_view address) -> Result<void> {
    if (address.empty())
      return fail(ErrorKind::invalid_input, "{}",
                  seen.empty() && addresses.empty() ? "at least one server address is needed"
                                                    : "server addresses have exactly one comma between them");
    Result<std::string> form = read(address);
    if (!form) return std::unexpected(std::move(form.error()));
    if (std::ranges::find(seen, *form) != seen.end())
      return fail(ErrorKind::invalid_input, "server address \"{}\": it is there twice",
                  printable(address, 128));
    seen.push_back(std::move(*form));
    return {};
  });
}

Result<std::string> read_url(std::string_view address) {
  const auto url = vault::http::parse_url(address);
  if (!url) return std::unexpected(url.error());
  return to_string(*url);
}

Result<std::string> read_endpoint(std::string_view address) {
  constexpr std::uint16_t none = 0;  // which no text gives
  if (address.find("://") != std::string_view::npos)
    return fail_with_advice(ErrorKind::invalid_input, "give HOST:PORT, without a scheme",
                            "server address \"{}\": KMIP has no URLs", printable(address, 128));
  const auto endpoint = net::parse_endpoint(address, none);
  if (!endpoint) return std::unexpected(endpoint.error());
  if (endpoint->port == none)
    return fail_with_advice(ErrorKind::invalid_input,
                            fmt::format("write it as in: {}:5696", printable(address, 128)),
                            "server address \"{}\": the port is missing", printable(address, 128));
  return to_string(*endpoint);
}

}  // namespace

Result<void> check_filesystem_name(std::string_view name) {
  if (name.empty()) return bad_name("has at least one character");
  if (!is_utf8(bytes_of(name))) return bad_name("is UTF-8");
  if (const std::size_t length = code_points(name); length > longest_name)
    return bad_name(fmt::format("has at most {} characters, not {}", longest_name, length));
  if (name.find_first_of("/\\") != std::string_view::npos) return bad_name("has no '/' and no '\\' in it");
  if (name == "." || name == "..") return bad_name("is not \".\" or \"..\"");
  // What printable() replaces also turns the direction of writing: a list would show another name.
  if (printable(name, name.size()) != name) return bad_name("has no control characters in it");
  return {};
}

Result<void> check_namespace(std::string_view name_space) {
  if (name_space.empty()) return bad_namespace("is not empty; leave it out for the root namespace");
  if (name_space.starts_with('/')) return bad_namespace("has no '/' at its beginning");
  if (name_space.ends_with('/')) return bad_namespace("has no '/' at its end");
  if (name_space.find(' ') != std::string_view::npos) return bad_namespace("has no blanks in it");
  // It is sent in a header.
  if (!std::ranges::all_of(name_space, [](char c) { return c > ' ' && c < '\x7f'; }))
    return bad_namespace("has visible ASCII characters only");
  return for_each_part(name_space, '/', [](std::string_view segment) -> Result<void> {
    if (segment.empty()) return bad_namespace("has no \"//\" in it");
    if (std::ranges::find(reserved_segments, segment) != std::end(reserved_segments))
      return bad_namespace(
          fmt::format("has none of root, sys, audit, auth, cubbyhole and identity between its "
                      "slashes, and this one has \"{}\"",
                      segment));
    return {};
  });
}

Result<void> check_vault_addresses(std::string_view addresses) {
  return check_addresses(addresses, read_url);
}

bool is_unencrypted(std::string_view addresses) {
  bool found = false;
  static_cast<void>(for_each_part(addresses, ',', [&](std::string_view address) -> Result<void> {
    const auto url = vault::http::parse_url(address);
    found = found || (url && url->scheme == Url::Scheme::http);
    return {};
  }));
  return found;
}

Result<void> check_kmip_addresses(std::string_view addresses) {
  return check_addresses(addresses, read_endpoint);
}

}  // namespace keyway::keyring
