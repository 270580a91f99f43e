// The item types of TTLV (KMIP 1.4 §9.1.1.2, 2.1 §10.1.2) and the protocol versions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keyway::kmip {

enum class Type : std::uint8_t {
  Structure = 0x01,
  Integer = 0x02,
  LongInteger = 0x03,
  BigInteger = 0x04,
  Enumeration = 0x05,
  Boolean = 0x06,
  TextString = 0x07,
  ByteString = 0x08,
  DateTime = 0x09,
  Interval = 0x0A,
  DateTimeExtended = 0x0B,  // from 2.0
  Identifier = 0x0C,        // 3.0, as are the next two
  Reference = 0x0D,
  NameReference = 0x0E,
};
std::string_view name(Type type);  // "TextString", or "type 0x.." is not given: empty when unknown

// The versions in the order of their release, so that they compare with < and >=.
enum class Version : std::uint8_t { V1_0, V1_1, V1_2, V1_3, V1_4, V2_0, V2_1, V3_0 };

inline constexpr Version oldest_version = Version::V1_0;
inline constexpr Version newest_version = Version::V2_1;  // what Keyway speaks; 3.0 is known by name only

// ProtocolNumber is a version as it stands in a header; a peer may name one that we do not know.
struct ProtocolNumber {
  std::int32_t major = 0;
  std::int32_t minor = 0;
  friend bool operator==(const ProtocolNumber&, const ProtocolNumber&) = default;
  friend auto operator<=>(const ProtocolNumber&, const ProtocolNumber&) = default;
};

ProtocolNumber number_of(Version version);
std::optional<Version> version_of(ProtocolNumber number);  // none when Keyway does not speak it
std::string to_string(ProtocolNumber number);              // "1.4"
std::string_view name(Version version);                    // "1.4"
// version_named reads "1.4"; none when it is not a version Keyway speaks.
std::optional<Version> version_named(std::string_view text);

}  // namespace keyway::kmip
