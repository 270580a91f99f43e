#include <cstdlib>
#include <new>

#include <tests/kmip/allocations.h>

namespace {

thread_local keyway::test::Allocations so_far;

}  // namespace

namespace keyway::test {

Allocations allocations_so_far() { return so_far; }

}  // namespace keyway::test

void* operator new(std::size_t size) {
  ++so_far.count;
  so_far.bytes += size;
  if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
void* operator new[](std::size_t size) { return ::operator new(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
