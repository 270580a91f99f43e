// Bytes as OpenSSL takes them, for the files that call it.
#pragma once

#include <core/bytes.h>

namespace keyway {

inline const unsigned char* raw(Bytes bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
inline unsigned char* raw(std::byte* bytes) { return reinterpret_cast<unsigned char*>(bytes); }

}  // namespace keyway
