#include <algorithm>
#include <limits>

#include <core/json.h>
#include <core/utf8.h>

namespace keyway {

namespace {

bool is_decimal(char c) { return c >= '0' && c <= '9'; }

// Decimal is a JSON number taken apart: its digits, with or without a point, and the power of ten they are
// multiplied with.
struct Decimal {
  bool negative = false;
  Text digits;
  std::int64_t exponent = 0;
};

// An exponent beyond this is one no value in 64 bits has, whatever a text of 4 GiB holds in digits.
constexpr std::int64_t huge_exponent = 1'000'000'000'000;

std::int64_t exponent_of(Text text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  for (const char c : text) value = std::min(10 * value + (c - '0'), huge_exponent);
  return negative ? -value : value;
}

Decimal decimal_of(Text number) {
  Decimal out;
  out.negative = number.starts_with('-');
  if (out.negative) number.remove_prefix(1);
  if (const std::size_t e = number.find_first_of("eE"); e != Text::npos) {
    out.exponent = exponent_of(number.substr(e + 1));
    number = number.substr(0, e);
  }
  if (const std::size_t point = number.find('.'); point != Text::npos)
    out.exponent -= static_cast<std::int64_t>(number.size() - point - 1);
  out.digits = number;
  return out;
}

// Takes away the zeroes that do not change the value, so that what is left has its full size.
void normalize(Decimal& number) {
  const auto first = std::min(number.digits.find_first_not_of("0."), number.digits.size());
  number.digits.remove_prefix(first);
  while (!number.digits.empty() && !(is_decimal(number.digits.back()) && number.digits.back() != '0')) {
    if (number.digits.back() == '0') ++number.exponent;
    number.digits.remove_suffix(1);
  }
}

std::optional<std::int64_t> integer_of(Text text) {
  Decimal number = decimal_of(text);
  normalize(number);
  if (number.digits.empty()) return 0;
  constexpr std::int64_t most_digits = 19;  // of 2^63; so many fit 64 bits without a sign
  const auto count = static_cast<std::int64_t>(std::ranges::count_if(number.digits, is_decimal));
  if (number.exponent < 0 || number.exponent > most_digits - count) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : number.digits)
    if (is_decimal(c)) value = 10 * value + static_cast<std::uint64_t>(c - '0');
  for (std::int64_t i = 0; i < number.exponent; ++i) value *= 10;
  constexpr auto greatest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (value > greatest + (number.negative ? 1 : 0)) return std::nullopt;
  return static_cast<std::int64_t>(number.negative ? 0 - value : value);
}

}  // namespace

std::optional<JsonKind> JsonView::kind() const noexcept {
  return nodes_ != nullptr ? std::optional(nodes_[index_].kind) : std::nullopt;
}

Text JsonView::source() const noexcept {
  return text_.substr(nodes_[index_].begin, nodes_[index_].end - nodes_[index_].begin);
}

JsonView JsonView::member(Text name) const {
  JsonView found;
  for (const JsonMember& member : members())
    if (member.name.equals(name)) found = member.value;
  return found;
}

JsonRange<JsonView> JsonView::items() const noexcept {
  return is(JsonKind::array) ? JsonRange<JsonView>(*this) : JsonRange<JsonView>();
}

JsonRange<JsonMember> JsonView::members() const noexcept {
  return is(JsonKind::object) ? JsonRange<JsonMember>(*this) : JsonRange<JsonMember>();
}

std::size_t JsonView::size() const noexcept {
  const auto count = [](const auto& range) {
    return static_cast<std::size_t>(std::ranges::distance(range.begin(), range.end()));
  };
  return is(JsonKind::object) ? count(members()) : count(items());
}

std::optional<Secret> JsonView::text() const {
  if (!is(JsonKind::string)) return std::nullopt;
  // What is escaped is never shorter than what it means, so this memory is all that is needed.
  SecretBuffer out(source().size());
  unescape_json(source(), out);
  return Secret(std::move(out));
}

std::optional<std::string> JsonView::plain_text() const {
  const auto meaning = text();
  return meaning ? std::optional<std::string>(meaning->reveal_text()) : std::nullopt;
}

bool JsonView::equals(Text text) const {
  if (!is(JsonKind::string)) return false;
  if (source().find('\\') == Text::npos) return source() == text;
  return this->text()->reveal_text() == text;
}

std::optional<std::int64_t> JsonView::number() const noexcept {
  return is(JsonKind::number) ? integer_of(source()) : std::nullopt;
}

std::optional<bool> JsonView::boolean() const noexcept {
  return is(JsonKind::boolean) ? std::optional(source() == "true") : std::nullopt;
}

Result<Json> Json::parse(Text text, const JsonLimits& limits) {
  if (text.size() > std::numeric_limits<std::uint32_t>::max())
    return fail(ErrorKind::corrupt, "the JSON is too long: {} bytes", text.size());
  if (!is_utf8(bytes_of(text))) return fail(ErrorKind::corrupt, "the JSON is not UTF-8");
  JsonDocument document;
  const auto problem = parse_json(text, past_json_space(text, 0), limits.depth, limits.nodes, document);
  if (problem)
    return fail(ErrorKind::corrupt, "the JSON is wrong at byte {}: {}", problem->offset, problem->what);
  if (const std::size_t more = past_json_space(text, document.end); more < text.size())
    return fail(ErrorKind::corrupt, "the JSON is wrong at byte {}: something follows its value", more);
  return Json(text, std::move(document));
}

Result<void> append_json_string(SecretBuffer& out, Text text) {
  if (!is_utf8(bytes_of(text)))
    return fail(ErrorKind::invalid_input, "a text of {} bytes is not UTF-8, as JSON must be", text.size());
  out.reserve(out.size() + text.size() + 2);
  out.append("\"");
  escape_json(text, out);
  out.append("\"");
  return {};
}

}  // namespace keyway
