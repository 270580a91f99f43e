// What encrypt and decrypt have in common: mode, IV and associated data.
#pragma once

#include <string>

#include <CLI/App.hpp>

#include <kmip/model/common.h>
#include <tools/kmipctl/command.h>

namespace keyway::kmipctl {

struct CipherOptions {
  std::string mode = "GCM";
  std::string iv;               // hexadecimal
  std::string associated_data;  // text
};
void declare(CLI::App& app, CipherOptions& options);

struct Cipher {
  kmip::BlockCipherMode mode{};
  OwnedBytes iv;  // empty: not given
  OwnedBytes associated_data;

  bool is_gcm() const { return mode == kmip::BlockCipherMode::GCM; }
  std::size_t iv_size() const;
  kmip::CryptographicParameters parameters() const;
};
Result<Cipher> cipher_of(const CipherOptions& options);

}  // namespace keyway::kmipctl
