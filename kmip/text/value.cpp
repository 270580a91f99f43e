#include <algorithm>
#include <array>

#include <core/hex.h>
#include <core/utf8.h>
#include <kmip/text/date.h>
#include <kmip/text/names.h>
#include <kmip/text/number.h>
#include <kmip/text/value.h>

namespace keyway::kmip {

namespace {

// Numbers above this are not exact in every reader of JSON (Additional Message Encodings 1.0 §4.1.6.5).
constexpr std::uint64_t exact_in_json = std::uint64_t{1} << 52;

constexpr Type last_known_type = Type::NameReference;

bool is_text(Type type) {
  return type == Type::TextString || type == Type::Identifier || type == Type::Reference ||
         type == Type::NameReference;
}

bool holds_tag(Tag tag) { return tag == Tag::AttributeReference || tag == Tag::Tag; }
bool is_tag_number(Tag tag) { return tag == Tag::ExtensionTag || tag == Tag::ExtensionParentStructureTag; }

template <class... Args>
void append(SecretBuffer& out, fmt::format_string<Args...> format, Args&&... args) {
  std::array<char, 64> room;
  const auto end = fmt::format_to_n(room.data(), room.size(), format, std::forward<Args>(args)...);
  out.append(Text(room.data(), std::min(end.size, room.size())));
  wipe(std::as_writable_bytes(std::span(room)));
}

// can_carry is true when the notation has a sign, or an escape, for all that is in `text`.
bool can_carry(Text text, Notation notation) {
  if (!is_utf8(bytes_of(text))) return false;
  if (notation == Notation::json) return true;
  // XML 1.0 §2.2: no control characters but tab, line feed and carriage return; not U+FFFE and U+FFFF.
  const bool control = std::ranges::any_of(text, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
  });
  return !control && text.find("\xef\xbf\xbe") == Text::npos && text.find("\xef\xbf\xbf") == Text::npos;
}

Form put_hex(Bytes bytes, SecretBuffer& out, Form form) {
  out.append(to_hex_secret(bytes).reveal());
  return form;
}

Form put_integer(std::uint32_t bits, const TagInfo* meaning, Notation notation, SecretBuffer& out) {
  const Enumeration names = meaning ? meaning->enumeration : Enumeration::none;
  if (names != Enumeration::none && is_mask(names) && bits != 0) {
    out.append(mask_names(names, bits, notation == Notation::json ? "|" : " "));
    return Form::quoted;
  }
  append(out, "{}", static_cast<std::int32_t>(bits));
  return Form::bare;
}

Form put_enumeration(std::uint32_t number, const TagInfo* meaning, SecretBuffer& out) {
  if (meaning && holds_tag(meaning->tag)) {
    const auto tag = static_cast<Tag>(number);
    if (has_name(tag))
      out.append(name(tag));
    else
      append(out, "0x{:08X}", number);
    return Form::quoted;
  }
  const Enumeration names = meaning ? meaning->enumeration : Enumeration::none;
  const ValueInfo* known = names == Enumeration::none || is_mask(names) ? nullptr : find(names, number);
  // A name that two values share is no name.
  if (known && value_named(names, known->name) == number)
    out.append(known->name);
  else
    append(out, "0x{:08X}", number);
  return Form::quoted;
}

Form put_long(std::uint64_t bits, Notation notation, SecretBuffer& out) {
  const auto number = static_cast<std::int64_t>(bits);
  const std::uint64_t magnitude = number < 0 ? 0 - bits : bits;
  if (notation == Notation::json && magnitude >= exact_in_json) {
    append(out, "0x{:016X}", bits);
    return Form::quoted;
  }
  append(out, "{}", number);
  return Form::bare;
}

Form put_date(std::uint64_t bits, const Moment& moment, bool extended, SecretBuffer& out) {
  if (!has_date_form(moment.seconds)) {
    append(out, "0x{:016X}", bits);
    return Form::quoted;
  }
  out.append(date_text(moment, extended).view());
  out.append("+00:00");
  return Form::quoted;
}

std::unexpected<Error> bad(std::string what, std::string advice) {
  return std::unexpected(Error{ErrorKind::corrupt, std::move(what), std::move(advice), {}});
}

std::string kind_of(Type type) {
  const bool vowel = type == Type::Integer || type == Type::Enumeration || type == Type::Interval;
  return fmt::format("{} {}", vowel ? "an" : "a", type_text(type));
}

// ValueReader reads one value, after its variables were put in.
class ValueReader {
 public:
  ValueReader(Tag tag, Type type, const Context& around, const Variables& variables, Writer& out)
      : tag_(tag),
        type_(type),
        around_(around),
        variables_(variables),
        meaning_(around.meaning(tag)),
        out_(out) {}

  // A value that came `from_variable`, wholly or in part, is not told.
  Result<void> read(Text text, bool from_variable = false);

 private:
  Result<void> integer(Text text);
  Result<void> enumeration(Text text);
  Result<void> big_integer(Text text);
  Result<void> boolean(Text text);
  Result<void> byte_string(Text text);
  Result<void> date(Text text);

  std::string quoted(Text text) const;
  Enumeration names() const { return meaning_ ? meaning_->enumeration : Enumeration::none; }
  template <class Value, class Write>
  Result<void> put(std::optional<Value> value, Text text, Text forms, Write write) {
    if (!value)
      return bad(fmt::format("{} is not {}", quoted(text), kind_of(type_)), fmt::format("write {}", forms));
    write(*value);
    return {};
  }

  Tag tag_;
  Type type_;
  const Context& around_;
  const Variables& variables_;
  const TagInfo* meaning_;
  bool from_variable_ = false;
  Writer& out_;
};

// quoted shows what was written where it should have been a name, unless it could be a secret: of what nobody
// knows anything could be one.
std::string ValueReader::quoted(Text text) const {
  const bool known = meaning_ && !around_.in_custom(tag_);
  const bool secret = around_.secret || !known || meaning_->sensitive || from_variable_;
  if (secret || text.size() > 64) return "this text";
  return fmt::format("\"{}\"", printable(text, 64));
}

Result<void> ValueReader::read(Text text, bool from_variable) {
  from_variable_ = from_variable;
  if (is_text(type_)) {
    if (!is_utf8(bytes_of(text))) return bad("the text is not UTF-8", "write its bytes under \"hex\"");
    out_.bytes(tag_, bytes_of(text), type_);
    return {};
  }
  text = trimmed(text);
  switch (type_) {
    case Type::Integer: return integer(text);
    case Type::Enumeration: return enumeration(text);
    case Type::LongInteger:
      return put(parse_signed<std::uint64_t>(text), text, "a number of 64 bits",
                 [&](auto v) { out_.long_integer(tag_, static_cast<std::int64_t>(v)); });
    case Type::Interval:
      return put(parse_unsigned<std::uint32_t>(text), text, "seconds, 0 to 4294967295",
                 [&](auto v) { out_.interval(tag_, Interval{v}); });
    case Type::BigInteger: return big_integer(text);
    case Type::Boolean: return boolean(text);
    case Type::ByteString: return byte_string(text);
    case Type::DateTime:
    case Type::DateTimeExtended: return date(text);
    default:
      return bad(fmt::format("values of type {} have no form of their own", type_text(type_)),
                 "give the bytes of the value in hexadecimal, as \"hex\" in place of \"value\"");
  }
}

Result<void> ValueReader::integer(Text text) {
  std::optional<std::uint32_t> value = parse_signed<std::uint32_t>(text);
  Text forms = "a number of 32 bits";
  if (names() != Enumeration::none && is_mask(names())) {
    forms = "names of the mask separated by spaces or '|', or numbers";
    if (!value) value = text.empty() ? 0 : mask_by_names(names(), text);  // no names: no bits
  } else if (!value && is_tag_number(tag_)) {
    if (const auto tag = tag_of(text)) value = static_cast<std::uint32_t>(*tag);
  } else if (!value && names() != Enumeration::none) {
    value = value_by_name(names(), text);
  }
  return put(value, text, forms, [&](auto v) { out_.integer(tag_, static_cast<std::int32_t>(v)); });
}

Result<void> ValueReader::enumeration(Text text) {
  std::optional<std::uint32_t> value = parse_unsigned<std::uint32_t>(text);
  if (!value && meaning_ && holds_tag(meaning_->tag)) {
    if (const auto tag = tag_of(text)) value = static_cast<std::uint32_t>(*tag);
  } else if (!value && names() != Enumeration::none) {
    value = value_by_name(names(), text);
  }
  if (value) {
    out_.enumeration(tag_, *value);
    return {};
  }
  const std::string shown = quoted(text);
  if (meaning_ && (names() != Enumeration::none || holds_tag(meaning_->tag)))
    return bad(fmt::format("{} is not a value of {}", shown, name(meaning_->tag)),
               "check the spelling, or write the number: 0x00000001");
  return bad(fmt::format("{} cannot be looked up: nothing says which enumeration it is of", shown),
             "write the number: 0x00000001");
}

// The digits of a Big Integer give whole bytes in two's complement; the sign goes on to the left.
Result<void> ValueReader::big_integer(Text text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  SecretBuffer digits;
  if (text.size() % 2 != 0) digits.append("0");
  digits.append(text);
  const auto bytes = from_hex(text_of(digits.view()));
  if (!bytes || bytes->empty())
    return bad("this is not a BigInteger",
               "write hexadecimal digits, two for each byte, 0000000000000000 for zero");
  const Bytes value = bytes->reveal();
  SecretBuffer whole;
  whole.resize(padded(value.size()) - value.size());
  if ((value[0] & std::byte{0x80}) != std::byte{0}) std::ranges::fill(whole.room(), std::byte{0xff});
  whole.append(value);
  out_.bytes(tag_, whole.view(), type_);
  return {};
}

Result<void> ValueReader::boolean(Text text) {
  std::optional<bool> value;
  const std::string word = text.size() > 8 ? std::string() : folded(text);
  if (word == "true") value = true;
  if (word == "false") value = false;
  if (const auto number = parse_unsigned<std::uint64_t>(text); number && *number <= 1) value = *number == 1;
  return put(value, text, "true or false", [&](bool v) { out_.boolean(tag_, v); });
}

Result<void> ValueReader::byte_string(Text text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  return read_bytes(tag_, type_, text, out_);
}

// whole_seconds is a decimal number of 62 bits, so that its opposite has a place too.
std::optional<std::uint64_t> whole_seconds(Text text) {
  constexpr std::uint64_t most = std::uint64_t{1} << 62;
  const auto number =
      text.empty() || text.front() < '0' || text.front() > '9' ? std::nullopt : parse_number(text);
  return number && number->magnitude < most ? std::optional(number->magnitude) : std::nullopt;
}

// A date, a number, or either from a variable with seconds added: "$NOW-3600".
Result<void> ValueReader::date(Text text) {
  const bool extended = type_ == Type::DateTimeExtended;
  const auto place = [&](std::int64_t number) {
    if (extended)
      out_.date_time_extended(tag_, {number});
    else
      out_.date_time(tag_, {number});
  };
  const auto of_moment = [&](const Moment& moment) {
    return extended ? moment.seconds * microseconds_per_second + moment.microseconds : moment.seconds;
  };
  const auto number_of = [&](Text date) -> std::optional<std::int64_t> {
    if (const auto number = parse_signed<std::uint64_t>(date)) return static_cast<std::int64_t>(*number);
    const auto moment = parse_date(date);
    return moment ? std::optional(of_moment(*moment)) : std::nullopt;
  };

  if (!text.starts_with('$'))
    return put(number_of(text), text, "a date like 2001-01-01T10:00:00+10:00, or a number", place);
  const Text variable = placeholder_name(text);
  std::optional<std::int64_t> start;
  if (const Secret* value = variables_.find(variable))
    start = number_of(trimmed(value->reveal_text()));
  else if (variable == "NOW")
    start = of_moment({variables_.now().time_since_epoch().count(), 0});
  const Text rest = trimmed(text.substr(1 + variable.size()));
  const bool minus = rest.starts_with('-');
  std::optional<std::uint64_t> seconds = 0;
  if (!rest.empty())
    seconds = minus || rest.starts_with('+') ? whole_seconds(trimmed(rest.substr(1))) : std::nullopt;
  std::int64_t added = 0;
  if (!start || !seconds ||
      __builtin_mul_overflow(static_cast<std::int64_t>(minus ? 0 - *seconds : *seconds),
                             extended ? microseconds_per_second : 1, &added) ||
      __builtin_add_overflow(added, *start, &added))
    return bad(fmt::format("the variable {} does not give {}", variable, kind_of(type_)),
               "give a date like 2001-01-01T10:00:00Z; seconds are added as in $NOW+3600");
  place(added);
  return {};
}

std::unexpected<Error> without_value(const std::vector<std::string>& missing) {
  Error error{ErrorKind::invalid_input,
              fmt::format("the variable {} has no value", printable(missing.front(), 64)),
              {},
              {}};
  tell_all({{missing.begin(), missing.end()}}, error);
  return std::unexpected(std::move(error));
}

void put_zero(Tag tag, Type type, Writer& out) {
  constexpr std::array<std::byte, 8> zero{};
  out.bytes(tag, std::span(zero).first(length_fits(type, 4) ? 4 : 8), type);
}

}  // namespace

bool has_name(Tag tag) {
  const TagInfo* info = find(tag);
  return info && tag_named(info->name) == tag;
}

std::string tag_text(Tag tag) {
  return has_name(tag) ? name(tag) : fmt::format("0x{:06X}", static_cast<std::uint32_t>(tag));
}

std::string type_text(Type type) {
  const Text known = name(type);
  return known.empty() ? fmt::format("0x{:02X}", static_cast<unsigned>(type)) : std::string(known);
}

std::optional<Tag> tag_of(Text text) {
  text = trimmed(text);
  const Text digits = text.starts_with("0x") || text.starts_with("0X") ? text.substr(2)
                      : text.starts_with('x') && text.size() == 7      ? text.substr(1)
                                                                       : Text{};
  if (!digits.empty()) {
    const auto number = parse_number(std::string("0x").append(digits.substr(0, 16)));
    if (number && digits.size() <= 8 && number->magnitude <= 0xffffff)
      return static_cast<Tag>(number->magnitude);
  }
  return tag_by_name(text);
}

std::optional<Type> type_of(Text text) {
  text = trimmed(text);
  if (const auto number = parse_number(text)) {
    if (number->negative || number->magnitude > 0xff) return std::nullopt;
    return static_cast<Type>(number->magnitude);
  }
  const std::string asked = folded(text.substr(0, 40));
  for (auto type = Type::Structure; type <= last_known_type;
       type = static_cast<Type>(static_cast<std::uint8_t>(type) + 1))
    if (folded(name(type)) == asked) return type;
  return std::nullopt;
}

std::optional<Type> only_type(Tag tag, const Context& around) {
  const TagInfo* info = around.meaning(tag);
  if (!info) return std::nullopt;
  const unsigned types = info->types & ~(1U << static_cast<unsigned>(Type::Structure));
  if (std::has_single_bit(types)) return static_cast<Type>(std::countr_zero(types));
  if ((types & (1U << static_cast<unsigned>(Type::TextString))) != 0) return Type::TextString;
  return std::nullopt;
}

Form write_value(const Raw& item, const TagInfo* meaning, Notation notation, SecretBuffer& out) {
  const std::byte* at = item.value.data();
  switch (item.type) {
    case Type::Integer: return put_integer(load32(at), meaning, notation, out);
    case Type::Enumeration: return put_enumeration(load32(at), meaning, out);
    case Type::Interval: append(out, "{}", load32(at)); return Form::bare;
    case Type::LongInteger: return put_long(load64(at), notation, out);
    case Type::BigInteger:
      if (notation == Notation::json) out.append("0x");
      return put_hex(item.value, out, Form::quoted);
    case Type::Boolean:
      if (load64(at) > 1) return put_hex(item.value, out, Form::bytes);
      out.append(load64(at) == 1 ? "true" : "false");
      return Form::bare;
    case Type::TextString:
    case Type::Identifier:
    case Type::Reference:
    case Type::NameReference:
      if (can_carry(text_of(item.value), notation)) return Form::text;
      return put_hex(item.value, out, Form::bytes);
    case Type::ByteString: return put_hex(item.value, out, Form::quoted);
    case Type::DateTime: return put_date(load64(at), {static_cast<std::int64_t>(load64(at)), 0}, false, out);
    case Type::DateTimeExtended:
      return put_date(load64(at), moment_of_microseconds(static_cast<std::int64_t>(load64(at))), true, out);
    default: return put_hex(item.value, out, Form::bytes);
  }
}

Result<void> read_value(Tag tag, Type type, Text text, const Context& around, const Variables& variables,
                        Writer& out, Unset* unset) {
  ValueReader reader(tag, type, around, variables, out);
  if (text.find('$') == Text::npos) return reader.read(text);
  const bool is_date = type == Type::DateTime || type == Type::DateTimeExtended;
  if (is_date) {
    const Text date = trimmed(text);
    const Text variable = date.starts_with('$') ? placeholder_name(date) : Text{};
    if (variable == "NOW" || variables.find(variable)) return reader.read(date);
  }
  SecretBuffer whole;
  const bool keeps = type == Type::ByteString && variables.keeps_unset();
  const auto done = substitute(text, variables, keeps ? Missing::as_hex : Missing::stays, whole);
  if (unset) unset->names.insert(done.missing.begin(), done.missing.end());
  if (!done.missing.empty() && !keeps && !is_text(type)) {
    if (!unset || !unset->only_names) return without_value(done.missing);
    put_zero(tag, type, out);
    return {};
  }
  return reader.read(text_of(whole.view()), done.replaced);
}

Result<void> read_bytes(Tag tag, Type type, Text hex, Writer& out) {
  SecretBuffer digits(hex.size());
  for (const char c : hex)
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') digits.append(Text(&c, 1));
  const auto bytes = from_hex(text_of(digits.view()));
  if (!bytes) return bad("this is not hexadecimal", "write two digits for each byte");
  if (type == Type::Structure || !length_fits(type, bytes->size()))
    return bad(fmt::format("{} bytes are not the value of {}", bytes->size(), kind_of(type)),
               "give as many bytes as the type has");
  out.bytes(tag, bytes->reveal(), type);
  return {};
}

Text trimmed(Text text) {
  constexpr Text space = " \t\r\n";
  const std::size_t start = std::min(text.find_first_not_of(space), text.size());
  text.remove_prefix(start);
  return text.substr(0, text.find_last_not_of(space) + 1);
}

}  // namespace keyway::kmip
