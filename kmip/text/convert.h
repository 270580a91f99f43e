// Messages in whatever form they come, and into another.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <core/error.h>
#include <core/secret.h>
#include <kmip/text/readable.h>
#include <kmip/text/variables.h>
#include <kmip/ttlv/limits.h>

namespace keyway::kmip {

enum class Encoding : std::uint8_t {
  ttlv,    // the binary form; several messages follow one another
  hex,     // of the binary form; one line for each message, when written
  base64,  // the same
  xml,
  json,
  tree,  // readable(); cannot be read
};
std::string_view name(Encoding encoding);
std::optional<Encoding> encoding_named(std::string_view name);

// detect says what `input` looks like; never tree. What looks like nothing else is base64.
Encoding detect(Bytes input);

// Messages is what was in an input.
struct Messages {
  SecretBuffer ttlv;     // the messages before the first damage, one after another
  SecretBuffer damaged;  // the damaged one: its bytes and all after it, or of text its items up to there
  std::optional<Error> damage;  // what ended the reading early
  // The placeholders in XML or JSON that had no value, sorted. Where they stand for themselves the messages
  // are not what was meant.
  std::vector<std::string> unset;
};

// read_messages reads all messages of `input`. Hexadecimal may be spread over lines and spaces, base64 be cut
// to lines, each message padded by itself or not at all, in the standard or the URL alphabet. Damage is an
// error of kind corrupt that names the place; a variable without value, where nothing can stand in for it, is
// invalid_input, and the error names all of them. The limits are for each message. Thread-safe.
Messages read_messages(Bytes input, Encoding from, const Variables& variables = Variables(),
                       const Limits& limits = {});

// write_messages gives TTLV messages another form. A tree shows secrets only with `reveal`; every other form
// holds all of the message. Trees of several messages have an empty line between them, and a damaged last
// message is shown up to the damage; for other forms damage is an error of kind corrupt. Thread-safe.
Result<SecretBuffer> write_messages(Bytes ttlv, Encoding to, const Reveal* reveal = nullptr,
                                    const Limits& limits = {});

}  // namespace keyway::kmip
