// Freed memory is kept as it was and never used again, in programs that link this: otherwise the next
// allocation of the size covers up what was left behind in it, and the scan finds nothing by luck.
#include <cstdlib>
#include <cstring>
#include <new>

#include <malloc.h>
#include <openssl/crypto.h>

namespace {

void* take(std::size_t size) {
  if (void* const block = std::malloc(size)) return block;
  throw std::bad_alloc();
}
void* take(std::size_t size, std::align_val_t alignment) {
  const auto align = static_cast<std::size_t>(alignment);
  if (void* const block = std::aligned_alloc(align, (size + align - 1) / align * align)) return block;
  throw std::bad_alloc();
}

bool keep_what_openssl_frees() {
  const int good =
      CRYPTO_set_mem_functions([](std::size_t size, const char*, int) { return std::malloc(size); },
                               [](void* old, std::size_t size, const char*, int) {
                                 void* const block = std::malloc(size);
                                 const std::size_t old_size = old == nullptr ? 0 : malloc_usable_size(old);
                                 if (block != nullptr && old_size > 0)
                                   std::memcpy(block, old, old_size < size ? old_size : size);
                                 return block;
                               },
                               [](void*, const char*, int) {});
  if (good == 0) std::abort();  // it has memory already
  return true;
}

// Before main, because OpenSSL takes this only as long as it has nothing.
[[maybe_unused]] const bool openssl_keeps_too = keep_what_openssl_frees();

}  // namespace

void* operator new(std::size_t size) { return take(size); }
void* operator new[](std::size_t size) { return take(size); }
void* operator new(std::size_t size, std::align_val_t alignment) { return take(size, alignment); }
void* operator new[](std::size_t size, std::align_val_t alignment) { return take(size, alignment); }
void operator delete(void*) noexcept {}
void operator delete[](void*) noexcept {}
void operator delete(void*, std::size_t) noexcept {}
void operator delete[](void*, std::size_t) noexcept {}
void operator delete(void*, std::align_val_t) noexcept {}
void operator delete[](void*, std::align_val_t) noexcept {}
void operator delete(void*, std::size_t, std::align_val_t) noexcept {}
void operator delete[](void*, std::size_t, std::align_val_t) noexcept {}
