// What the tests of the text encodings share.
#pragma once

#include <string>

#include <kmip/text/json.h>
#include <kmip/text/xml.h>
#include <tests/kmip/hex.h>

namespace keyway::test {

using TextReader = Result<void> (*)(Text, SecretBuffer&, const kmip::Variables&, const kmip::Limits&);

// The hexadecimal bytes of what was read, or the error as one line.
inline std::string read_as_hex(TextReader read, Text text,
                               const kmip::Variables& variables = kmip::Variables(),
                               const kmip::Limits& limits = {}) {
  SecretBuffer out;
  const auto done = read(text, out, variables, limits);
  return done ? to_hex(out.view()) : describe(done.error());
}
inline std::string xml_as_hex(Text text) { return read_as_hex(kmip::read_xml, text); }
inline std::string json_as_hex(Text text) { return read_as_hex(kmip::read_json, text); }

inline std::string text_of(const Result<SecretBuffer>& written) {
  return written ? std::string(keyway::text_of(written->view())) : describe(written.error());
}

// The hexadecimal bytes of one item: tag, type, value with its padding in `value`.
inline std::string item_hex(Text tag, Text type, std::uint32_t length, Text value) {
  return to_hex(from_hex(fmt::format("{}{}{:08x}{}", tag, type, length, value)));
}

}  // namespace keyway::test
