#include <algorithm>
#include <iterator>
#include <mutex>

#include <keyring/spread_wrapper.h>

namespace keyway::keyring {

namespace {

// The answers of all parts, until the last has come.
template <class T>
struct Collected {
  std::mutex mutex;
  Each<T> answers;
  std::size_t missing = 0;  // parts
  Done<T> done;
};

}  // namespace

template <class T, class Job>
void SpreadWrapper::spread(void (KeyWrapper::*call)(std::vector<Job>, Done<T>), std::vector<Job> jobs,
                           Done<T> done) {
  if (jobs.empty()) return (wrappers_.front().get()->*call)(std::move(jobs), std::move(done));
  const std::size_t batch = std::max<std::size_t>(traits().batch_limit, 1);
  const std::size_t batches = (jobs.size() + batch - 1) / batch;
  const std::size_t parts = std::clamp<std::size_t>(batches, 1, wrappers_.size());
  const std::size_t size = (batches + parts - 1) / parts * batch;
  auto all = std::make_shared<Collected<T>>();
  all->answers = all_fail<T>(jobs.size(), Error{});
  all->missing = (jobs.size() + size - 1) / size;
  all->done = std::move(done);
  std::size_t at = 0;
  for (std::size_t part = 0; at < jobs.size(); ++part) {
    const std::size_t n = std::min(size, jobs.size() - at);
    const auto first = jobs.begin() + static_cast<std::ptrdiff_t>(at);
    std::vector<Job> some(std::make_move_iterator(first),
                          std::make_move_iterator(first + static_cast<std::ptrdiff_t>(n)));
    (wrappers_[part].get()->*call)(std::move(some), [all, at](Each<T> answers) {
      bool is_last = false;
      {
        const std::lock_guard lock(all->mutex);
        std::ranges::move(answers, all->answers.begin() + static_cast<std::ptrdiff_t>(at));
        is_last = --all->missing == 0;
      }
      if (is_last) all->done(std::move(all->answers));
    });
    at += n;
  }
}

void SpreadWrapper::wrap(std::vector<WrapJob> jobs, Done<WrappedKey> done) {
  spread(&KeyWrapper::wrap, std::move(jobs), std::move(done));
}
void SpreadWrapper::unwrap(std::vector<UnwrapJob> jobs, Done<Secret> done) {
  spread(&KeyWrapper::unwrap, std::move(jobs), std::move(done));
}
void SpreadWrapper::rewrap(std::vector<UnwrapJob> jobs, Done<WrappedKey> done) {
  spread(&KeyWrapper::rewrap, std::move(jobs), std::move(done));
}

}  // namespace keyway::keyring
