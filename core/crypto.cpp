#include <cstdio>
#include <cstdlib>
#include <memory>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <core/crypto.h>
#include <core/openssl_bytes.h>
#include <core/openssl_error.h>

namespace keyway {

namespace {

// OpenSSL counts in int; nothing Keyway encrypts comes near this.
constexpr std::size_t largest_message = std::size_t{1} << 30U;

struct FreeCipherContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }  // wipes its key
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipherContext>;

enum class Direction : int { decrypt = 0, encrypt = 1 };

int count(Bytes bytes) { return static_cast<int>(bytes.size()); }  // sizes were checked before

const EVP_CIPHER* gcm_cipher(std::size_t key_size) {
  switch (key_size) {
    case 16: return EVP_aes_128_gcm();
    case 24: return EVP_aes_192_gcm();
    case 32: return EVP_aes_256_gcm();
    default: return nullptr;
  }
}

const EVP_CIPHER* cbc_cipher(std::size_t key_size) {
  switch (key_size) {
    case 16: return EVP_aes_128_cbc();
    case 24: return EVP_aes_192_cbc();
    case 32: return EVP_aes_256_cbc();
    default: return nullptr;
  }
}

Result<void> check_key_and_size(Bytes key, Bytes message) {
  if (gcm_cipher(key.size()) == nullptr) {
    return fail(ErrorKind::invalid_input, "an AES key is 16, 24 or 32 bytes, not {}", key.size());
  }
  if (message.size() > largest_message) {
    return fail(ErrorKind::invalid_input, "AES: {} bytes are more than the limit of {}", message.size(),
                largest_message);
  }
  return {};
}

Result<void> check_gcm(Bytes key, Bytes iv, Bytes associated_data, Bytes message, std::size_t tag_size) {
  if (auto ok = check_key_and_size(key, message); !ok) return ok;
  if (associated_data.size() > largest_message) {
    return fail(ErrorKind::invalid_input,
                "AES-GCM: {} bytes of associated data are more than the limit of {}", associated_data.size(),
                largest_message);
  }
  if (iv.empty() || iv.size() > 16) {
    return fail(ErrorKind::invalid_input, "AES-GCM: an IV is 1 to 16 bytes, not {}", iv.size());
  }
  if (tag_size < 4 || tag_size > gcm_tag_size) {
    return fail(ErrorKind::invalid_input, "AES-GCM: a tag is 4 to 16 bytes, not {}", tag_size);
  }
  return {};
}

Result<void> check_cbc(Bytes key, Bytes iv, Bytes message) {
  if (auto ok = check_key_and_size(key, message); !ok) return ok;
  if (iv.size() != aes_block_size) {
    return fail(ErrorKind::invalid_input, "AES-CBC: an IV is 16 bytes, not {}", iv.size());
  }
  return {};
}

// start_gcm returns a context that has taken in the associated data, or null.
CipherContext start_gcm(Direction direction, Bytes key, Bytes iv, Bytes associated_data) {
  CipherContext context(EVP_CIPHER_CTX_new());
  if (context == nullptr) return nullptr;
  const int encrypt = static_cast<int>(direction);
  int n = 0;
  const bool ok =
      EVP_CipherInit_ex(context.get(), gcm_cipher(key.size()), nullptr, nullptr, nullptr, encrypt) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN, count(iv), nullptr) == 1 &&
      EVP_CipherInit_ex(context.get(), nullptr, nullptr, raw(key), raw(iv), encrypt) == 1 &&
      (associated_data.empty() ||
       EVP_CipherUpdate(context.get(), nullptr, &n, raw(associated_data), count(associated_data)) == 1);
  return ok ? std::move(context) : nullptr;
}

CipherContext start_cbc(Direction direction, Bytes key, Bytes iv) {
  CipherContext context(EVP_CIPHER_CTX_new());
  if (context == nullptr) return nullptr;
  const bool ok = EVP_CipherInit_ex(context.get(), cbc_cipher(key.size()), nullptr, raw(key), raw(iv),
                                    static_cast<int>(direction)) == 1;
  return ok ? std::move(context) : nullptr;
}

// update runs `in` through the cipher. An empty `in` is nothing to do; OpenSSL would take its null pointer
// for a different request.
bool update(EVP_CIPHER_CTX* context, std::byte* out, Bytes in, int& written) {
  return in.empty() || EVP_CipherUpdate(context, raw(out), &written, raw(in), count(in)) == 1;
}

// A hash that fails means that OpenSSL has no memory or no provider left. There is no answer to give that a
// caller could not mistake for a hash.
[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "keyway: OpenSSL cannot compute %s; stopping\n", what);
  std::abort();
}

}  // namespace

std::unexpected<Error> openssl_failed(std::string_view what) {
  std::string reasons;
  while (const unsigned long code = ERR_get_error()) {
    char text[256] = {};
    ERR_error_string_n(code, text, sizeof(text));
    reasons += reasons.empty() ? ": " : ", ";
    reasons += text;
  }
  return fail(ErrorKind::internal, "{} failed in OpenSSL{}", what, reasons);
}

Result<Sealed> aes_gcm_seal(Bytes key, Bytes iv, Bytes associated_data, Bytes plaintext,
                            std::size_t tag_size) {
  if (auto ok = check_gcm(key, iv, associated_data, plaintext, tag_size); !ok) {
    return std::unexpected(std::move(ok.error()));
  }
  ERR_clear_error();
  Sealed sealed{OwnedBytes(plaintext.size()), OwnedBytes(tag_size)};
  std::byte rest[aes_block_size];  // GCM writes nothing at its end, but takes a pointer
  int written = 0;
  int end = 0;
  const CipherContext context = start_gcm(Direction::encrypt, key, iv, associated_data);
  const bool ok = context != nullptr && update(context.get(), sealed.ciphertext.data(), plaintext, written) &&
                  EVP_CipherFinal_ex(context.get(), raw(rest), &end) == 1 &&
                  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag_size),
                                      sealed.tag.data()) == 1;
  if (!ok || static_cast<std::size_t>(written + end) != plaintext.size()) {
    return openssl_failed("AES-GCM encryption");
  }
  return sealed;
}

Result<Secret> aes_gcm_open(Bytes key, Bytes iv, Bytes associated_data, Bytes ciphertext, Bytes tag) {
  if (auto ok = check_gcm(key, iv, associated_data, ciphertext, tag.size()); !ok) {
    return std::unexpected(std::move(ok.error()));
  }
  ERR_clear_error();
  OwnedBytes expected = owned(tag);  // OpenSSL's control takes no pointer to const
  SecretBuffer plaintext;
  plaintext.resize(ciphertext.size());
  std::byte rest[aes_block_size];
  int written = 0;
  int end = 0;
  const CipherContext context = start_gcm(Direction::decrypt, key, iv, associated_data);
  const bool ready =
      context != nullptr && update(context.get(), plaintext.data(), ciphertext, written) &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, count(expected), expected.data()) == 1;
  if (!ready) return openssl_failed("AES-GCM decryption");
  if (EVP_CipherFinal_ex(context.get(), raw(rest), &end) != 1) {
    ERR_clear_error();
    return fail(ErrorKind::corrupt, "AES-GCM: the authentication tag does not fit");
  }
  if (static_cast<std::size_t>(written + end) != ciphertext.size())
    return openssl_failed("AES-GCM decryption");
  return Secret(std::move(plaintext));
}

Result<OwnedBytes> aes_cbc_encrypt(Bytes key, Bytes iv, Bytes plaintext) {
  if (auto ok = check_cbc(key, iv, plaintext); !ok) return std::unexpected(std::move(ok.error()));
  ERR_clear_error();
  OwnedBytes out(plaintext.size() + aes_block_size);
  int written = 0;
  int end = 0;
  const CipherContext context = start_cbc(Direction::encrypt, key, iv);
  const bool ok = context != nullptr && update(context.get(), out.data(), plaintext, written) &&
                  EVP_CipherFinal_ex(context.get(), raw(out.data() + written), &end) == 1;
  if (!ok) return openssl_failed("AES-CBC encryption");
  out.resize(static_cast<std::size_t>(written + end));
  return out;
}

Result<Secret> aes_cbc_decrypt(Bytes key, Bytes iv, Bytes ciphertext) {
  if (auto ok = check_cbc(key, iv, ciphertext); !ok) return std::unexpected(std::move(ok.error()));
  if (ciphertext.empty() || ciphertext.size() % aes_block_size != 0) {
    return fail(ErrorKind::corrupt, "AES-CBC: {} bytes are not a whole number of blocks", ciphertext.size());
  }
  ERR_clear_error();
  SecretBuffer plaintext;
  plaintext.resize(ciphertext.size() + aes_block_size);  // what EVP_DecryptUpdate(3) asks for
  int written = 0;
  int end = 0;
  const CipherContext context = start_cbc(Direction::decrypt, key, iv);
  const bool ready = context != nullptr && update(context.get(), plaintext.data(), ciphertext, written);
  if (!ready) return openssl_failed("AES-CBC decryption");
  if (EVP_CipherFinal_ex(context.get(), raw(plaintext.data() + written), &end) != 1) {
    ERR_clear_error();
    return fail(ErrorKind::corrupt, "AES-CBC: what comes out is not padded (wrong key, or damaged)");
  }
  plaintext.resize(static_cast<std::size_t>(written + end));
  return Secret(std::move(plaintext));
}

Sha256 sha256(Bytes data) {
  Sha256 hash{};
  unsigned size = 0;
  if (EVP_Digest(data.data(), data.size(), raw(hash.data()), &size, EVP_sha256(), nullptr) != 1 ||
      size != hash.size()) {
    give_up("SHA-256");
  }
  return hash;
}

Sha256 hmac_sha256(Bytes key, Bytes data) {
  Sha256 hash{};
  unsigned size = 0;
  const std::byte none{};
  const Bytes some_key = key.data() != nullptr ? key : Bytes(&none, 0);  // a null key means "the last one"
  if (key.size() > largest_message ||
      HMAC(EVP_sha256(), some_key.data(), count(some_key), raw(data), data.size(), raw(hash.data()), &size) ==
          nullptr ||
      size != hash.size()) {
    give_up("HMAC-SHA256");
  }
  return hash;
}

}  // namespace keyway
