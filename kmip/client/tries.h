// What became of the addresses that one request tried. Inside kmip/client.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <core/error.h>
#include <core/net/stream.h>

namespace keyway::kmip {

class Tries {
 public:
  explicit Tries(std::size_t addresses) : left_(addresses) {}

  bool over() const { return left_ == 0; }
  // The time that the next address gets, so that one that says nothing does not use up that of all.
  net::Deadline share(net::Deadline deadline) const { return net::share_of(deadline, left_); }

  enum class Reached { nothing, server };
  // failed counts an address, which is not to be tried again.
  void failed(Error error, Reached reached) {
    if (left_ > 0) --left_;
    failures_.push_back({std::move(error), reached});
  }

  // error is why no address would do, all of them named; at least one has failed. What no repetition mends
  // comes first, then what a server did, then those that were not reached.
  Error error() {
    std::ranges::stable_sort(failures_, {}, [](const Failure& failure) {
      return failure.error.stays ? 0 : failure.reached == Reached::server ? 1 : 2;
    });
    Error all = failures_.front().error;
    if (failures_.size() == 1) return all;
    all.what = "no server answered: " + all.what;
    for (std::size_t i = 1; i < failures_.size(); ++i) all.what += "; " + failures_[i].error.what;
    // What would not mend at one address may at another.
    all.stays = over() && std::ranges::all_of(failures_, [](const Failure& f) { return f.error.stays; });
    return all;
  }

 private:
  struct Failure {
    Error error;
    Reached reached;
  };
  std::size_t left_;
  std::vector<Failure> failures_;
};

}  // namespace keyway::kmip
