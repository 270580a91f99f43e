// Data by reference: from 2.0 a request may name the result of an earlier item of its batch where it would
// carry Data (KMIP 2.1 §7.9, §11.13).
#pragma once

#include <array>
#include <optional>

#include <kmip/ttlv/codec.h>

namespace keyway::kmip {

// EarlierData takes the place of a payload's data; at most one of its members is set, and then data is not.
struct EarlierData {
  std::optional<Data> operation;         // the latest result of this operation
  std::optional<std::int32_t> position;  // the n-th result of the response, from 0; negative counts back
};

// earlier_data makes its rows; they stand behind the row of Tag::Data.
template <auto... Path>
constexpr std::array<Row, 2> earlier_data() {
  return {field<Path..., &EarlierData::operation>(Tag::Data).from(Version::V2_0),
          field<Path..., &EarlierData::position>(Tag::Data).from(Version::V2_0)};
}

}  // namespace keyway::kmip
