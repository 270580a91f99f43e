// Names as people write them: the registry's, with letter case and separators not minded. Inside kmip/text.
#pragma once

#include <optional>

#include <kmip/spec/spec.h>

namespace keyway::kmip {

// value_by_name takes what value_named takes, then names that differ in letter case and separators only
// ("SHA-256" for SHA_256), if that leaves no doubt.
std::optional<std::uint32_t> value_by_name(Enumeration enumeration, std::string_view text);

// mask_by_names reads "Sign Verify", "Sign|0x00000002", "MAC Generate" and numbers; none when a part is
// neither a bit's name nor a number.
std::optional<std::uint32_t> mask_by_names(Enumeration mask, std::string_view text);

// tag_by_name takes what tag_named takes, then as above.
std::optional<Tag> tag_by_name(std::string_view text);

// attribute_by_name takes the 1.x name of an attribute or that of its tag, exactly or as above. Null for
// others, and for all that begins with "x-" or "y-", which is a custom attribute whatever follows.
const AttributeInfo* attribute_by_name(std::string_view text);

// folded is `text` without everything that is not a letter or digit, in lower case.
std::string folded(std::string_view text);

}  // namespace keyway::kmip
