// Counts what operator new is asked for. The program that links allocations.cpp replaces operator new.
#pragma once

#include <cstddef>

namespace keyway::test {

struct Allocations {
  std::size_t count = 0;
  std::size_t bytes = 0;  // asked for in all, freed since or not
};

// allocations_of runs `work` and returns what this thread asked for meanwhile.
Allocations allocations_so_far();
template <class Work>
Allocations allocations_of(Work work) {
  const Allocations before = allocations_so_far();
  work();
  const Allocations after = allocations_so_far();
  return {after.count - before.count, after.bytes - before.bytes};
}

}  // namespace keyway::test
