// Whether secrets stand in this process's writable memory: for tests that prove that none is left. Such a
// program links keep_freed.cpp as well.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <core/bytes.h>
#include <core/secret.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KEYWAY_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define KEYWAY_SANITIZED 1
#endif
#endif

namespace keyway::test {

// Sanitizers keep freed memory and copies of their own: nothing can be proved under one.
#ifdef KEYWAY_SANITIZED
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif

// Masked remembers bytes without having them: XOR-ed with a random mask.
class Masked {
 public:
  static constexpr std::size_t longest = 512;

  // `secret` has 8 to `longest` bytes; `name` is how places() calls it.
  Masked(std::string name, Bytes secret);
  Masked(std::string name, const Secret& secret) : Masked(std::move(name), secret.reveal()) {}

  const std::string& name() const { return name_; }
  std::size_t size() const { return masked_.size(); }
  // Whether the `count` bytes from `start` on stand at `at`.
  bool stands_at(const std::byte* at, std::size_t start, std::size_t count) const;
  bool is(const Secret& secret) const {
    return secret.size() == size() && stands_at(secret.reveal().data(), 0, size());
  }
  // The first two bytes from `start` on: too few to be found, enough to skip what cannot be it.
  std::uint16_t first_two(std::size_t start) const;

 private:
  std::string name_;
  OwnedBytes mask_, masked_;
};

// Scanner reads through /proc/self/mem, which fails where plain reading would end the process.
class Scanner {
 public:
  Scanner();
  ~Scanner();
  Scanner(const Scanner&) = delete;
  Scanner& operator=(const Scanner&) = delete;

  // places says where any of the secrets, or either half of one, is: a register saved in two parts counts as
  // well. A whole copy is two places.
  std::vector<std::string> places(std::span<const Masked> secrets);
  std::vector<std::string> places(const Masked& secret) { return places({&secret, 1}); }

 private:
  void scan(std::uintptr_t begin, std::uintptr_t end, std::span<const Masked> secrets,
            const std::string& mapping, std::vector<std::string>& found);
  bool is_own(std::uintptr_t at) const;

  int memory_;
  std::vector<std::byte> window_ = std::vector<std::byte>(1 << 18);
  std::bitset<65'536> beginnings_;  // of the halves that are looked for
};

// check_nowhere fails for each place.
void check_nowhere(std::string_view when, const std::vector<std::string>& places);

}  // namespace keyway::test
