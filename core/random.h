// Randomness as an argument, so that tests can script it.
#pragma once

#include <span>

#include <core/bytes.h>
#include <core/secret.h>

namespace keyway {

class Random {
 public:
  virtual ~Random() = default;
  // fill sets every byte of `out`. Thread-safe. Ends the process when the system has no randomness to give:
  // carrying on would make keys that can be guessed.
  virtual void fill(std::span<std::byte> out) = 0;

  OwnedBytes bytes(std::size_t n);
  Secret secret(std::size_t n);
};

// system_random is OpenSSL's generator for private values, seeded by the kernel.
Random& system_random();

}  // namespace keyway
