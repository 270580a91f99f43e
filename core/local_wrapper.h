// The local KeyWrapper: AES-256-GCM under a key file. No KMS, for development and as the keyring's default.
#pragma once

#include <filesystem>
#include <memory>

#include <core/key_wrapper.h>
#include <core/random.h>
#include <core/worker.h>

namespace keyway {

// LocalKey is a 32-byte key and its identifier, the first 16 bytes of its SHA-256 as hexadecimal digits.
class LocalKey {
 public:
  // create makes a new key file, mode 0600. Error: invalid_input when the file exists.
  static Result<LocalKey> create(const std::filesystem::path& path, Random& random = system_random());
  // load reads a key file. Errors: not_found; invalid_input when others than its owner may read it, or its
  // content is not a Keyway key file.
  static Result<LocalKey> load(const std::filesystem::path& path);

  const std::string& id() const { return id_; }
  const Secret& key() const { return key_; }

 private:
  explicit LocalKey(Secret key);
  Secret key_;
  std::string id_;
};

// LocalWrapper is thread-safe; its answers arrive on its own worker thread.
class LocalWrapper final : public KeyWrapper {
 public:
  explicit LocalWrapper(LocalKey key, Random& random = system_random());
  ~LocalWrapper() override;  // waits for the jobs under way

  Traits traits() const override;
  void wrap(std::vector<WrapJob> jobs, Done<WrappedKey> done) override;
  void unwrap(std::vector<UnwrapJob> jobs, Done<Secret> done) override;
  void rewrap(std::vector<UnwrapJob> jobs, Done<WrappedKey> done) override;

 private:
  LocalKey key_;
  Random& random_;
  Worker worker_;  // last: it is joined before the key goes
};

}  // namespace keyway
