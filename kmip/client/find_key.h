// From what a user calls a key to its unique identifier.
#pragma once

#include <string>
#include <string_view>

#include <asio/awaitable.hpp>

#include <kmip/client/client.h>

namespace keyway::kmip {

// KeyReference is "name:NAME", or a unique identifier, which is opaque text.
struct KeyReference {
  std::string text;

  static constexpr std::string_view name_prefix = "name:";
  bool is_name() const { return text.starts_with(name_prefix); }
  std::string_view name() const { return std::string_view(text).substr(name_prefix.size()); }
};

// find_key gives the unique identifier. A name is looked up with Locate and every hit verified with Get
// Attributes, because servers exist that ignore the filter; destroyed objects do not count. The caller keeps
// `client` alive. Errors: not_found; invalid_input when several keys have the name, listing them.
asio::awaitable<Result<std::string>> find_key(Client& client, KeyReference key);

// KeyFacts is what matters of a key before it is used. Absent: the server did not say.
struct KeyFacts {
  std::optional<State> state;
  std::optional<CryptographicAlgorithm> algorithm;
  std::optional<std::int32_t> length;  // bits
  std::optional<CryptographicUsageMask> usage;
};
asio::awaitable<Result<KeyFacts>> key_facts(Client& client, std::string id);

}  // namespace keyway::kmip
