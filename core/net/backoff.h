// How long to wait before the next attempt: longer each time, up to a limit, and never in step with others.
#pragma once

#include <chrono>
#include <optional>

#include <core/random.h>

namespace keyway::net {

struct BackoffSettings {
  std::chrono::milliseconds first{100};  // also the floor for what a server asks for
  std::chrono::milliseconds longest{5'000};
};

// Backoff belongs to one sequence of attempts. Not thread-safe.
class Backoff {
 public:
  // `random` must outlive it.
  Backoff(BackoffSettings settings, Random& random) : settings_(settings), random_(random) {}

  // next is the time to wait now: a random part, between half and all, of a time that doubles with each call.
  // At least what the server `asked` for (Retry-After), taken as `first` at least and `longest` at most, and
  // then up to `first` more.
  std::chrono::milliseconds next(std::optional<std::chrono::seconds> asked = std::nullopt);

 private:
  BackoffSettings settings_;
  Random& random_;
  unsigned turn_ = 0;
};

// with_jitter is a random time between half of `whole` and all of it.
std::chrono::milliseconds with_jitter(std::chrono::milliseconds whole, Random& random);

}  // namespace keyway::net
