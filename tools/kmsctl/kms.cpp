#include <tools/kmsctl/kms.h>

namespace keyway::kmsctl {

Result<std::unique_ptr<Kms>> open_kms(KmsOptions& options, const Session& session) {
  const auto backend = settle(options);
  if (!backend) return std::unexpected(backend.error());
  if (auto good = check_context(bytes_of(options.context)); !good)
    return std::unexpected(std::move(good.error()));
  switch (*backend) {
    case Backend::local: return open_local(options);
    case Backend::kmip: return open_kmip(options);
    case Backend::vault: return open_vault(options, session);
  }
  return fail(ErrorKind::internal, "there is no backend {}", static_cast<unsigned>(*backend));
}

Result<void> check_mine(const WrappedKey& blob, Backend mine) {
  if (blob.backend() == mine) return {};
  return fail_with_advice(ErrorKind::not_mine, fmt::format("use --kms {}", name(blob.backend())),
                          "the key was wrapped by a KMS of kind {}, not {}", name(blob.backend()),
                          name(mine));
}

}  // namespace keyway::kmsctl
