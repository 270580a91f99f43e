// The only homes of key bytes, tokens, passwords and passphrases: memory that is wiped on every path.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <span>

#include <fmt/core.h>

#include <core/bytes.h>

namespace keyway {

// wipe overwrites `bytes` with zeroes in a way the compiler may not remove.
void wipe(std::span<std::byte> bytes) noexcept;

// SecretBuffer is a growing byte buffer that wipes whatever it drops: when it grows, shrinks, is cleared,
// assigned over or destroyed. Messages are built and received in it. Not copyable. Not thread-safe.
class SecretBuffer {
 public:
  SecretBuffer() noexcept = default;
  explicit SecretBuffer(std::size_t capacity) { reserve(capacity); }
  SecretBuffer(SecretBuffer&& other) noexcept;
  SecretBuffer& operator=(SecretBuffer&& other) noexcept;
  ~SecretBuffer();

  const std::byte* data() const noexcept { return data_; }
  std::byte* data() noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return capacity_; }
  bool empty() const noexcept { return size_ == 0; }

  // view is valid until the next call that is not const.
  Bytes view() const noexcept { return {data_, size_}; }
  std::span<std::byte> room() noexcept { return {data_, size_}; }

  // append adds `n` bytes at the end, whose values the caller then sets, and returns where they start.
  std::byte* append(std::size_t n) {
    if (n > capacity_ - size_) grow(size_ + n);
    std::byte* at = data_ + size_;
    size_ += n;
    return at;
  }
  // append copies `bytes`, which must not lie inside this buffer.
  void append(Bytes bytes);
  void append(Text text) { append(bytes_of(text)); }

  void reserve(std::size_t capacity) {
    if (capacity > capacity_) grow(capacity);
  }
  // resize keeps the first `size` bytes; what is added is zero, what is cut off is wiped.
  void resize(std::size_t size);
  // drop_front removes and wipes the first `n` bytes (at most size()).
  void drop_front(std::size_t n) noexcept;
  // clear wipes the content and keeps the memory for the next message.
  void clear() noexcept;

 private:
  void grow(std::size_t at_least);
  void release() noexcept;

  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// Secret owns bytes that must not be printed, copied or left behind in memory. Copying is the explicit
// duplicate(), reading the explicit reveal(): two words a reviewer can search for. Thread-safe to read.
class Secret {
 public:
  Secret() noexcept = default;
  explicit Secret(Bytes copy_of) : bytes_(copy_of.size()) { bytes_.append(copy_of); }
  explicit Secret(Text copy_of) : Secret(bytes_of(copy_of)) {}
  explicit Secret(SecretBuffer&& bytes) noexcept : bytes_(std::move(bytes)) {}
  Secret(Secret&&) noexcept = default;
  Secret& operator=(Secret&&) noexcept = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() = default;

  // reveal is a view of the secret, valid as long as this object is neither moved from nor destroyed.
  Bytes reveal() const noexcept { return bytes_.view(); }
  Text reveal_text() const noexcept { return text_of(bytes_.view()); }
  Secret duplicate() const { return Secret(reveal()); }

  std::size_t size() const noexcept { return bytes_.size(); }
  bool empty() const noexcept { return bytes_.empty(); }

  // Comparing takes a time that depends on the sizes only.
  friend bool operator==(const Secret& a, const Secret& b) noexcept { return equal(a.reveal(), b.reveal()); }

 private:
  static bool equal(Bytes a, Bytes b) noexcept;

  SecretBuffer bytes_;
};

// equal_in_constant_time compares without telling by its duration where two values differ; sizes are public.
bool equal_in_constant_time(Bytes a, Bytes b) noexcept;

inline bool Secret::equal(Bytes a, Bytes b) noexcept { return equal_in_constant_time(a, b); }

std::ostream& operator<<(std::ostream&, const Secret&) = delete;
std::ostream& operator<<(std::ostream&, const SecretBuffer&) = delete;

}  // namespace keyway

// Printing a secret does not compile: these are declared and never defined.
template <>
struct fmt::formatter<keyway::Secret>;
template <>
struct fmt::formatter<keyway::SecretBuffer>;
