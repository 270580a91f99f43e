// OpenSSL's errors as ours, for the files that call it.
#pragma once

#include <string_view>

#include <core/error.h>

namespace keyway {

// openssl_failed empties OpenSSL's error queue of this thread into one error of kind internal, so that
// nothing stale is left for a later call (or another user of OpenSSL in this thread) to stumble over.
// Thread-safe.
std::unexpected<Error> openssl_failed(std::string_view what);

}  // namespace keyway
