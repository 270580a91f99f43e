#include <algorithm>

#include <core/clock.h>
#include <core/random.h>
#include <tests/core/support.h>

using namespace keyway;

TEST_CASE("system_random: as many bytes as asked for, and never the same") {
  CHECK(system_random().bytes(0).empty());
  CHECK(system_random().secret(0).empty());
  const OwnedBytes first = system_random().bytes(32);
  const OwnedBytes second = system_random().bytes(32);
  CHECK(first.size() == 32);
  CHECK(first != second);
  const Secret secret = system_random().secret(33);
  CHECK(secret.size() == 33);
  CHECK_FALSE(secret == system_random().secret(33));
  // Every byte is set: of 4096, a given one is zero in all of 16 draws with probability 2^-128.
  OwnedBytes seen(4096);
  for (int draw = 0; draw < 16; ++draw) {
    const OwnedBytes bytes = system_random().bytes(seen.size());
    for (std::size_t i = 0; i < seen.size(); ++i) seen[i] |= bytes[i];
  }
  CHECK(std::ranges::count(seen, std::byte{0}) == 0);
}

TEST_CASE("Random: bytes and secret come from fill") {
  test::CountingRandom random(1);
  CHECK(to_hex(random.bytes(3)) == "010203");
  CHECK(random.secret(2) == Secret(test::hex("0405")));
}

TEST_CASE("system_clock: seconds of the system's clock") {
  const auto before = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto now = system_clock().now();
  const auto after = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  CHECK(before <= now);
  CHECK(now <= after);
}
