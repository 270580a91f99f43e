// The values of items as text: what the XML and the JSON encoding have in common (KMIP Additional Message
// Encodings 1.0 §4.1 and §6.1). Everything here works for any tag and type, known or not.
//
// Where the standard's form cannot carry a value (a text that holds control characters or is not UTF-8, a
// Boolean of 2, an item of an unknown type) we write its bytes in hexadecimal as `hex` in place of `value`.
#pragma once

#include <optional>
#include <string>

#include <core/error.h>
#include <core/secret.h>
#include <kmip/text/context.h>
#include <kmip/text/variables.h>
#include <kmip/ttlv/writer.h>

namespace keyway::kmip {

enum class Notation : std::uint8_t { xml, json };

// Form is how the value that write_value appended has to be presented.
enum class Form : std::uint8_t {
  bare,    // a JSON number or literal; in XML like quoted
  quoted,  // letters, digits and the like: needs quotes, no escaping
  text,    // nothing was appended: the item's value is a text to be escaped
  bytes,   // hexadecimal of the value: goes under `hex`
};

// write_value appends the value of `item`, which is not a structure, in the form that `notation` has for it.
// `meaning` is what explains it (Context::meaning), or null. Every form is read back as the same bytes.
Form write_value(const Raw& item, const TagInfo* meaning, Notation notation, SecretBuffer& out);

// tag_text is the name of a tag, or "0x540001" when it has none that would be read back as this tag.
std::string tag_text(Tag tag);
bool has_name(Tag tag);
// type_text is the name of an item type, or "0x0F".
std::string type_text(Type type);

// tag_of reads a tag: its name in either spelling, letter case and separators not minded, or its number as
// "0x540001" or "x540001".
std::optional<Tag> tag_of(Text text);
// type_of reads an item type: its name in either spelling, or its number as "0x0F".
std::optional<Type> type_of(Text text);
// only_type is the item type of `tag` when it may be left out beside a value: the one type the registry has,
// or Text String where that is one of several.
std::optional<Type> only_type(Tag tag, const Context& around);

// read_value writes the item that `text` means. Enumerations and masks are read by name as `around` explains
// them, or by number. A placeholder without value stands for itself in a text, and in a Byte String if the
// variables say so; `unset`, if given, gets its name. Errors say what is wrong, not where: corrupt, or
// invalid_input for a variable without value. No value that may be secret is in them.
Result<void> read_value(Tag tag, Type type, Text text, const Context& around, const Variables& variables,
                        Writer& out, Unset* unset = nullptr);

// read_bytes is the same for the value under `hex`.
Result<void> read_bytes(Tag tag, Type type, Text hex, Writer& out);

// trimmed is `text` without white space at its ends.
Text trimmed(Text text);

}  // namespace keyway::kmip
