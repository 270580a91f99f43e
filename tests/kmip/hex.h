// Messages written down as hexadecimal digits, one element a line.
#pragma once

#include <initializer_list>
#include <string>

#include <core/bytes.h>

namespace keyway::test {

// from_hex reads pairs of digits; spaces and '|' between them are for the reader.
OwnedBytes from_hex(std::initializer_list<Text> lines);
inline OwnedBytes from_hex(Text line) { return from_hex({line}); }

// to_hex is the opposite, without separators: what a failing CHECK shows.
std::string to_hex(Bytes bytes);

}  // namespace keyway::test
