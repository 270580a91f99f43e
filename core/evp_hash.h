// Our hashes as OpenSSL's, for the files that call it.
#pragma once

#include <openssl/evp.h>

#include <core/digest.h>

namespace keyway {

// evp_hash is never null. Thread-safe.
const EVP_MD* evp_hash(Hash hash);

}  // namespace keyway
