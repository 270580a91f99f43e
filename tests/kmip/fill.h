// Fills any structure of the model from its rows, so that every field of every payload is tried without a
// line of code for it.
#pragma once

#include <functional>

#include <kmip/ttlv/shape.h>

namespace keyway::test {

// Choice decides what a field gets: a number below `n`.
using Choice = std::function<std::size_t(std::size_t n)>;

enum class Extent : std::uint8_t {
  required,  // the fields that a strict message has to have, and no others
  all,       // every field of the version; two of those that repeat
  chosen,    // as `choice` says
};

// fill gives `structure`, which is freshly made and described by `shape`, values that are valid in `version`.
// Of fields that are alternatives it sets one, by choice. What the structure then views lives for ever.
void fill(const kmip::Shape& shape, void* structure, kmip::Version version, Extent extent,
          const Choice& choice);

}  // namespace keyway::test
