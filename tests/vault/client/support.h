// What the tests of the Vault client share: a small server of its own, and settings that reach it.
#pragma once

#include <string>
#include <vector>

#include <tests/servers/http_peer.h>
#include <vault/client/blocking.h>
#include <vault/client/key_wrapper.h>

namespace keyway::vault::test {

using keyway::test::HttpAnswer;
using keyway::test::HttpPeer;
using keyway::test::HttpRequest;
using keyway::test::json_answer;

// good_answer is what a server with the transit key "fs" and an AppRole method says. Its ciphertexts are the
// plaintexts, in another coat: nothing has to be remembered.
HttpAnswer good_answer(const HttpRequest& request);

// Quick: attempts follow one another within milliseconds.
ClientSettings settings_for(const std::vector<std::string>& addresses);
ClientSettings settings_for(const HttpPeer& peer);
TokenLogin given_token(std::string token = "t0ken");
AppRoleLogin role_login();

inline const TransitKey fs_key{"transit", "fs"};

// The conversation of a wrap: login, key, encrypt, decrypt.
constexpr std::size_t wrap_exchanges = 4;

}  // namespace keyway::vault::test
