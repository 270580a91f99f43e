// Attributes as they are written on the command line: a name, and a value by its type.
#pragma once

#include <string>

#include <kmip/model/attributes.h>
#include <tools/kmipctl/command.h>

namespace keyway::kmipctl {

// add_attribute adds the attribute `name` with the value that `text` means: names of enumerations and masks,
// numbers, ISO 8601 dates, hexadecimal bytes. A structure is written as its fields, "LinkType=PublicKeyLink;
// LinkedObjectIdentifier=ID"; a Name may be the bare name. Custom attributes ("x-NAME", "VENDOR:NAME") are
// texts. Error: invalid_input, which says what is taken.
Result<void> add_attribute(kmip::Attributes& attributes, const std::string& name, const std::string& text);

// attribute_id reads the name of an attribute. Error: invalid_input for a name that nobody knows.
Result<kmip::AttributeId> attribute_id(const std::string& name);

// AttributeOptions is what the commands that change attributes have in common.
struct AttributeOptions {
  std::string id, attribute, value, current;
  std::optional<std::int32_t> index;
};

}  // namespace keyway::kmipctl
