// Hexadecimal and base64 that are safe on secrets: no table look-up by a secret value, results in wiping
// memory.
#pragma once

#include <string>

#include <core/bytes.h>
#include <core/error.h>
#include <core/secret.h>

namespace keyway {

std::string to_hex(Bytes bytes);  // lower case; for bytes that are not secret
Secret to_hex_secret(Bytes bytes);
// from_hex takes upper and lower case, without separators. Error: invalid_input, naming the position only.
Result<Secret> from_hex(Text text);

// base64url without padding (RFC 4648 §5); for bytes that are not secret.
std::string to_base64url(Bytes bytes);
// base64 with padding (RFC 4648 §4).
Secret to_base64_secret(Bytes bytes);

// Reading is strict: no white space, no missing or extra padding, unused bits zero. Error: invalid_input.
Result<Secret> from_base64url(Text text);
Result<Secret> from_base64(Text text);

}  // namespace keyway
