// What the commands want of a KMS, whichever it is.
#pragma once

#include <memory>

#include <core/error.h>
#include <core/secret.h>
#include <core/wrapped_key.h>
#include <tools/kmsctl/command.h>
#include <tools/kmsctl/kms_options.h>
#include <tools/kmsctl/report.h>

namespace keyway::kmsctl {

// Kms is one KMS with the key that the options name. Nothing is sent before the first call.
class Kms {
 public:
  virtual ~Kms() = default;

  // Errors are those of the KeyWrapper behind it (<core/key_wrapper.h>).
  virtual Result<WrappedKey> wrap(Secret key, Bytes context) = 0;
  // With the key that `blob` names, unless the options name another.
  virtual Result<Secret> unwrap(WrappedKey blob, Bytes context) = 0;
  // Opens `blob` with the key that it names, and wraps it with the key that the options name.
  virtual Result<WrappedKey> rewrap(WrappedKey blob, Bytes context) = 0;

  // check adds what it finds out to the report, which says "skipped" of what cannot be found out.
  virtual void check(Report& report, Bytes context) = 0;
};

// open_kms settles the options, reads the files that they name, and warns of what is unwise. Errors:
// invalid_input, naming the option; those of the files.
Result<std::unique_ptr<Kms>> open_kms(KmsOptions& options, const Session& session);

// The backends.
Result<std::unique_ptr<Kms>> open_local(const KmsOptions& options);
Result<std::unique_ptr<Kms>> open_kmip(const KmsOptions& options);
Result<std::unique_ptr<Kms>> open_vault(const KmsOptions& options, const Session& session);

// check_mine is not_mine, with advice, for a blob of another kind of KMS than `mine`.
Result<void> check_mine(const WrappedKey& blob, Backend mine);

}  // namespace keyway::kmsctl
