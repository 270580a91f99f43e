// KeyWrapper: the one interface every backend shares. Batch first and asynchronous; the calls for one key,
// and the blocking ones, are below.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include <core/error.h>
#include <core/secret.h>
#include <core/wrapped_key.h>

namespace keyway {

struct WrapJob {
  Secret key;          // the data key, shortest_data_key to longest_data_key bytes
  OwnedBytes context;  // what the key is for; unwrap must be given the same. May be empty
};

struct UnwrapJob {
  WrappedKey key;
  OwnedBytes context;
};

template <class T>
using Each = std::vector<Result<T>>;  // one answer per job, in the jobs' order
template <class T>
using Done = std::move_only_function<void(Each<T>)>;  // called exactly once, never from inside the call

// all_fail is the one error for each of `n` jobs.
template <class T>
Each<T> all_fail(std::size_t n, const Error& error) {
  Each<T> answers;
  answers.reserve(n);
  for (std::size_t i = 0; i < n; ++i) answers.emplace_back(std::unexpected(error));
  return answers;
}

// What a backend can do, for a caller that plans batches.
struct Traits {
  Backend backend = Backend::local;
  bool rewraps_inside = false;  // rewrap does not bring the data key to this process
  std::size_t batch_limit = 1;  // jobs that travel in one request; larger batches are cut by the wrapper
};

class KeyWrapper {
 public:
  virtual ~KeyWrapper() = default;
  virtual Traits traits() const = 0;
  // wrap encrypts each key under the wrapper's current key, and has unwrapped it again and compared before
  // it answers where the backend cannot be trusted to.
  virtual void wrap(std::vector<WrapJob> jobs, Done<WrappedKey> done) = 0;
  // unwrap opens each blob with the key the blob names, and no other, and verifies its check value.
  virtual void unwrap(std::vector<UnwrapJob> jobs, Done<Secret> done) = 0;
  // rewrap moves each blob to the current key; the old blob stays valid until its owner drops it.
  virtual void rewrap(std::vector<UnwrapJob> jobs, Done<WrappedKey> done) = 0;
};

// The blocking forms. They wait for the wrapper's own thread: never call them from it.
Each<WrappedKey> wrap_and_wait(KeyWrapper& wrapper, std::vector<WrapJob> jobs);
Each<Secret> unwrap_and_wait(KeyWrapper& wrapper, std::vector<UnwrapJob> jobs);
Each<WrappedKey> rewrap_and_wait(KeyWrapper& wrapper, std::vector<UnwrapJob> jobs);

// One key, blocking.
Result<WrappedKey> wrap_one(KeyWrapper& wrapper, Secret key, Bytes context = {});
Result<Secret> unwrap_one(KeyWrapper& wrapper, const WrappedKey& key, Bytes context = {});
Result<WrappedKey> rewrap_one(KeyWrapper& wrapper, const WrappedKey& key, Bytes context = {});

}  // namespace keyway
