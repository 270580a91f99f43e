// What the tests of the client share: clients of a scripted peer, and answers for it.
#pragma once

#include <memory>
#include <string>

#include <doctest/doctest.h>

#include <kmip/client/blocking.h>
#include <kmip/model/activate.h>
#include <kmip/model/create.h>
#include <kmip/model/decrypt.h>
#include <kmip/model/encrypt.h>
#include <kmip/model/get.h>
#include <kmip/model/get_attribute_list.h>
#include <tests/kmip/wire/response.h>
#include <tests/servers/scripted_peer.h>

namespace keyway::kmip::test {

using keyway::test::answer;
using keyway::test::close_connection;
using keyway::test::Connection;
using keyway::test::cut;
using keyway::test::dribble;
using keyway::test::idle_out;
using keyway::test::late;
using keyway::test::ScriptedPeer;
using keyway::test::stall;
using keyway::test::Step;

using Seen = std::vector<std::string>;

// The TLS contexts of a test PKI, made once.
std::shared_ptr<const net::TlsContext> server_tls();
std::shared_ptr<const net::TlsContext> client_tls();

// Settings for a client at KMIP 1.4, pinned, so that a connection's first request is the test's own.
ClientSettings settings_for(const net::Endpoint& endpoint);
inline ClientSettings settings_for(const ScriptedPeer& peer) { return settings_for(peer.endpoint()); }

// For the tests in which a deadline has to pass.
inline constexpr std::chrono::milliseconds short_timeout{300};

CreateRequest aes_key();  // AES-256, Encrypt and Decrypt
GetAttributeListRequest attribute_list_of(std::string_view id);
GetRequest get_of(std::string_view id);

// Answers to one request each.
OwnedBytes created(Text id);
OwnedBytes activated(Text id);
OwnedBytes got(Text id);  // an AES key of 16 zero bytes
// The list of an object without attributes, as one item or as the batch of several.
OwnedBytes listed(const std::vector<Text>& ids);
OwnedBytes discovered(std::vector<ProtocolNumber> versions);

template <class T>
std::string text_of_error(const Result<T>& result) {
  return result ? std::string("no error") : describe(result.error());
}

}  // namespace keyway::kmip::test
