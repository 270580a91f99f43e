// A KMS as the keyring knows it: where it is, which of its keys wraps, and who we are there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <core/error.h>
#include <core/secret.h>
#include <core/wrapped_key.h>

namespace keyway::keyring {

inline constexpr std::size_t longest_credential = 16UL * 1024;     // bytes: tokens, secret ids, passphrases
inline constexpr std::size_t longest_stored_secret = 64UL * 1024;  // bytes: a private key as PEM

// Credential is a secret that the keyring keeps sealed, or a place where it is read at each use. Copies share
// the secret. Immutable, thread-safe.
class Credential {
 public:
  enum class Place : std::uint8_t { none, stored, file, environment, systemd };

  Credential() = default;
  static Credential stored(Secret secret);
  // A stored one whose secret is not at hand, for views: check and read give an error.
  static Credential withheld() { return {Place::stored, {}}; }
  // The first line, without its end, of a file that only its owner may read. The path has to be absolute,
  // because it is kept.
  static Credential file(std::string path);
  // The variable `name` of each process that uses the keyring.
  static Credential environment(std::string name);
  // The first line of $CREDENTIALS_DIRECTORY/`name` (systemd.exec(5), "Credentials").
  static Credential systemd(std::string name);

  Place place() const { return place_; }
  const std::string& name() const { return name_; }  // path, variable or credential; empty for a stored one
  // check tells whether the credential may be kept: an absolute path, a variable of letters, digits and '_',
  // a credential's name without slash, a stored secret that is not empty. Error: invalid_input, with the
  // rule.
  Result<void> check() const;

  // written is "stored", "file:PATH", "env:NAME", "systemd:NAME" or "" (none): it tells all but the secret.
  std::string written() const;
  // from_written is the other way; `secret` is that of a stored one, and empty for the others. Error:
  // corrupt.
  static Result<Credential> from_written(std::string_view written, Secret secret);
  // described is for people: "stored", "file /etc/kms/token", "environment variable KMS_TOKEN".
  std::string described() const;
  // read gives the secret, of at most longest_credential bytes unless it is stored. Errors: those of the
  // file; invalid_input for none, for a variable that is not set, for what is empty or too long.
  Result<Secret> read() const;

 private:
  Credential(Place place, std::string name) : place_(place), name_(std::move(name)) {}

  Place place_ = Place::none;
  std::string name_;
  std::shared_ptr<const Secret> secret_;
};

struct TokenAuth {
  Credential token;
};
struct AppRoleAuth {
  std::string role_id;
  Credential secret_id;
};
struct KubernetesAuth {
  std::string role;
  std::string token_file;  // of the pod's service account, an absolute path; empty: the usual one
};

struct VaultKms {
  std::string addresses;  // "https://kms1:8200,https://kms2:8200"
  std::string key;        // name of the transit key
  std::string name_space;
  std::string transit_path = "transit";
  std::string auth_path;  // where the login is mounted; empty: approle or kubernetes
  std::string ca_pem;     // certificates to trust; empty: the system's
  std::variant<TokenAuth, AppRoleAuth, KubernetesAuth> auth;
};

struct KmipKms {
  std::string addresses;        // "kms1:5696,kms2:5696"
  std::string key;              // Unique Identifier
  std::string certificate_pem;  // ours, with the intermediates after it
  std::string ca_pem;           // certificates to trust; empty: the system's
  Credential client_key;        // PEM, always stored
  Credential passphrase;        // of the PEM; none when it is not encrypted
};

// The key file of keyway::LocalKey: weaker than a KMS, because whoever reads the disk has it.
struct LocalKms {
  std::string key_file;
  std::string key;  // its identifier, the fingerprint
};

using KmsSettings = std::variant<LocalKms, KmipKms, VaultKms>;

Backend backend_of(const KmsSettings& kms);
// key_of is the name or identifier of the key that wraps.
const std::string& key_of(const KmsSettings& kms);

inline constexpr std::size_t longest_settings = 1024UL * 1024;  // bytes of the JSON

// written gives the settings as JSON without what is secret, for the store; equal settings give equal bytes.
// Error: invalid_input, naming the member, for settings that read_kms would refuse: a text that is missing,
// is not UTF-8 or holds a NUL, a credential that is missing or may not be kept, a path that is not absolute,
// more than longest_settings. Whether addresses and namespaces make sense is <keyring/model/rules.h>'s to
// say.
Result<std::string> written(const KmsSettings& kms);
// secrets_of gives the stored credentials as bytes, to be sealed; empty when there are none.
Secret secrets_of(const KmsSettings& kms);
// read_kms puts them together again. Error: corrupt, naming the member, also for members nobody knows, and
// for more or fewer secrets than there are stored credentials.
Result<KmsSettings> read_kms(Text json, Bytes secrets);
// read_kms_without_secrets is the same for views: the credentials that are stored are withheld.
Result<KmsSettings> read_kms_without_secrets(Text json);

}  // namespace keyway::keyring
