#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include <openssl/crypto.h>

#include <core/secret.h>

namespace keyway {

void wipe(std::span<std::byte> bytes) noexcept {
  if (!bytes.empty()) explicit_bzero(bytes.data(), bytes.size());
}

bool equal_in_constant_time(Bytes a, Bytes b) noexcept {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

SecretBuffer::SecretBuffer(SecretBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

SecretBuffer& SecretBuffer::operator=(SecretBuffer&& other) noexcept {
  if (this != &other) {
    release();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
  }
  return *this;
}

SecretBuffer::~SecretBuffer() { release(); }

void SecretBuffer::append(Bytes bytes) {
  std::byte* at = append(bytes.size());
  if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
}

void SecretBuffer::resize(std::size_t size) {
  if (size < size_) {
    wipe({data_ + size, size_ - size});
    size_ = size;
  } else if (const std::size_t added = size - size_; added > 0) {
    std::memset(append(added), 0, added);
  }
}

void SecretBuffer::drop_front(std::size_t n) noexcept {
  const std::size_t left = size_ - n;
  if (n == 0) return;
  if (left > 0) std::memmove(data_, data_ + n, left);
  wipe({data_ + left, n});
  size_ = left;
}

void SecretBuffer::clear() noexcept {
  wipe({data_, size_});
  size_ = 0;
}

void SecretBuffer::grow(std::size_t at_least) {
  constexpr std::size_t smallest = 64;
  if (at_least < size_) throw std::bad_alloc();  // size_ + n did not fit std::size_t
  const std::size_t capacity = std::max({at_least, capacity_ + capacity_ / 2, smallest});
  auto* data = static_cast<std::byte*>(::operator new(capacity));
  if (size_ > 0) std::memcpy(data, data_, size_);
  const std::size_t size = size_;
  release();
  data_ = data;
  size_ = size;
  capacity_ = capacity;
}

void SecretBuffer::release() noexcept {
  // Everything ever written is wiped: what clear() and resize() dropped was wiped then.
  wipe({data_, size_});
  ::operator delete(data_);
  data_ = nullptr;
  size_ = capacity_ = 0;
}

}  // namespace keyway
