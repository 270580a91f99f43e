// What names and addresses may be. Every error is invalid_input and says the rule; the caller says where the
// value came from.
#pragma once

#include <string_view>

#include <core/error.h>

namespace keyway::keyring {

inline constexpr std::size_t longest_name = 32;  // characters (code points) of a filesystem's name

// 1 to 32 characters of UTF-8, none of them '/', '\\' or a control character; not "." or "..".
Result<void> check_filesystem_name(std::string_view name);
// A Vault namespace: not empty, no '/' at its end, no blanks, no empty segment, and none of root, sys, audit,
// auth, cubbyhole, identity as a segment. At the beginning a '/' is refused as well.
Result<void> check_namespace(std::string_view name_space);
// "URL[,URL]...", http, https or unix.
Result<void> check_vault_addresses(std::string_view addresses);
// is_unencrypted tells whether one of the addresses, which were checked, is an http one.
bool is_unencrypted(std::string_view addresses);
// "HOST:PORT[,HOST:PORT]...", each with its port.
Result<void> check_kmip_addresses(std::string_view addresses);

}  // namespace keyway::keyring
