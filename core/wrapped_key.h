// WrappedKey: a data key encrypted by a KMS, with all that is needed to open it again years later.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>

#include <core/bytes.h>
#include <core/error.h>
#include <core/secret.h>

namespace keyway {

enum class Backend : std::uint8_t { local = 1, kmip = 2, vault = 3 };
std::string_view name(Backend backend);

// AES-256-GCM under the key of a local key file.
struct LocalMechanism {
  OwnedBytes iv;   // 12 bytes
  OwnedBytes tag;  // 16 bytes
};

// How a KMIP key wrapped the data key. Numbers are those of the KMIP enumerations, kept as numbers so that
// core needs no KMIP and a blob outlives a table.
struct KmipMechanism {
  enum class Where : std::uint8_t {
    server = 1,  // Encrypt and Decrypt ran inside the KMS
    client = 2,  // the key was fetched with Get and used here
  };
  enum class TagPlace : std::uint8_t {
    none = 0,         // the mode has no tag
    field = 1,        // in its own field, Authenticated Encryption Tag (KMIP 1.4 and later)
    end_of_data = 2,  // the last tag_length bytes of Data, as earlier versions and some servers have it
  };
  Where where = Where::server;
  std::uint32_t cryptographic_algorithm = 0;
  std::uint32_t block_cipher_mode = 0;
  std::uint32_t padding_method = 0;
  TagPlace tag_place = TagPlace::none;
  std::uint32_t tag_length = 0;  // bytes
  OwnedBytes iv;
  OwnedBytes tag;  // tag_length bytes, wherever the server put it; empty for a mode without one
  std::uint8_t version_major = 0;
  std::uint8_t version_minor = 0;  // the protocol version the key was wrapped at
  std::string vendor;              // the server's Vendor Identification, for diagnosis only
};

// A ciphertext of Vault's transit engine; `ciphertext` of the WrappedKey is its text, "vault:v1:...".
struct VaultMechanism {
  // What the server was given beside the ciphertext, and needs again.
  enum class ContextUse : std::uint8_t {
    none = 0,             // the context binds by the check value only
    derivation = 1,       // a derived key: its key is made of the context
    associated_data = 2,  // authenticated by the cipher; no rewrap inside the server
  };
  std::string mount;  // "transit"
  std::string key_namespace;
  ContextUse context_use = ContextUse::none;
  // When version 1 of the key was made, in Unix seconds; tells a key from a later one of its name. 0:
  // unknown.
  std::uint32_t key_created = 0;
};

// KeyCheckValue is HMAC-SHA256, keyed by the data key itself, over the blob's format version and the
// caller's context. It tells a right answer from a wrong one without trusting the KMS or its cipher mode.
using KeyCheckValue = std::array<std::byte, 32>;

struct WrappedKey {
  std::string key_id;       // KMIP Unique Identifier, Vault key name, or the local key's fingerprint
  std::string key_version;  // Vault: "3"; empty where the backend has none
  std::variant<LocalMechanism, KmipMechanism, VaultMechanism> mechanism;
  OwnedBytes ciphertext;  // without IV and tag
  KeyCheckValue check_value{};

  Backend backend() const { return static_cast<Backend>(mechanism.index() + 1); }
};

// A data key has to be unguessable, because the check value would confirm a guess; hence the lower limit.
inline constexpr std::size_t shortest_data_key = 16;     // bytes
inline constexpr std::size_t longest_data_key = 65'536;  // bytes
inline constexpr std::size_t longest_context = 65'536;   // bytes

// check_data_key and check_context are the limits as an invalid_input error.
Result<void> check_data_key(const Secret& key);
Result<void> check_context(Bytes context);

// key_check_value computes the check value of `key` for `context`.
KeyCheckValue key_check_value(const Secret& key, Bytes context);
// verify_key compares `key`'s check value with the blob's. Error: corrupt.
Result<void> verify_key(const WrappedKey& blob, const Secret& key, Bytes context);

// check_wrapped_key tells whether `key` is one that its written form can be read back to: key identifier and
// ciphertext not empty, texts without NUL, sizes as the mechanism has them, at most longest_wrapped_key bytes
// as binary. A wrapper calls it before it answers. Error: corrupt, naming the field.
Result<void> check_wrapped_key(const WrappedKey& key);
inline constexpr std::size_t longest_wrapped_key = 262'144;  // bytes of the binary form

// The binary form, and the text form "kw1." + base64url without padding. Both end in a checksum over all
// that precedes it, so that any changed byte is found before a KMS is asked.
OwnedBytes to_binary(const WrappedKey& key);
std::string to_text(const WrappedKey& key);

// Reading takes exactly what writing makes: a cut, longer or changed blob is an error of kind corrupt, one
// of a later format version is unsupported. from_text accepts one line feed (or CR LF) at the end.
Result<WrappedKey> wrapped_key_from_binary(Bytes binary);
Result<WrappedKey> wrapped_key_from_text(Text text);

}  // namespace keyway
