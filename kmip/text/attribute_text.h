// Attributes as people write them: a name, and a value by its type.
#pragma once

#include <string_view>

#include <core/error.h>
#include <kmip/model/attributes.h>

namespace keyway::kmip {

// add_attribute adds the attribute `name` with the value that `text` means: names of enumerations and masks,
// numbers, ISO 8601 dates, hexadecimal bytes. A structure is written as its fields, "LinkType=PublicKeyLink;
// LinkedObjectIdentifier=ID"; a Name may be the bare name. Custom attributes ("x-NAME", "VENDOR:NAME") are
// texts. Error: invalid_input, which says what is taken.
Result<void> add_attribute(Attributes& attributes, std::string_view name, std::string_view text);

// attribute_id reads the name of an attribute. Error: invalid_input for a name that nobody knows.
Result<AttributeId> attribute_id(std::string_view name);

}  // namespace keyway::kmip
