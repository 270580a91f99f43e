// From what a user calls a key to its unique identifier.
#pragma once

#include <string>

#include <asio/awaitable.hpp>

#include <kmip/client/client.h>
#include <kmip/client/key_reference.h>

namespace keyway::kmip {

// find_key gives the unique identifier. A name is looked up with Locate and every hit verified with Get
// Attributes, because servers exist that ignore the filter; destroyed objects do not count. The caller keeps
// `client` alive. Errors: not_found; invalid_input when several keys have the name, listing them.
asio::awaitable<Result<std::string>> find_key(Client& client, KeyReference key);

// key_facts asks for the attributes that matter before a key is used.
asio::awaitable<Result<KeyFacts>> key_facts(Client& client, std::string id);

}  // namespace keyway::kmip
