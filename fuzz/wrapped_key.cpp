// A wrapped key as binary and as text.
#include <algorithm>
#include <string>

#include <core/crypto.h>
#include <core/wrapped_key.h>
#include <fuzz/target.h>

using namespace keyway;
using fuzz::require;

namespace {

constexpr std::size_t checksum_size = 8;

void check_binary(Bytes binary) {
  const auto key = wrapped_key_from_binary(binary);
  if (!key) {
    require(!key.error().what.empty(), "an error says what is wrong");
    return;
  }
  require(check_wrapped_key(*key).has_value(), "what is read may be written");
  require(std::ranges::equal(to_binary(*key), binary), "binary is written as it was read");
  const auto again = wrapped_key_from_text(to_text(*key));
  require(again.has_value(), "the text form of a key can be read");
  require(to_binary(*again) == to_binary(*key), "the text form says the same as the binary form");
}

void check_text(Text text) {
  const auto key = wrapped_key_from_text(text);
  if (!key) return;
  if (text.ends_with('\n')) text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
  require(to_text(*key) == text, "text is written as it was read");
}

}  // namespace

// The input is tried as binary, as text, and as the binary form without its checksum: that one is put right
// here, or no changed input would ever get past it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input = fuzz::bytes_of(data, size);
  check_binary(input);
  check_text(text_of(input));
  OwnedBytes sealed = owned(input);
  const auto digest = sha256(input);
  sealed.insert(sealed.end(), digest.begin(), digest.begin() + checksum_size);
  check_binary(sealed);
  return 0;
}
