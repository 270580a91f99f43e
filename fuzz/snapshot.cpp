// Any bytes as the manifest of a snapshot, and as what one says.
#include <string>

#include <core/crypto.h>
#include <core/hex.h>
#include <fuzz/target.h>
#include <keyring/model/rules.h>
#include <keyring/model/snapshot.h>

using namespace keyway;
using namespace keyway::keyring;
using fuzz::require;

namespace {

void check_text(Text text) {
  const auto snapshot = snapshot_from_text(text);
  if (snapshot) {
    require(to_text(*snapshot) == text, "a snapshot is written as it was read");
    return;
  }
  const Error& error = snapshot.error();
  require(error.kind == ErrorKind::corrupt || error.kind == ErrorKind::unsupported,
          "what is no snapshot is damaged or of a later version");
  require(!error.what.empty(), "an error says what is wrong");
  require(printable(error.what, error.what.size()) == error.what, "an error can be shown");
}

// The checksum is put right here, or no changed input would ever get past it.
std::string with_checksum(Text content) {
  return std::string(content) + "  \"checksum\": \"" + to_hex(sha256(bytes_of(content))) + "\"\n}\n";
}

// The first line of the input is the filesystem's name, the rest the key's.
void check_made(Text input) {
  const Text name = input.substr(0, input.find('\n'));
  WrappedKey key{.key_id = std::string(input.substr(name.size())),
                 .key_version = {},
                 .mechanism = VaultMechanism{"transit", ""},
                 .ciphertext = OwnedBytes(1),
                 .check_value = {}};
  if (!check_filesystem_name(name) || !check_wrapped_key(key)) return;
  const std::chrono::sys_seconds taken{std::chrono::seconds(input.size() * 1'000'003)};
  const Snapshot snapshot{std::string(32, 'a'), std::string(name), taken, std::move(key)};
  const std::string text = to_text(snapshot);
  const auto again = snapshot_from_text(text);
  require(again.has_value(), "what is written can be read");
  require(to_text(*again) == text && again->filesystem_name == name, "a snapshot comes back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Text input = text_of(fuzz::bytes_of(data, size));
  check_text(input);
  check_text(with_checksum(input));
  check_made(input);
  return 0;
}
