#include <algorithm>
#include <charconv>
#include <unordered_map>

#include <fmt/format.h>

#include <kmip/spec/spec.h>
#include <kmip/spec/tables.h>

namespace keyway::kmip {

namespace {

constexpr std::string_view version_names[] = {"1.0", "1.1", "1.2", "1.3", "1.4", "2.0", "2.1", "3.0"};
constexpr ProtocolNumber version_numbers[] = {{1, 0}, {1, 1}, {1, 2}, {1, 3}, {1, 4}, {2, 0}, {2, 1}, {3, 0}};

bool same_letters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::optional<std::uint32_t> hexadecimal(std::string_view text) {
  if (!text.starts_with("0x") && !text.starts_with("0X")) return std::nullopt;
  text.remove_prefix(2);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

const tables::EnumerationInfo& table_of(Enumeration enumeration) {
  const auto index = static_cast<std::size_t>(enumeration);
  return tables::enumerations[index < tables::enumerations.size() ? index : 0];
}

}  // namespace

std::string_view name(Type type) {
  constexpr std::string_view names[] = {"",           "Structure",   "Integer",      "LongInteger",
                                        "BigInteger", "Enumeration", "Boolean",      "TextString",
                                        "ByteString", "DateTime",    "Interval",     "DateTimeExtended",
                                        "Identifier", "Reference",   "NameReference"};
  const auto index = static_cast<std::size_t>(type);
  return index < std::size(names) ? names[index] : std::string_view{};
}

ProtocolNumber number_of(Version version) { return version_numbers[static_cast<std::size_t>(version)]; }

std::optional<Version> version_of(ProtocolNumber number) {
  for (auto v = oldest_version; v <= newest_version; v = static_cast<Version>(static_cast<int>(v) + 1))
    if (number_of(v) == number) return v;
  return std::nullopt;
}

std::string to_string(ProtocolNumber number) { return fmt::format("{}.{}", number.major, number.minor); }

std::string_view name(Version version) { return version_names[static_cast<std::size_t>(version)]; }

std::optional<Version> version_named(std::string_view text) {
  for (auto v = oldest_version; v <= newest_version; v = static_cast<Version>(static_cast<int>(v) + 1))
    if (name(v) == text) return v;
  return std::nullopt;
}

std::span<const TagInfo> all_tags() { return tables::tags; }
std::span<const AttributeInfo> all_attributes() { return tables::attributes; }

const TagInfo* find(Tag tag) {
  const auto at = std::ranges::lower_bound(tables::tags, tag, {}, &TagInfo::tag);
  return at != tables::tags.end() && at->tag == tag ? &*at : nullptr;
}

std::optional<Tag> tag_named(std::string_view name) {
  static const auto by_name = [] {
    std::unordered_map<std::string_view, Tag> map;
    for (const TagInfo& info : tables::tags) {
      map.emplace(info.name, info.tag);
      map.emplace(info.spec_name, info.tag);
    }
    return map;
  }();
  const auto at = by_name.find(name);
  return at == by_name.end() ? std::nullopt : std::optional(at->second);
}

std::string name(Tag tag) {
  const TagInfo* info = find(tag);
  return info ? std::string(info->name) : fmt::format("0x{:06X}", static_cast<std::uint32_t>(tag));
}

std::string_view name(Enumeration enumeration) { return table_of(enumeration).name; }
bool is_mask(Enumeration enumeration) { return table_of(enumeration).mask; }
std::span<const ValueInfo> values(Enumeration enumeration) { return table_of(enumeration).values; }

const ValueInfo* find(Enumeration enumeration, std::uint32_t value) {
  const auto rows = values(enumeration);
  // Nearly all enumerations count from 1 without a gap.
  if (const std::size_t at = std::size_t{value} - 1; at < rows.size() && rows[at].value == value)
    return &rows[at];
  const auto at = std::ranges::lower_bound(rows, value, {}, &ValueInfo::value);
  return at != rows.end() && at->value == value ? &*at : nullptr;
}

std::optional<std::uint32_t> value_named(Enumeration enumeration, std::string_view text) {
  for (const ValueInfo& row : values(enumeration))
    if (same_letters(row.name, text) || same_letters(row.spec_name, text)) return row.value;
  for (const tables::AliasInfo& row : tables::aliases)
    if (row.enumeration == enumeration && same_letters(row.name, text)) return row.value;
  return hexadecimal(text);
}

std::string value_name(Enumeration enumeration, std::uint32_t value) {
  const ValueInfo* info = find(enumeration, value);
  return info ? std::string(info->name) : fmt::format("0x{:08X}", value);
}

std::string mask_names(Enumeration mask, std::uint32_t bits, std::string_view separator) {
  std::string text;
  const auto add = [&](std::string_view part) {
    if (!text.empty()) text += separator;
    text += part;
  };
  for (const ValueInfo& row : values(mask)) {
    if ((bits & row.value) == 0) continue;
    add(row.name);
    bits &= ~row.value;
  }
  if (bits != 0) add(fmt::format("0x{:08X}", bits));
  return text;
}

const AttributeInfo* find_attribute(Tag tag) {
  const auto at = std::ranges::find(tables::attributes, tag, &AttributeInfo::tag);
  return at == tables::attributes.end() ? nullptr : &*at;
}

const AttributeInfo* attribute_named(std::string_view name) {
  const auto at = std::ranges::find(tables::attributes, name, &AttributeInfo::name);
  return at == tables::attributes.end() ? nullptr : &*at;
}

}  // namespace keyway::kmip
