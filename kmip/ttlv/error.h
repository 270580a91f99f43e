// What is wrong with a message, where, and under which tags. Costs nothing until something fails.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>

#include <core/error.h>
#include <kmip/spec/spec.h>

namespace keyway::kmip {

enum class Errc : std::uint8_t {
  truncated,       // an item runs past the end of what holds it
  trailing_bytes,  // something follows the message
  unknown_type,    // not an item type of this standard
  bad_type,        // not the type this field has
  bad_length,      // a length the type cannot have
  bad_padding,     // padding that is not zero (strict)
  bad_value,       // a Boolean that is neither 0 nor 1, text that is not UTF-8 (strict)
  unknown_tag,     // a field this structure does not have (strict)
  out_of_order,    // a field after one that it has to precede (strict)
  repeated,        // a second one of a field that stands once
  missing,         // a required field is not there
  not_in_version,  // a field or attribute that the protocol version does not have
  wrong_message,   // another tag than that of the message or structure asked for
  too_deep,        // limits.depth
  too_many,        // limits.elements
  too_long,        // limits.message, or longer than TTLV can say
};
std::string_view name(Errc code);

struct CodecError {
  Errc code{};
  Tag tag{};                  // the element that is wrong
  std::uint32_t offset = 0;   // where it starts in the message; the end of its parent when it is missing
  std::uint8_t depth = 0;     // entries of `path` in use
  std::array<Tag, 8> path{};  // its parents, innermost first; outer ones are dropped when there are more

  // under notes a parent while the error travels outwards. Returns false, what a failing function returns.
  bool under(Tag parent) {
    if (depth < path.size()) path[depth++] = parent;
    return false;
  }
};

template <class T>
using Decoded = std::expected<T, CodecError>;

// describe gives names and numbers only: "field missing at byte 64: ResponseMessage/BatchItem/ResultStatus".
std::string describe(const CodecError& error);

// to_error is the same as an error of kind corrupt; `what` says which message: "the server's answer".
Error to_error(const CodecError& error, std::string_view what);

}  // namespace keyway::kmip
