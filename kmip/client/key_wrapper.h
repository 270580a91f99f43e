// The KMIP KeyWrapper: data keys encrypted by a key that stays in the KMS.
#pragma once

#include <memory>

#include <core/key_wrapper.h>
#include <core/random.h>
#include <kmip/client/key_reference.h>

namespace keyway::kmip {

class Client;

// Where the cipher runs. Fetching the key brings it into this process, so it is done only where it is asked
// for or where the protocol version leaves no other way.
enum class WrapWhere : std::uint8_t {
  automatic,  // in the KMS; here below KMIP 1.2, which has no Encrypt and Decrypt
  server,     // in the KMS or not at all
  client,     // always here: the key is fetched with Get (for servers without Encrypt)
};

struct KmipWrapperSettings {
  KeyReference key;  // what wrap and rewrap encrypt with; empty: unwrap only
  WrapWhere where = WrapWhere::automatic;
};

// KmipWrapper wraps with AES-GCM where version and server allow it, else with AES-CBC and PKCS#5 padding; the
// check value in the blob authenticates either. It makes and sends its own IV, records where the server puts
// the tag, and unwraps every new blob again before it answers. Unwrapping uses the key the blob names.
//
// Thread-safe; answers arrive on the client's executor. `client` and `random` must outlive the wrapper and
// every call under way. Errors: not_mine for a blob of another backend; corrupt when the KMS is able to
// decrypt but not this blob, or the check value differs; unsupported, naming the version needed.
class KmipWrapper final : public KeyWrapper {
 public:
  KmipWrapper(Client& client, KmipWrapperSettings settings, Random& random = system_random());
  ~KmipWrapper() override;

  Traits traits() const override;
  void wrap(std::vector<WrapJob> jobs, Done<WrappedKey> done) override;
  void unwrap(std::vector<UnwrapJob> jobs, Done<Secret> done) override;
  void rewrap(std::vector<UnwrapJob> jobs, Done<WrappedKey> done) override;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace keyway::kmip
