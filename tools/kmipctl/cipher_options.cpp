#include <CLI/CLI.hpp>

#include <core/crypto.h>
#include <core/hex.h>
#include <tools/kmipctl/cipher_options.h>

namespace keyway::kmipctl {

void declare(CLI::App& app, CipherOptions& options) {
  app.add_option("--mode", options.mode, "GCM, or CBC with PKCS5 padding")
      ->check(CLI::IsMember({"GCM", "CBC"}, CLI::ignore_case))
      ->capture_default_str();
  app.add_option("--iv", options.iv,
                 "IV in hexadecimal digits, instead of a random one in front of the data");
  app.add_option("--associated-data", options.associated_data,
                 "text that GCM authenticates too (from KMIP 1.4)");
}

std::size_t Cipher::iv_size() const { return is_gcm() ? gcm_iv_size : aes_block_size; }

kmip::CryptographicParameters Cipher::parameters() const {
  kmip::CryptographicParameters p;
  p.block_cipher_mode = mode;
  p.padding_method = is_gcm() ? kmip::PaddingMethod::None : kmip::PaddingMethod::PKCS5;
  p.cryptographic_algorithm = kmip::CryptographicAlgorithm::AES;
  if (is_gcm()) p.tag_length = static_cast<std::int32_t>(gcm_tag_size);
  return p;
}

Result<Cipher> cipher_of(const CipherOptions& options) {
  Cipher cipher;
  cipher.mode = *kmip::named<kmip::BlockCipherMode>(options.mode);
  if (!options.iv.empty()) {
    auto iv = from_hex(options.iv);
    if (!iv) return fail(ErrorKind::invalid_input, "--iv: {}", iv.error().what);
    cipher.iv = owned(iv->reveal());
    if (cipher.iv.size() > aes_block_size || (!cipher.is_gcm() && cipher.iv.size() != aes_block_size))
      return fail(ErrorKind::invalid_input, "--iv takes {} bytes", cipher.is_gcm() ? "1 to 16" : "16");
  }
  if (!options.associated_data.empty() && !cipher.is_gcm())
    return fail(ErrorKind::invalid_input, "--associated-data goes with --mode GCM only");
  cipher.associated_data = owned(bytes_of(options.associated_data));
  return cipher;
}

}  // namespace keyway::kmipctl
