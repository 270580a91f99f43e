// Any bytes as the settings of a KMS: the JSON, a NUL, the secrets.
#include <algorithm>

#include <fuzz/target.h>
#include <keyring/model/kms.h>

using namespace keyway;
using namespace keyway::keyring;
using fuzz::require;

namespace {

void check_error(const Error& error) {
  require(error.kind == ErrorKind::corrupt, "settings that cannot be read are corrupt");
  require(!error.what.empty(), "an error says what is wrong");
  require(printable(error.what, error.what.size()) == error.what, "an error can be shown");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Text input = text_of(fuzz::bytes_of(data, size));
  const Text json = input.substr(0, input.find('\0'));
  const Text secrets = input.substr(std::min(json.size() + 1, input.size()));
  const auto kms = read_kms(json, bytes_of(secrets));
  if (!kms) {
    check_error(kms.error());
    return 0;
  }
  const auto text = written(*kms);
  require(text.has_value(), "what is read can be written");
  require(secrets_of(*kms).reveal_text() == secrets, "the secrets are those that were read");
  const auto again = read_kms(*text, bytes_of(secrets));
  require(again.has_value(), "what is written can be read");
  require(written(*again) == *text, "settings have one spelling");
  require(secrets_of(*again).reveal_text() == secrets, "secrets come back");
  require(!key_of(*again).empty() && again->index() == kms->index(), "settings have a key");
  return 0;
}
