// How to reach a Vault server. No Asio here.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <core/net/backoff.h>
#include <core/net/tls.h>
#include <core/random.h>
#include <vault/http/response.h>
#include <vault/http/url.h>
#include <vault/login.h>

namespace keyway::vault {

// Every default of a connection stands here.
struct ClientSettings {
  std::vector<http::Url> addresses;            // at least one; the next is tried when one does not answer
  std::shared_ptr<const net::TlsContext> tls;  // required for https addresses, also of redirects
  std::string name_space;                      // X-Vault-Namespace; empty: none
  Login login;
  std::chrono::milliseconds connect_timeout{10'000};  // resolving, connecting and the handshake
  std::chrono::milliseconds request_timeout{30'000};  // one request with its login, redirects and repetitions
  // An idle connection is replaced before it is used again: servers drop theirs after five minutes, proxies
  // sooner.
  std::chrono::milliseconds idle_limit{60'000};
  std::size_t connections = 8;  // at once, to one address
  net::BackoffSettings backoff;
  unsigned attempts = 12;  // of one request, the first included; with the waits above some 25 seconds
  unsigned redirects = 3;
  // Keeps the token alive in the background. Off for programs that end after a few calls.
  bool renews = true;
  // For how long a credential that the server refused is not sent again; the pause doubles each time, up to
  // five minutes. Servers lock out who fails too often.
  std::chrono::milliseconds login_pause{1'000};
  // A standby may lag behind: what it does not know yet is asked for once more after this time.
  std::chrono::milliseconds lag{1'000};
  http::Limits limits;
  Random* random = nullptr;  // for jitter; null: system_random(). Must outlive the client
};

}  // namespace keyway::vault
