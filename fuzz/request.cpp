// What a server reads from a client.
#include <fuzz/message.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return keyway::fuzz::check_message(data, size, false);
}
