// A request or a response in any version and mode, with all that can be inside it.
#pragma once

#include <fuzz/target.h>
#include <kmip/text/readable.h>
#include <tests/kmip/properties.h>

namespace keyway::fuzz {

// The first byte is the version and the mode, the rest the message.
inline constexpr std::uint8_t lenient_bit = 0x80;

inline int check_message(const std::uint8_t* data, std::size_t size, bool response) {
  if (size == 0) return 0;
  constexpr int versions = static_cast<int>(kmip::newest_version) + 1;
  kmip::Settings settings;
  settings.version = static_cast<kmip::Version>((data[0] & ~lenient_bit) % versions);
  settings.mode = (data[0] & lenient_bit) != 0 ? kmip::Mode::lenient : kmip::Mode::strict;
  const Bytes message = bytes_of(data + 1, size - 1);
  const std::string broken = test::violation(message, response, settings, test::Payloads::every);
  require(broken.empty(), broken);
  static_cast<void>(kmip::readable(message));
  return 0;
}

}  // namespace keyway::fuzz
