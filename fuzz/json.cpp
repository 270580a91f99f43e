// Any text as messages in JSON.
#include <fuzz/text.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return keyway::fuzz::check_text(data, size, keyway::kmip::read_json);
}
