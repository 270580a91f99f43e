// Whether bytes are text.
#pragma once

#include <core/bytes.h>

namespace keyway {

// is_utf8 is true for well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(Bytes text);

}  // namespace keyway
