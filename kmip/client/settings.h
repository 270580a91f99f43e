// How to reach a KMIP server, and what is known of it afterwards. No Asio here.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <core/net/endpoint.h>
#include <core/net/tls.h>
#include <kmip/wire/exchange.h>

namespace keyway::kmip {

inline constexpr std::uint16_t default_port = 5696;  // IANA

enum class Direction : std::uint8_t { sent, received };

// Every default of a connection stands here.
struct ClientSettings {
  net::Endpoint endpoint{.host = {}, .port = default_port};
  std::vector<net::Endpoint> others;  // tried in this order, round robin, when the one before does not answer
  std::shared_ptr<const net::TlsContext> tls;         // required
  std::optional<Version> version;                     // insist on this one; none: negotiate
  std::shared_ptr<const Login> login;                 // none: the certificate alone says who we are
  std::chrono::milliseconds connect_timeout{10'000};  // resolving, connecting and the handshake
  std::chrono::milliseconds request_timeout{30'000};  // a whole call, connecting included
  // An idle connection is replaced before it is used again: servers drop theirs after 30 s and more.
  std::chrono::milliseconds idle_limit{20'000};
  std::size_t batch_limit = 50;  // items in one request; 1 sends everything one by one
  Limits limits;
  // Sees each message in full, secrets included, on the client's thread. The view ends with the call.
  std::function<void(Direction, Bytes)> trace;
};

// What is known of the server once a request was answered.
struct ServerFacts {
  Version version = oldest_version;
  std::string peer;          // who answered: "kms.example:5696"
  std::string tls_protocol;  // "TLSv1.3, TLS_AES_256_GCM_SHA384"
  std::string peer_subject;  // of its certificate
  Forgiven forgiven;         // what its answers had wrong so far
};

}  // namespace keyway::kmip
