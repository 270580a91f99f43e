// JSON text as a list of its values (RFC 8259). Strings stay in the text, escaped: none is copied, so that a
// secret in one stays in the caller's memory. core/json.h reads small answers by name on top of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <core/bytes.h>
#include <core/secret.h>

namespace keyway {

enum class JsonKind : std::uint8_t { object, array, string, number, boolean, null };

// JsonNode is one value, in pre-order: what an object or array holds follows it, up to `next`. In an object
// names (strings) and values take turns.
struct JsonNode {
  JsonKind kind{};
  std::uint32_t begin = 0;  // in the text; of a string, after its quotation mark
  std::uint32_t end = 0;    // of a string, before its quotation mark
  std::uint32_t next = 0;   // index of the node after this one and all in it
};

struct JsonProblem {
  const char* what = nullptr;
  std::size_t offset = 0;
};

struct JsonDocument {
  std::vector<JsonNode> nodes;
  std::size_t end = 0;  // where in the text the document ended
};

// parse_json reads the document that starts at `offset`, which is not white space, and fills `document`.
// `depth` bounds the objects and arrays inside one another, `nodes` their number. Returns the mistake; none
// when the document is well-formed. The text has at most 4 GiB and is UTF-8.
std::optional<JsonProblem> parse_json(Text text, std::size_t offset, std::uint32_t depth, std::size_t nodes,
                                      JsonDocument& document);

// past_json_space is the next offset that is not JSON white space.
std::size_t past_json_space(Text text, std::size_t offset);

// unescape_json appends what a string node's text means. The text was accepted by parse_json.
void unescape_json(Text escaped, SecretBuffer& out);
// escape_json appends `text`, which is UTF-8, as it stands between the quotation marks of a string.
void escape_json(Text text, SecretBuffer& out);

}  // namespace keyway
