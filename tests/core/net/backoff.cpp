#include <deque>

#include <core/net/backoff.h>
#include <tests/core/support.h>

using namespace keyway;
using namespace keyway::net;
using namespace std::chrono_literals;

namespace {

// FixedRandom fills with one byte: 0x00 draws the least, 0xff the most.
class FixedRandom final : public Random {
 public:
  explicit FixedRandom(std::uint8_t byte) : byte_(byte) {}
  void fill(std::span<std::byte> out) override { std::ranges::fill(out, std::byte{byte_}); }

 private:
  std::uint8_t byte_;
};

FixedRandom least(0x00), most(0xff);

std::chrono::milliseconds at_turn(BackoffSettings settings, Random& random, unsigned turn,
                                  std::optional<std::chrono::seconds> asked = std::nullopt) {
  Backoff backoff(settings, random);
  for (unsigned i = 0; i < turn; ++i) backoff.next();
  return backoff.next(asked);
}

}  // namespace

TEST_SUITE("backoff") {
  TEST_CASE("jitter lies between half and all") {
    const std::chrono::milliseconds wholes[] = {0ms, 1ms, 2ms, 3ms, 100ms, 5s, 24h, 24h * 365 * 100};
    for (const auto whole : wholes) {
      CAPTURE(whole.count());
      CHECK(with_jitter(whole, least) == whole / 2);
      CHECK(with_jitter(whole, most) <= whole);
      CHECK(with_jitter(whole, most) >= whole - whole / 100);
      for (int i = 0; i < 20; ++i) {
        const auto drawn = with_jitter(whole, system_random());
        CHECK(drawn >= whole / 2);
        CHECK(drawn <= whole);
      }
    }
    CHECK(with_jitter(5s, most) == 5s);
  }

  TEST_CASE("each wait is twice the one before, up to the longest") {
    const BackoffSettings settings{.first = 100ms, .longest = 5'000ms};
    const std::chrono::milliseconds wholes[] = {100ms,   200ms,   400ms,   800ms,
                                                1'600ms, 3'200ms, 5'000ms, 5'000ms};
    Backoff longest(settings, most), shortest(settings, least);
    for (const auto whole : wholes) {
      CHECK(longest.next() == whole);
      CHECK(shortest.next() == whole / 2);
    }
    CHECK(at_turn(settings, most, 1'000) == 5'000ms);
  }

  TEST_CASE("settings at their borders") {
    CHECK(at_turn({.first = 0ms, .longest = 0ms}, most, 3) == 0ms);
    CHECK(at_turn({.first = 0ms, .longest = 5s}, most, 3) == 0ms);
    CHECK(at_turn({.first = 9s, .longest = 5s}, most, 0) == 5s);
    constexpr auto ever = std::chrono::milliseconds::max();
    CHECK(at_turn({.first = 1ms, .longest = ever}, least, 200) >= ever / 4);
  }

  TEST_CASE("what a server asks for") {
    const BackoffSettings settings{.first = 100ms, .longest = 5'000ms};
    struct Row {
      std::chrono::seconds asked;
      unsigned turn;
      std::chrono::milliseconds least, most;
    };
    const Row rows[] = {
        {0s, 0, 100ms, 200ms},  // servers say 0 for less than a second
        {-3s, 0, 100ms, 200ms},
        {1s, 0, 1'000ms, 1'100ms},
        {3s, 0, 3'000ms, 3'100ms},
        {1s, 6, 2'500ms, 5'000ms},  // our own wait is longer
        {60s, 0, 5'000ms, 5'100ms},
        {std::chrono::seconds::max(), 0, 5'000ms, 5'100ms},
        {std::chrono::seconds::min(), 0, 100ms, 200ms},
    };
    for (const Row& row : rows) {
      CAPTURE(row.asked.count());
      const auto low = at_turn(settings, least, row.turn, row.asked);
      const auto high = at_turn(settings, most, row.turn, row.asked);
      CHECK(low >= row.least);
      CHECK(high <= row.most);
      CHECK(low < high);  // clients that were told the same do not come back together
    }
  }
}
