// The JSON encoding of KMIP messages (KMIP Additional Message Encodings 1.0 §4; KMIP Profiles 2.1 §5).
#pragma once

#include <core/error.h>
#include <core/secret.h>
#include <kmip/text/variables.h>
#include <kmip/ttlv/limits.h>

namespace keyway::kmip {

// write_json gives TTLV messages as JSON: the one object, or an array when there are several. Works for any
// items, as write_xml does (kmip/text/xml.h). Error: corrupt, naming the byte. Thread-safe.
Result<SecretBuffer> write_json(Bytes messages, const Limits& limits = {});

// read_json appends the messages in `json` to `messages` as TTLV: one object, an array of them, or several
// such documents one after another (one a line, say). Members may stand in any order, and are "tag" (or
// "name"), "type", "value" and "hex" in any letter case; any other is an error. Text is UTF-8 and may start
// with a byte order mark. Numbers, hexadecimal strings and whatever read_xml takes are accepted as values. On
// failure `messages` holds those that ended before the mistake, and the error names its line and its tags:
// corrupt, or invalid_input for a variable without value. Thread-safe.
Result<void> read_json(Text json, SecretBuffer& messages, const Variables& variables = Variables(),
                       const Limits& limits = {});

// read_json_in_part does the same, and on failure appends to `damaged` what read_xml_in_part would.
Result<void> read_json_in_part(Text json, SecretBuffer& messages, SecretBuffer& damaged,
                               const Variables& variables = Variables(), const Limits& limits = {},
                               Unset* unset = nullptr);

}  // namespace keyway::kmip
