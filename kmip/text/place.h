// What the readers of XML and JSON have in common: where in a text, and under which tags, a mistake is, and
// the parts of an item. Inside kmip/text.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include <kmip/text/value.h>
#include <kmip/ttlv/limits.h>
#include <kmip/ttlv/reader.h>

namespace keyway::kmip {

// A message in XML or JSON is longer than in TTLV, several messages longer still.
constexpr std::size_t text_limit(const Limits& limits) { return 16 * limits.message; }

// at_line puts the line of `offset` in `text`, and the tags around it, in front of what went wrong.
inline std::unexpected<Error> at_line(Text text, std::size_t offset, const std::vector<Tag>& path,
                                      Error error) {
  const Text before = text.substr(0, std::min(offset, text.size()));
  std::string place = fmt::format("line {}", std::ranges::count(before, '\n') + 1);
  Text separator = ": ";
  for (const Tag tag : path) {
    place += fmt::format("{}{}", separator, tag_text(tag));
    separator = "/";
  }
  error.what = fmt::format("{}: {}", place, error.what);
  return std::unexpected(std::move(error));
}

inline Error corrupt(std::string what, std::string advice = {}) {
  return {ErrorKind::corrupt, std::move(what), std::move(advice), {}};
}

// An item's parts in XML attributes and JSON members.
enum class Part : std::uint8_t { tag, name, type, value, hex };
inline constexpr std::size_t part_count = 5;
inline constexpr const char* known_parts = "write tag, name, type, value or hex";

// part_named finds a part; letter case is not minded.
inline std::optional<Part> part_named(Text text) {
  constexpr std::array<Text, part_count> names = {"tag", "name", "type", "value", "hex"};
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; };
  const auto at =
      std::ranges::find_if(names, [&](Text name) { return std::ranges::equal(text, name, same); });
  return at == names.end() ? std::nullopt : std::optional(static_cast<Part>(at - names.begin()));
}

// without_mark is `text` without a byte order mark at its start.
inline Text without_mark(Text text) { return text.starts_with("\xef\xbb\xbf") ? text.substr(3) : text; }

// item_at is the item that was written to `buffer` from `start` on.
inline Raw item_at(const SecretBuffer& buffer, std::size_t start) {
  Reader reader(buffer.view().subspan(start));
  Raw item;
  CodecError error;
  reader.next(item, error);
  return item;
}

// beyond_limits keeps a message within its limits while it is built: null, or what it has too much of.
inline const char* beyond_limits(std::size_t bytes, std::uint32_t items, std::size_t depth,
                                 const Limits& limits) {
  if (depth >= limits.depth) return "too many structures inside one another";
  if (items > limits.elements) return "too many items in one message";
  if (bytes > limits.message) return "the message is too long";
  return nullptr;
}

}  // namespace keyway::kmip
