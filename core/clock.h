// Wall-clock time as an argument, so that tests can jump years.
#pragma once

#include <chrono>

namespace keyway {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::sys_seconds now() const = 0;
};

const Clock& system_clock();

}  // namespace keyway
