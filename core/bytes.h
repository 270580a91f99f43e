// Views over bytes and text. A view never owns: whoever hands one out says how long it lasts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace keyway {

using Bytes = std::span<const std::byte>;
using Text = std::string_view;
using OwnedBytes = std::vector<std::byte>;  // for bytes that are not secret; secrets live in Secret

inline Bytes bytes_of(Text text) { return std::as_bytes(std::span(text)); }
inline Text text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline OwnedBytes owned(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace keyway
