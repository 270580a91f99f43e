// Private and public keys of the store, as core's keys and back.
#pragma once

#include <core/asymmetric.h>
#include <kmip/server/object_store.h>
#include <kmip/server/refusal.h>

namespace keyway::kmip::server {

inline bool is_asymmetric(ObjectType type) {
  return type == ObjectType::PrivateKey || type == ObjectType::PublicKey;
}

// read_key reads the bytes of a private or public key. Refuses what is no key of that format.
Outcome<AsymmetricKey> read_key(ObjectType type, KeyFormatType format, Bytes der);

// write_key is the key, or its public half, in a format. Refuses formats that it does not have.
Outcome<Secret> write_key(const AsymmetricKey& key, ObjectType type, KeyFormatType format);

// default_format is how a key is given out unless a client asks for another format: PKCS#1 for RSA (2.1
// §4.26). The standard's default for curves is a transparent structure; this server has PKCS#8 and X.509.
KeyFormatType default_format(const Object& object);

// settle_facts fills in the algorithm, length and curve of `object` from its key, and refuses when they are
// given and differ.
Outcome<> settle_facts(Object& object, const AsymmetricKey& key);

}  // namespace keyway::kmip::server
