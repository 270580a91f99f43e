#include <core/local_wrapper.h>
#include <tools/kmsctl/kms.h>

namespace keyway::kmsctl {

namespace {

class LocalKms final : public Kms {
 public:
  explicit LocalKms(const KmsOptions& options)
      : key_file_(*options.key_file), new_key_file_(options.new_key_file) {}

  Result<WrappedKey> wrap(Secret key, Bytes context) override {
    auto local = LocalKey::load(key_file_);
    if (!local) return std::unexpected(std::move(local.error()));
    LocalWrapper wrapper(std::move(*local));
    return wrap_one(wrapper, std::move(key), context);
  }

  Result<Secret> unwrap(WrappedKey blob, Bytes context) override {
    auto local = LocalKey::load(key_file_);
    if (!local) return std::unexpected(std::move(local.error()));
    if (auto mine = check_mine(blob, Backend::local); !mine) return std::unexpected(std::move(mine.error()));
    LocalWrapper wrapper(std::move(*local));
    return unwrap_one(wrapper, blob, context);
  }

  Result<WrappedKey> rewrap(WrappedKey blob, Bytes context) override {
    auto next = LocalKey::load(new_key_file_.value_or(key_file_));  // before the key is opened for nothing
    if (!next) return std::unexpected(std::move(next.error()));
    auto key = unwrap(std::move(blob), context);
    if (!key) return std::unexpected(std::move(key.error()));
    LocalWrapper wrapper(std::move(*next));
    return wrap_one(wrapper, std::move(*key), context);
  }

  void check(Report& report, Bytes context) override {
    auto local = LocalKey::load(key_file_);
    if (!local) {
      report.failed("key-file", local.error());
      return report.skip_all({round_trip_name, latency_name}, "there is no key");
    }
    report.ok("key-file", fmt::format("{}, key {}", key_file_, local->id()), {{"key_id", local->id()}});
    LocalWrapper wrapper(std::move(*local));
    check_round_trip(report, wrapper, context);
  }

 private:
  std::string key_file_;
  KmsOptions::Value new_key_file_;
};

}  // namespace

Result<std::unique_ptr<Kms>> open_local(const KmsOptions& options) {
  return std::make_unique<LocalKms>(options);
}

}  // namespace keyway::kmsctl
