#include <algorithm>
#include <array>

#include <core/net/backoff.h>

namespace keyway::net {

std::chrono::milliseconds with_jitter(std::chrono::milliseconds whole, Random& random) {
  std::array<std::byte, 4> draw{};
  random.fill(draw);
  const std::chrono::milliseconds half = whole / 2;
  const auto part = static_cast<std::chrono::milliseconds::rep>(from_big_endian(draw));
  constexpr std::chrono::milliseconds::rep parts = 0xffff'ffff;
  // In steps of a millisecond, or of a part that keeps the product within the type.
  const auto span = (whole - half).count();
  constexpr std::chrono::milliseconds::rep coarse = 0x4000'0000;
  const auto jitter = span < coarse ? span * part / parts : span / parts * part;
  return half + std::chrono::milliseconds(jitter);
}

std::chrono::milliseconds Backoff::next(std::optional<std::chrono::seconds> asked) {
  using std::chrono::milliseconds;
  const milliseconds first = std::min(settings_.first, settings_.longest);
  milliseconds whole = first;
  for (unsigned i = 0; i < turn_ && whole < settings_.longest; ++i)
    whole = whole > settings_.longest / 2 ? settings_.longest : whole * 2;
  ++turn_;
  const milliseconds wait = with_jitter(whole, random_);
  if (!asked) return wait;
  // A server tells everybody the same time, and 0 when it means less than a second.
  const bool is_too_long = *asked >= std::chrono::floor<std::chrono::seconds>(settings_.longest);
  const milliseconds wish = is_too_long                        ? settings_.longest
                            : *asked > std::chrono::seconds(0) ? milliseconds(*asked)
                                                               : milliseconds(0);
  return std::max(wait, std::max(wish, first) + with_jitter(first, random_));
}

}  // namespace keyway::net
