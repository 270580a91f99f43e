// Cryptographic operations with keys of the KMS (from 1.2). See perform.h for what
// all of them have in common.
#pragma once

#include <kmip/client/perform.h>
#include <kmip/model/decrypt.h>
#include <kmip/model/encrypt.h>
#include <kmip/model/hash.h>
#include <kmip/model/mac.h>
#include <kmip/model/mac_verify.h>
#include <kmip/model/pkcs_11.h>
#include <kmip/model/rng_retrieve.h>
#include <kmip/model/rng_seed.h>
#include <kmip/model/sign.h>
#include <kmip/model/signature_verify.h>

namespace keyway::kmip {

// encrypt encrypts data.
template <class Client, class... Token>
auto encrypt(Client& client, EncryptRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// decrypt decrypts data.
template <class Client, class... Token>
auto decrypt(Client& client, DecryptRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// sign signs data or, from 1.4, its digest with a private key.
template <class Client, class... Token>
auto sign(Client& client, SignRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// signature_verify checks a signature; an invalid one is an answer, not an error.
template <class Client, class... Token>
auto signature_verify(Client& client, SignatureVerifyRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// mac computes a message authentication code.
template <class Client, class... Token>
auto mac(Client& client, MacRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// mac_verify checks a message authentication code; a wrong one is an answer, not an error.
template <class Client, class... Token>
auto mac_verify(Client& client, MacVerifyRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// hash hashes data.
template <class Client, class... Token>
auto hash(Client& client, HashRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// rng_retrieve asks for random bytes.
template <class Client, class... Token>
auto rng_retrieve(Client& client, RngRetrieveRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// rng_seed gives the random number generator a seed; the answer says how much of it was taken.
template <class Client, class... Token>
auto rng_seed(Client& client, RngSeedRequest request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

// pkcs_11 passes a PKCS#11 call through (2.0).
template <class Client, class... Token>
auto pkcs_11(Client& client, Pkcs11Request request, Token&&... token) {
  return perform(client, std::move(request), std::forward<Token>(token)...);
}

}  // namespace keyway::kmip
