// Credentials for the keyring to keep: sealed, or as the place where they are read at each use.
#pragma once

#include <optional>
#include <string>

#include <keyring/model/kms.h>
#include <tools/kmsctl/command.h>

namespace keyway::kmsctl {

// What options like --token-file take, for their help.
extern const char* const reference_help;

// credential_at is what `option` ("--token-file") names: a file, "env:NAME", "systemd:NAME"; and "-" is read
// from standard input now, to be stored. Errors: invalid_input, naming the option; that of reading.
Result<keyring::Credential> credential_at(const std::string& given, std::string_view option);

// credential_of is what was given as an argument, with the warning that belongs to it.
Result<keyring::Credential> credential_of(const std::optional<Secret>& given, std::string_view option,
                                          const Session& session);

// certificates_in reads the certificates of a PEM file, and nothing else that is in it: a file that has the
// private key, too, must not bring it into the database. Error: also invalid_input when there are none.
Result<std::string> certificates_in(const std::string& file, std::string_view option);

// A private key's PEM, to be stored, and its passphrase if it is encrypted: from `passphrase_file`,
// KMIP_CLIENT_KEY_PASSPHRASE or the terminal. Warns of a file that others may read. Errors: those of the
// file; invalid_input without a private key, and for more than a stored secret may have.
struct PrivateKey {
  keyring::Credential key, passphrase;
};
Result<PrivateKey> private_key_in(const std::string& file, std::string_view option,
                                  const std::optional<std::string>& passphrase_file, const Session& session);

}  // namespace keyway::kmsctl
