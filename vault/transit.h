// The transit engine's requests and answers, without I/O. The calls are those of <vault/client/client.h> and
// <vault/client/blocking.h>.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <core/bytes.h>
#include <core/error.h>
#include <core/key_wrapper.h>
#include <core/secret.h>
#include <vault/question.h>

namespace keyway::vault {

// Which key: its engine's mount path ("transit", "tenants/a/transit") and its name there.
struct TransitKey {
  std::string mount = "transit";
  std::string name;
};

// KeyInfo is what the server tells of a key (GET MOUNT/keys/NAME).
struct KeyInfo {
  std::string name;
  std::string type;  // "aes256-gcm96"
  std::int64_t latest_version = 0;
  std::int64_t min_decryption_version = 0;  // older ones are archived: they open nothing until it is lowered
  std::int64_t min_encryption_version = 0;  // 0: the latest only by default
  std::int64_t min_available_version = 0;   // older ones are gone for good; 0: none is
  std::optional<std::int64_t> created;      // Unix seconds of version 1; none once that is archived
  bool derived = false;                     // wants a context with each call
  bool convergent = false;                  // equal plaintexts have equal ciphertexts
  bool exportable = false;
  bool deletion_allowed = false;
  bool supports_encryption = true;
  bool supports_decryption = true;
  bool soft_deleted = false;  // OpenBao
};

// What to encrypt. The views must outlive the call.
struct PlainItem {
  Bytes plaintext;
  Bytes context;          // for a derived key; empty: none is sent
  Bytes associated_data;  // Vault 1.13 and later, earlier servers ignore it; empty: none is sent
};

// What to decrypt or rewrap.
struct CipherItem {
  std::string_view ciphertext;  // "vault:v1:..."
  Bytes context;
  Bytes associated_data;  // rewrap takes none
};

// How many items are encrypted, decrypted or rewrapped.
struct BatchOptions {
  std::int64_t key_version = 0;   // to encrypt with, or to rewrap to; 0: the latest
  std::size_t batch_limit = 200;  // items in one request; fewer when they are large
  bool key_was_read = false;      // the caller has just seen that the key exists
};

struct Ciphertext {
  std::string text;  // "vault:v1:...", to be kept as it is
  std::int64_t key_version = 0;
};

struct DataKey {
  Secret plaintext;  // empty when only the wrapped form was asked for
  Ciphertext wrapped;
};

// version_of reads N of "vault:vN:base64", whose signs are looked at but not their number. Error: corrupt.
Result<std::int64_t> version_of(std::string_view ciphertext);
// check_key tells whether mount and name are ones a server can have. Error: invalid_input, naming the rule.
Result<void> check_key(const TransitKey& key);

// The requests. Several items make a batch; a batch has context in all of its items or in none. `key_version`
// 0 is the latest. Error: invalid_input; unsupported for a rewrap with associated data.
Result<Question> ask_key(const TransitKey& key);
Result<Question> ask_encrypt(const TransitKey& key, std::span<const PlainItem> items,
                             std::int64_t key_version = 0);
Result<Question> ask_decrypt(const TransitKey& key, std::span<const CipherItem> items);
Result<Question> ask_rewrap(const TransitKey& key, std::span<const CipherItem> items,
                            std::int64_t key_version = 0);
// `bits` is 128, 256 or 512.
Result<Question> ask_data_key(const TransitKey& key, unsigned bits, Bytes context, bool with_plaintext);

// The answers, from bodies of status 200, or of a failed batch that has results all the same. An outer error
// says that the body is not such an answer (corrupt); the inner ones are the items' own.
Result<KeyInfo> read_key_info(Bytes body);
Result<Each<Ciphertext>> read_ciphertexts(Bytes body, std::size_t count, bool is_batch);
Result<Each<Secret>> read_plaintexts(Bytes body, std::size_t count, bool is_batch);
Result<DataKey> read_data_key(Bytes body, bool with_plaintext);
// has_batch_results tells whether a body of any status has an answer for each item.
bool has_batch_results(Bytes body);

// The largest body that is sent, and how many strings it has at most, names counted (OpenBao refuses 1,000).
inline constexpr std::size_t largest_body = 16UL << 20U;  // bytes; servers take 32 MiB
inline constexpr std::size_t most_strings = 990;
// fitting is how many of `items`, from the first on, one request takes: at least 1, however large it is and
// whatever `limit` says, then at most `limit`. 0 when there are none.
std::size_t fitting(std::span<const PlainItem> items, std::size_t limit);
std::size_t fitting(std::span<const CipherItem> items, std::size_t limit);

}  // namespace keyway::vault
