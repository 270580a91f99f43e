// The Vault KeyWrapper: data keys wrapped by a key of the transit engine. No Asio here.
#pragma once

#include <cstdint>
#include <memory>

#include <core/key_wrapper.h>
#include <vault/transit.h>

namespace keyway::vault {

class Client;

struct WrapperSettings {
  TransitKey key;                // to wrap with; the name may be empty when nothing is wrapped
  std::int64_t key_version = 0;  // wrap and rewrap with this version; 0: the latest
  std::size_t batch_limit = BatchOptions{}.batch_limit;
  // Bind the context to the ciphertext of a key that is not derived, too. Needs Vault 1.13 or OpenBao, which
  // is proved before the first key is wrapped, and makes blobs that cannot be rewrapped inside the server.
  bool uses_associated_data = false;
};

// VaultWrapper is thread-safe; `client` must outlive it. Its answers arrive on the client's executor.
//
// - wrap reads the key first, so that none is made by accident, and hands out no blob that did not open.
// - unwrap opens a blob with the key, mount and namespace that the blob names, and looks at each key once. A
//   blob of another namespace than the client's is not_mine. Blobs of different keys are opened, and
//   rewrapped, in parallel: as many keys at once as the client has connections.
// - rewrap stays inside the server when the blob is of this wrapper's key; without a key in the settings,
//   each blob is moved to the newest version of its own. The new blob was opened. One that is at that
//   version already comes back as it is; one of another key is opened and wrapped anew.
class VaultWrapper final : public KeyWrapper {
 public:
  VaultWrapper(Client& client, WrapperSettings settings);
  ~VaultWrapper() override;

  Traits traits() const override;
  void wrap(std::vector<WrapJob> jobs, Done<WrappedKey> done) override;
  void unwrap(std::vector<UnwrapJob> jobs, Done<Secret> done) override;
  void rewrap(std::vector<UnwrapJob> jobs, Done<WrappedKey> done) override;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace keyway::vault
