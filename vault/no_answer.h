// The error of an answer that is not what was asked for. Inside vault.
#pragma once

#include <string_view>

#include <core/error.h>

namespace keyway::vault {

inline std::unexpected<Error> no_answer(std::string_view what) {
  return fail_with_advice(ErrorKind::corrupt, "check that the address is a Vault server's",
                          "the server's answer is not Vault's: {}", what);
}

}  // namespace keyway::vault
