// What the tests of core share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <ostream>
#include <string>

#include <doctest/doctest.h>
#include <stdlib.h>

#include <core/bytes.h>
#include <core/error.h>
#include <core/hex.h>
#include <core/random.h>

namespace keyway {

// So that a failed check shows the kind by name. Found by doctest through the namespace of ErrorKind.
inline std::ostream& operator<<(std::ostream& out, ErrorKind kind) { return out << name(kind); }

}  // namespace keyway

namespace keyway::test {

using Sizes = std::initializer_list<std::size_t>;

// hex is the bytes of `text`, whose blanks are there for the reader only.
inline OwnedBytes hex(std::string text) {
  std::erase(text, ' ');
  const auto bytes = from_hex(text);
  REQUIRE(bytes);
  return owned(bytes->reveal());
}

inline OwnedBytes repeated(std::size_t n, std::uint8_t byte) { return OwnedBytes(n, std::byte{byte}); }

// counting is n bytes: first, first + 1, ...
inline OwnedBytes counting(std::size_t n, std::uint8_t first) {
  OwnedBytes out;
  for (std::size_t i = 0; i < n; ++i) out.push_back(static_cast<std::byte>(first + i));
  return out;
}

// CountingRandom gives 0xa0, 0xa1, ... so that a test knows what comes out.
class CountingRandom final : public Random {
 public:
  explicit CountingRandom(std::uint8_t first = 0xa0) : next_(first) {}
  void fill(std::span<std::byte> out) override {
    for (std::byte& byte : out) byte = std::byte{next_++};
  }

 private:
  std::uint8_t next_;
};

// ScratchFolder is an empty folder, removed with all that is in it.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "keyway-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

  std::ptrdiff_t entries() const {
    return std::distance(std::filesystem::directory_iterator(path_), std::filesystem::directory_iterator());
  }

 private:
  std::filesystem::path path_;
};

}  // namespace keyway::test
