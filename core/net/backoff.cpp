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
  std::chrono::milliseconds whole = settings_.first;
  for (unsigned i = 0; i < turn_ && whole < settings_.longest; ++i) whole *= 2;
  ++turn_;
  const std::chrono::milliseconds wait = with_jitter(std::min(whole, settings_.longest), random_);
  if (!asked) return wait;
  const auto wish = std::min<std::chrono::milliseconds>(*asked, settings_.longest);
  return std::max(wait, wish);
}

}  // namespace keyway::net
