#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <core/random.h>
#include <tests/memory/memory_scan.h>

namespace keyway::test {

namespace {

struct Mapping {
  std::uintptr_t begin = 0, end = 0;
  std::string name;
};

std::vector<Mapping> writable_mappings() {
  std::vector<Mapping> found;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    Mapping mapping;
    const std::size_t dash = line.find('-'), space = line.find(' ');
    REQUIRE(space != std::string::npos);
    std::from_chars(line.data(), line.data() + dash, mapping.begin, 16);
    std::from_chars(line.data() + dash + 1, line.data() + space, mapping.end, 16);
    const std::size_t name = line.find_first_of("/[");
    if (name != std::string::npos) mapping.name = line.substr(name);
    if (line.compare(space + 1, 2, "rw") == 0) found.push_back(std::move(mapping));
  }
  return found;
}

std::uint16_t pair_of(std::byte first, std::byte second) {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(first) << 8U |
                                    std::to_integer<unsigned>(second));
}

}  // namespace

Masked::Masked(std::string name, Bytes secret)
    : name_(std::move(name)), mask_(secret.size()), masked_(secret.size()) {
  REQUIRE(secret.size() >= 8);
  REQUIRE(secret.size() <= longest);
  system_random().fill(mask_);
  for (std::size_t i = 0; i < secret.size(); ++i) masked_[i] = secret[i] ^ mask_[i];
}

bool Masked::stands_at(const std::byte* at, std::size_t start, std::size_t count) const {
  for (std::size_t i = 0; i < count; ++i)
    if ((at[i] ^ mask_[start + i]) != masked_[start + i]) return false;
  return true;
}

std::uint16_t Masked::first_two(std::size_t start) const {
  return pair_of(masked_[start] ^ mask_[start], masked_[start + 1] ^ mask_[start + 1]);
}

Scanner::Scanner() : memory_(::open("/proc/self/mem", O_RDONLY | O_CLOEXEC)) { REQUIRE(memory_ >= 0); }
Scanner::~Scanner() { ::close(memory_); }

std::vector<std::string> Scanner::places(std::span<const Masked> secrets) {
  beginnings_.reset();
  for (const Masked& secret : secrets)
    for (const std::size_t start : {std::size_t{0}, secret.size() / 2})
      beginnings_.set(secret.first_two(start));
  std::vector<std::string> found;
  for (const Mapping& mapping : writable_mappings())
    scan(mapping.begin, mapping.end, secrets, mapping.name, found);
  return found;
}

void Scanner::scan(std::uintptr_t begin, std::uintptr_t end, std::span<const Masked> secrets,
                   const std::string& mapping, std::vector<std::string>& found) {
  constexpr std::size_t overlap = Masked::longest;
  const std::size_t step = window_.size() - overlap;
  for (std::uintptr_t at = begin; at < end; at += step) {
    const std::size_t wanted = std::min<std::size_t>(window_.size(), end - at);
    const ssize_t got = ::pread(memory_, window_.data(), wanted, static_cast<off_t>(at));
    const std::size_t size = got > 0 ? static_cast<std::size_t>(got) : 0;
    const std::byte* const bytes = window_.data();
    for (std::size_t i = 0; i < std::min(size, step) && i + 1 < size; ++i) {
      if (!beginnings_[pair_of(bytes[i], bytes[i + 1])] || is_own(at + i)) continue;
      for (const Masked& secret : secrets) {
        const std::size_t half = secret.size() / 2;
        if (i + half > size) continue;
        const bool first = secret.stands_at(bytes + i, 0, half);
        if (first || secret.stands_at(bytes + i, half, half))
          found.push_back(fmt::format("{}, {} half, at {:x} {}", secret.name(), first ? "first" : "second",
                                      at + i, mapping));
      }
    }
    // Otherwise the next window would find this one's copy.
    wipe(window_);
    if (size == 0) break;
  }
}

bool Scanner::is_own(std::uintptr_t at) const {
  const auto begin = reinterpret_cast<std::uintptr_t>(window_.data());
  return at >= begin && at < begin + window_.size();
}

void check_nowhere(std::string_view when, const std::vector<std::string>& places) {
  for (const std::string& place : places) FAIL_CHECK(when << ": " << place);
}

// Every program that scans proves that it would find something: a whole copy, either half, and memory that
// was freed as it was.
TEST_CASE("the scan finds what is left behind") {
  Scanner scanner;
  Secret secret = system_random().secret(44);
  const Masked masked("planted", secret);
  const auto count = [&] { return scanner.places(masked).size(); };
  CHECK(count() == 2);
  std::vector<OwnedBytes> planted;
  planted.push_back(owned(secret.reveal()));
  CHECK(count() == 4);
  planted.push_back(owned(secret.reveal().first(22)));
  CHECK(count() == 5);
  planted.push_back(owned(secret.reveal().last(22)));
  CHECK(count() == 6);
  std::array<std::byte, 44> on_stack{};
  std::ranges::copy(secret.reveal(), on_stack.begin());
  CHECK(count() == 8);
  wipe(on_stack);
  for (OwnedBytes& copy : planted) wipe(copy);
  CHECK(count() == 2);
  // keep_freed.cpp sees to it that this stays as it was.
  OwnedBytes forgotten(44);
  std::ranges::copy(secret.reveal(), forgotten.begin());
  forgotten = OwnedBytes();
  CHECK(count() == 4);
  secret = Secret();
  CHECK(count() == 2);
}

}  // namespace keyway::test
