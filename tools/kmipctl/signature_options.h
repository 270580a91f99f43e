// What sign and verify, mac and mac-verify have in common: how the data is turned into a signature or a code.
#pragma once

#include <string>

#include <CLI/App.hpp>

#include <kmip/model/common.h>
#include <tools/kmipctl/command.h>

namespace keyway::kmipctl {

struct SignatureOptions {
  std::string key;
  std::string algorithm;  // Digital Signature Algorithm, or of a MAC the Cryptographic Algorithm
  std::string in = "-";
};
enum class SignatureKind : std::uint8_t { signature, mac };
void declare(CLI::App& app, SignatureOptions& options, SignatureKind kind);

// parameters_of reads --algorithm; without it the parameters stored with the key apply.
Result<std::optional<kmip::CryptographicParameters>> parameters_of(const SignatureOptions& options,
                                                                   SignatureKind kind);

// print_validity says "Valid" or "Invalid"; what is not valid ends with Exit::integrity.
Exit print_validity(Session& session, const std::optional<kmip::ValidityIndicator>& validity);

// Work is what a command sends: the key's identifier, the data, and the parameters.
struct Work {
  std::string id;
  Secret data;
  std::optional<kmip::CryptographicParameters> parameters;
};
Result<Work> prepare(Session& session, const SignatureOptions& options, SignatureKind kind);

}  // namespace keyway::kmipctl
