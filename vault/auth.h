// Logins, tokens and the server's health: requests and answers, without I/O.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <core/error.h>
#include <core/random.h>
#include <core/secret.h>
#include <vault/login.h>
#include <vault/question.h>

namespace keyway::vault {

// Lease is a token as a login or a renewal gave it.
struct Lease {
  Secret token;
  std::chrono::seconds duration{0};  // from just before the request was sent; 0: for ever
  bool is_renewable = false;
};

// TokenFacts is what the server tells of the token that asks (auth/token/lookup-self).
struct TokenFacts {
  std::chrono::seconds ttl{0};  // what is left; 0: for ever
  std::string type;             // "service" or "batch"
  std::string display_name;     // "approle"
  std::string expire_time;      // RFC 3339, for display; empty: never
  std::vector<std::string> policies;
  std::int64_t uses_left = 0;  // 0: any number
  bool is_renewable = false;
  bool is_orphan = false;
};

// Health is sys/health: of the node that answers, whatever its state.
struct Health {
  int status = 0;  // of HTTP: 200 active, 429 standby, 472, 473, 501 not initialised, 503 sealed
  bool initialized = false;
  bool sealed = false;
  bool standby = false;
  std::string version;
  std::string cluster_name;
};

// The requests. Error: invalid_input for an empty or impossible credential or path.
Result<Question> ask_login(const AppRoleLogin& login, const Secret& secret_id);
Result<Question> ask_login(const KubernetesLogin& login, const Secret& jwt);
Result<Question> ask_unwrap(Secret wrapping_token);
Question ask_lookup();
Question ask_renewal();
Question ask_health();
// What the token may do with each of `paths` (sys/capabilities-self).
Result<Question> ask_capabilities(const std::vector<std::string>& paths);

// The answers. Error: corrupt; of read_secret_id also invalid_input, when something else was wrapped.
Result<Lease> read_lease(Bytes body);
Result<Secret> read_secret_id(Bytes body);  // of an unwrapped answer
Result<TokenFacts> read_token_facts(Bytes body);
Result<Health> read_health(Bytes body, int status);
// One list for each of `paths`: {"read", "update"}, {"deny"}, {"root"}.
Result<std::vector<std::vector<std::string>>> read_capabilities(Bytes body,
                                                                const std::vector<std::string>& paths);

// renewal_after is how long to wait with the renewal of a token with `left` to live: two thirds of it, and a
// day at most, less a random part of up to a twentieth, so that a lost renewal shows long before it matters.
std::chrono::milliseconds renewal_after(std::chrono::milliseconds left, Random& random);

}  // namespace keyway::vault
