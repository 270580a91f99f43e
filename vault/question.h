// One request to a Vault server, before an address and a token are chosen.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <core/secret.h>
#include <vault/http/request.h>

namespace keyway::vault {

// What a request is for, because the same status means different things (verdict.h).
enum class Purpose : std::uint8_t {
  key,      // reading a transit key
  encrypt,  // and making data keys
  decrypt,  // and rewrap
  login,    // any auth method
  unwrap,   // sys/wrapping/unwrap
  token,    // lookup-self, renew-self, capabilities-self
  health,   // sys/health
  other,    // whatever a caller sends by itself
};

struct Question {
  Purpose purpose = Purpose::other;
  http::Method method = http::Method::get;
  std::string path;  // percent-encoded: "/v1/transit/keys/fs"
  SecretBuffer body;
  // Who asks: the client's own token unless one is given, or nobody.
  enum class Who : std::uint8_t { session, nobody, given } who = Who::session;
  std::optional<Secret> token;    // when given
  bool in_namespace = true;       // sends X-Vault-Namespace where one is set
  bool is_safe_to_repeat = true;  // may be sent again when its answer was lost
};

}  // namespace keyway::vault
