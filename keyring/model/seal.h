// What is kept in the database and must not be read there: sealed under the key file beside it.
#pragma once

#include <filesystem>

#include <core/local_wrapper.h>
#include <core/random.h>

namespace keyway::keyring {

// StateKey seals with AES-256-GCM under the key of a file. Immutable, thread-safe.
class StateKey {
 public:
  // The errors of LocalKey::create and LocalKey::load.
  static Result<StateKey> create(const std::filesystem::path& path, Random& random = system_random());
  static Result<StateKey> load(const std::filesystem::path& path);

  const std::string& id() const { return key_.id(); }

  // seal encrypts `secret`, which may be empty, and binds it to `about`: open with another `about` fails. So
  // the address that a credential is sent to cannot be changed under it. Error: internal, when OpenSSL fails.
  Result<OwnedBytes> seal(Bytes secret, Text about, Random& random = system_random()) const;
  // Error: corrupt.
  Result<Secret> open(Bytes sealed, Text about) const;

 private:
  explicit StateKey(LocalKey key) : key_(std::move(key)) {}
  LocalKey key_;
};

}  // namespace keyway::keyring
