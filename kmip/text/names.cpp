#include <algorithm>
#include <unordered_map>
#include <vector>

#include <kmip/text/names.h>
#include <kmip/text/number.h>

namespace keyway::kmip {

namespace {

bool separates(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '|' || c == ','; }

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const auto start = std::ranges::find_if_not(text, separates);
    text.remove_prefix(static_cast<std::size_t>(start - text.begin()));
    if (text.empty()) return words;
    const auto end = std::ranges::find_if(text, separates);
    words.push_back(text.substr(0, static_cast<std::size_t>(end - text.begin())));
    text.remove_prefix(words.back().size());
  }
}

}  // namespace

std::string folded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  }
  return out;
}

std::optional<std::uint32_t> value_by_name(Enumeration enumeration, std::string_view text) {
  if (const auto value = value_named(enumeration, text)) return value;
  const std::string name = folded(text);
  if (name.empty()) return std::nullopt;
  std::optional<std::uint32_t> found;
  for (const ValueInfo& row : values(enumeration)) {
    if (folded(row.name) != name && folded(row.spec_name) != name) continue;
    if (found && *found != row.value) return std::nullopt;
    found = row.value;
  }
  return found;
}

std::optional<std::uint32_t> mask_by_names(Enumeration mask, std::string_view text) {
  constexpr std::size_t longest_name = 4;  // words
  const auto words = words_of(text);
  if (words.empty()) return std::nullopt;
  std::uint32_t bits = 0;
  for (std::size_t at = 0; at < words.size();) {
    std::optional<std::uint32_t> part = parse_unsigned<std::uint32_t>(words[at]);
    std::size_t used = 1;
    // A name in the specification's spelling has spaces of its own: the longest run of words that is one.
    for (std::size_t n = std::min(longest_name, words.size() - at); !part && n > 0; --n) {
      part = value_by_name(mask, std::string_view(words[at].begin(), words[at + n - 1].end()));
      used = n;
    }
    if (!part) return std::nullopt;
    bits |= *part;
    at += used;
  }
  return bits;
}

std::optional<Tag> tag_by_name(std::string_view text) {
  if (const auto tag = tag_named(text)) return tag;
  static const auto by_name = [] {
    std::unordered_map<std::string, Tag> map;
    for (const TagInfo& info : all_tags()) map.emplace(folded(info.name), info.tag);
    return map;
  }();
  const auto at = by_name.find(folded(text));
  return at == by_name.end() ? std::nullopt : std::optional(at->second);
}

const AttributeInfo* attribute_by_name(std::string_view text) {
  constexpr std::size_t longest_name = 64;
  if (const AttributeInfo* info = attribute_named(text)) return info;
  if (text.size() > longest_name || text.starts_with("x-") || text.starts_with("y-")) return nullptr;
  const auto tag = tag_by_name(text);
  return tag ? find_attribute(*tag) : nullptr;
}

}  // namespace keyway::kmip
