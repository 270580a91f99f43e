// Whether bytes are text.
#pragma once

#include <core/bytes.h>

namespace keyway {

// is_utf8 is true for well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(Bytes text);
// code_points counts the characters (code points) of what is UTF-8.
std::size_t code_points(Text text);

}  // namespace keyway
