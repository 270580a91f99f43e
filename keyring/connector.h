// How the keyring reaches a KMS: an interface, so that tests can put faults in its way, and the real one.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <core/key_wrapper.h>
#include <keyring/model/kms.h>

namespace keyway::keyring {

// Connection is one KMS, reached as somebody. Its calls block; its wrappers answer on threads of their own.
// Thread-safe but for destruction.
class Connection {
 public:
  virtual ~Connection() = default;

  // wrapper wraps with `key`, and opens what any key of this KMS wrapped. With an empty key it wraps nothing,
  // and its rewrap moves each blob to the newest version of its own key. Lives as long as the connection.
  virtual KeyWrapper& wrapper(const std::string& key) = 0;
  // newest_version is the version that `key` would wrap with now; empty where keys have no versions. Errors:
  // those of the KMS; not_found.
  virtual Result<std::string> newest_version(const std::string& key) = 0;
  // identify turns what a user calls a key ("name:backup") into what the KMS calls it.
  virtual Result<std::string> identify(const std::string& key) = 0;
  // newest_on_rewrap tells whether a rewrap under the same key makes it newer: Vault's keys have versions.
  virtual bool newest_on_rewrap() const = 0;
};

// Who a filesystem is at a Vault, other than the cluster: its namespace, and its own AppRole if it has one.
struct OwnLogin {
  std::string name_space;
  AppRoleAuth role;
};

class Connector {
 public:
  virtual ~Connector() = default;
  // connect prepares; nothing is sent before the first call. `own` is for Vault only. Errors: invalid_input
  // (an address, a certificate that cannot be used), and those of reading the credentials.
  virtual Result<std::unique_ptr<Connection>> connect(const KmsSettings& kms, const OwnLogin* own) = 0;
};

struct ConnectorSettings {
  std::chrono::milliseconds timeout{30'000};  // of one request, its repetitions included
  std::size_t jobs = 4;                       // connections at once to one KMS
  // Vault: repetitions of one request. Some two seconds: a person waits, and a script can try again.
  unsigned attempts = 6;
};

// NetworkConnector speaks Vault, KMIP and key files. Thread-safe.
class NetworkConnector final : public Connector {
 public:
  explicit NetworkConnector(ConnectorSettings settings = {}) : settings_(settings) {}
  Result<std::unique_ptr<Connection>> connect(const KmsSettings& kms, const OwnLogin* own) override;

 private:
  ConnectorSettings settings_;
};

}  // namespace keyway::keyring
