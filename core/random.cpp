#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <openssl/rand.h>

#include <core/random.h>

namespace keyway {

namespace {

class SystemRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override {
    constexpr std::size_t largest = 1U << 30U;  // OpenSSL counts in int
    while (!out.empty()) {
      const std::size_t n = std::min(out.size(), largest);
      if (RAND_priv_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(n)) != 1) give_up();
      out = out.subspan(n);
    }
  }

 private:
  [[noreturn]] static void give_up() {
    std::fputs("keyway: the system's random generator failed; stopping rather than making weak keys\n",
               stderr);
    std::abort();
  }
};

}  // namespace

OwnedBytes Random::bytes(std::size_t n) {
  OwnedBytes out(n);
  fill(out);
  return out;
}

Secret Random::secret(std::size_t n) {
  SecretBuffer out;
  out.resize(n);
  fill(out.room());
  return Secret(std::move(out));
}

Random& system_random() {
  static SystemRandom random;
  return random;
}

}  // namespace keyway
