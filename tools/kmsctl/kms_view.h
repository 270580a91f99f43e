// A KMS of the keyring for a person, and as JSON. No secret is ever part of it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <keyring/keyring.h>

namespace keyway::kmsctl {

// title_of is "Vault https://kms:8200, key fs".
std::string title_of(const keyring::KmsSettings& kms);

// facts_of is what there is to say of a KMS, as pairs of a name and a value, in the order to print.
using TextFacts = std::vector<std::pair<std::string, std::string>>;
TextFacts facts_of(const keyring::KmsView& kms, const std::string& rewrap);

// rewrap_command is what moves the filesystems that are left to the key of `current`.
std::string rewrap_command(Backend current, const std::string& key);
std::string rewrap_command(const keyring::Overview& overview);

nlohmann::ordered_json to_json(const keyring::KmsView& kms);

// is_kms tells whether it is a real one, rather than the local key.
bool is_kms(const keyring::KmsView* kms);

// local_filesystems counts those under a local key.
std::int64_t local_filesystems(const keyring::Overview& overview);

}  // namespace keyway::kmsctl
