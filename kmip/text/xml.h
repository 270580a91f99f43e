// The XML encoding of KMIP messages (KMIP Additional Message Encodings 1.0 §6; KMIP Profiles 2.1 §5).
#pragma once

#include <core/error.h>
#include <core/secret.h>
#include <kmip/text/variables.h>
#include <kmip/ttlv/limits.h>

namespace keyway::kmip {

// write_xml gives TTLV messages as XML: the one element, or all of them inside <KMIP> when there are several.
// Works for any items, of versions and vendors that nobody knows too: read_xml makes the same bytes of it,
// but for padding that was not zero. The limits are for each message. Error: corrupt, naming the byte.
// Thread-safe.
Result<SecretBuffer> write_xml(Bytes messages, const Limits& limits = {});

// read_xml appends the messages in `xml` to `messages` as TTLV: the elements inside <KMIP>, or each element
// that stands alone. Text is UTF-8; a byte order mark, an XML declaration, comments, CDATA, a namespace and
// its prefix are accepted, a DOCTYPE is not. An element's attributes are tag, name, type, value and hex in
// any letter case, and those of XML itself (xmlns, xml:, xsi:); any other is an error. What stands for a tag,
// a type or a value is described in value.h. On failure `messages` holds those that ended before the mistake,
// and the error names its line and its elements: corrupt, or invalid_input for a variable without value.
// Thread-safe.
Result<void> read_xml(Text xml, SecretBuffer& messages, const Variables& variables = Variables(),
                      const Limits& limits = {});

// read_xml_in_part does the same, and on failure appends to `damaged` the message that has the mistake, as
// far as it could be read: whole items up to the mistake, in structures that end there. `unset`, if given,
// gets the names of the variables without value; an error that is about one names them all, too.
Result<void> read_xml_in_part(Text xml, SecretBuffer& messages, SecretBuffer& damaged,
                              const Variables& variables = Variables(), const Limits& limits = {},
                              Unset* unset = nullptr);

}  // namespace keyway::kmip
