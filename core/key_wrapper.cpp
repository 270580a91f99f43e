#include <future>
#include <utility>

#include <core/key_wrapper.h>

namespace keyway {

namespace {

// wait_for starts a batch of `jobs` jobs and waits for its answers. A wrapper that breaks its promise (drops
// `done`, or answers another number of jobs) becomes an error for every job instead of a hang or a mix-up.
template <class T, class Start>
Each<T> wait_for(std::size_t jobs, Start start) {
  std::promise<Each<T>> promise;
  std::future<Each<T>> answers = promise.get_future();
  start([promise = std::move(promise)](Each<T> each) mutable { promise.set_value(std::move(each)); });
  Each<T> each;
  bool dropped = false;
  try {
    each = answers.get();
  } catch (const std::future_error&) {
    dropped = true;
  }
  if (!dropped && each.size() == jobs) return each;
  const std::string got = dropped ? "none" : fmt::format("{}", each.size());
  each.clear();
  for (std::size_t i = 0; i < jobs; ++i) {
    each.push_back(fail(ErrorKind::internal, "the key wrapper owes {} answers and gave {}", jobs, got));
  }
  return each;
}

std::vector<UnwrapJob> one_job(const WrappedKey& key, Bytes context) {
  std::vector<UnwrapJob> jobs;
  jobs.push_back({key, owned(context)});
  return jobs;
}

}  // namespace

Each<WrappedKey> wrap_and_wait(KeyWrapper& wrapper, std::vector<WrapJob> jobs) {
  return wait_for<WrappedKey>(jobs.size(),
                              [&](Done<WrappedKey> done) { wrapper.wrap(std::move(jobs), std::move(done)); });
}

Each<Secret> unwrap_and_wait(KeyWrapper& wrapper, std::vector<UnwrapJob> jobs) {
  return wait_for<Secret>(jobs.size(),
                          [&](Done<Secret> done) { wrapper.unwrap(std::move(jobs), std::move(done)); });
}

Each<WrappedKey> rewrap_and_wait(KeyWrapper& wrapper, std::vector<UnwrapJob> jobs) {
  return wait_for<WrappedKey>(
      jobs.size(), [&](Done<WrappedKey> done) { wrapper.rewrap(std::move(jobs), std::move(done)); });
}

Result<WrappedKey> wrap_one(KeyWrapper& wrapper, Secret key, Bytes context) {
  std::vector<WrapJob> jobs;
  jobs.push_back({std::move(key), owned(context)});
  return std::move(wrap_and_wait(wrapper, std::move(jobs)).front());
}

Result<Secret> unwrap_one(KeyWrapper& wrapper, const WrappedKey& key, Bytes context) {
  return std::move(unwrap_and_wait(wrapper, one_job(key, context)).front());
}

Result<WrappedKey> rewrap_one(KeyWrapper& wrapper, const WrappedKey& key, Bytes context) {
  return std::move(rewrap_and_wait(wrapper, one_job(key, context)).front());
}

}  // namespace keyway
