// One KeyWrapper over several that are alike, each with a connection of its own.
#pragma once

#include <memory>
#include <vector>

#include <core/key_wrapper.h>

namespace keyway::keyring {

// SpreadWrapper cuts jobs into one part for each wrapper, in whole batches. Thread-safe as those are; it must
// stay until every answer was given.
class SpreadWrapper final : public KeyWrapper {
 public:
  explicit SpreadWrapper(std::vector<std::unique_ptr<KeyWrapper>> wrappers)
      : wrappers_(std::move(wrappers)) {}

  Traits traits() const override { return wrappers_.front()->traits(); }
  void wrap(std::vector<WrapJob> jobs, Done<WrappedKey> done) override;
  void unwrap(std::vector<UnwrapJob> jobs, Done<Secret> done) override;
  void rewrap(std::vector<UnwrapJob> jobs, Done<WrappedKey> done) override;

 private:
  template <class T, class Job>
  void spread(void (KeyWrapper::*call)(std::vector<Job>, Done<T>), std::vector<Job> jobs, Done<T> done);

  std::vector<std::unique_ptr<KeyWrapper>> wrappers_;
};

}  // namespace keyway::keyring
