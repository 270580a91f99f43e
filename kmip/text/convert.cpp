#include <algorithm>
#include <array>

#include <core/hex.h>
#include <kmip/text/convert.h>
#include <kmip/text/json.h>
#include <kmip/text/place.h>
#include <kmip/text/xml.h>
#include <kmip/ttlv/reader.h>
#include <kmip/ttlv/tree.h>

namespace keyway::kmip {

namespace {

constexpr std::array<std::string_view, 6> names = {"ttlv", "hex", "base64", "xml", "json", "tree"};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// MessageWalk cuts off one message after the other.
class MessageWalk {
 public:
  explicit MessageWalk(Bytes messages) : reader_(messages) {}

  bool done() const { return reader_.done(); }
  Bytes left() const { return reader_.left(); }
  // next gives the next message; one that runs past the end, or is no item, is all that is left.
  Bytes next() {
    const Bytes all = reader_.left();
    Raw item;
    CodecError error;
    if (!reader_.next(item, error)) reader_ = Reader({});
    return all.first(all.size() - reader_.left().size());
  }

 private:
  Reader reader_;
};

// split puts whole messages into `messages.ttlv` and notes where that ends.
void split(Bytes bytes, const Limits& limits, Messages& messages) {
  std::size_t number = 0;
  for (MessageWalk walk(bytes); !walk.done();) {
    const Bytes rest = walk.left();
    const Bytes message = walk.next();
    const Tree tree = read_tree(message, limits);
    ++number;
    if (tree.complete) {
      messages.ttlv.append(message);
      continue;
    }
    messages.damaged.append(rest);
    messages.damage = to_error(tree.error, number == 1 ? "the message" : fmt::format("message {}", number));
    return;
  }
}

std::optional<Error> read_hex(Text text, SecretBuffer& out) {
  SecretBuffer digits(text.size());
  std::optional<Error> wrong;
  for (std::size_t i = 0; i < text.size() && !wrong; ++i) {
    const bool prefix = text[i] == '0' && i + 1 < text.size() && (text[i + 1] == 'x' || text[i + 1] == 'X');
    if (prefix)
      ++i;
    else if (is_hex_digit(text[i]))
      digits.append(text.substr(i, 1));
    else if (!is_space(text[i]))
      wrong = corrupt(
          fmt::format("line {}: not a hexadecimal digit", std::ranges::count(text.substr(0, i), '\n') + 1));
  }
  if (!wrong && digits.size() % 2 != 0) wrong = corrupt("the last byte has only one hexadecimal digit");
  const auto bytes = from_hex(text_of(digits.view()).substr(0, digits.size() / 2 * 2));
  if (bytes) out.append(bytes->reveal());
  return wrong;
}

// Base64 of several messages is padded at the end of each; a decoder takes one at a time.
std::optional<Error> read_base64(Text text, SecretBuffer& out) {
  SecretBuffer signs(text.size() + 3);
  for (const char c : text) {
    if (is_space(c)) continue;
    const char standard = c == '-' ? '+' : c == '_' ? '/' : c;
    signs.append(Text(&standard, 1));
  }
  Text left = text_of(signs.view());
  while (!left.empty()) {
    const std::size_t padding = std::min(left.find('='), left.size());
    const std::size_t end = std::min(left.find_first_not_of('=', padding), left.size());
    SecretBuffer one;
    one.append(left.substr(0, end));
    while (end == padding && one.size() % 4 != 0) one.append("=");
    const auto bytes = from_base64(text_of(one.view()));
    if (!bytes)
      return corrupt("this is neither TTLV, XML, JSON, hexadecimal nor base64",
                     "name its form: --from xml, say");
    out.append(bytes->reveal());
    left.remove_prefix(end);
  }
  return std::nullopt;
}

template <class Write>
SecretBuffer each_on_a_line(Bytes ttlv, Write write) {
  SecretBuffer out;
  for (MessageWalk walk(ttlv); !walk.done();) {
    out.append(write(walk.next()).reveal());
    out.append("\n");
  }
  return out;
}

SecretBuffer trees(Bytes ttlv, const Reveal* reveal, const Limits& limits) {
  SecretBuffer out;
  for (MessageWalk walk(ttlv); !walk.done();) {
    const Bytes message = walk.next();
    if (!out.empty()) out.append("\n");
    if (reveal)
      out.append(readable_with_secrets(message, *reveal, limits).view());
    else
      out.append(readable(message, limits));
  }
  return out;
}

}  // namespace

std::string_view name(Encoding encoding) { return names[static_cast<std::size_t>(encoding)]; }

std::optional<Encoding> encoding_named(std::string_view name) {
  const auto at = std::ranges::find(names, name);
  return at == names.end() ? std::nullopt : std::optional(static_cast<Encoding>(at - names.begin()));
}

Encoding detect(Bytes input) {
  Text text = text_of(input);
  // Text has no control characters: the type of an item, its length, or its padding is one.
  constexpr std::size_t header = 16;
  const bool control = std::ranges::any_of(
      text.substr(0, header), [](char c) { return static_cast<unsigned char>(c) < 0x20 && !is_space(c); });
  // UTF-16 is refused with the right words by the XML reader.
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) return Encoding::xml;
  if (control) return Encoding::ttlv;
  text = without_mark(text);
  const auto start = std::ranges::find_if_not(text, is_space);
  text.remove_prefix(static_cast<std::size_t>(start - text.begin()));
  if (text.starts_with('<')) return Encoding::xml;
  if (text.starts_with('{') || text.starts_with('[')) return Encoding::json;
  if (text.starts_with("0x") || text.starts_with("0X")) return Encoding::hex;
  // Base64 of a message starts with a sign that is no digit of hexadecimal: the first byte is 0x42 or 0x54.
  constexpr std::size_t enough = 8;
  const bool digits =
      std::ranges::all_of(text.substr(0, enough), [](char c) { return is_hex_digit(c) || is_space(c); });
  return digits ? Encoding::hex : Encoding::base64;
}

Messages read_messages(Bytes input, Encoding from, const Variables& variables, const Limits& limits) {
  Messages messages;
  const Text text = text_of(input);
  Result<void> read;
  std::optional<Error> wrong;
  SecretBuffer bytes;
  Unset unset;
  switch (from) {
    case Encoding::xml:
      read = read_xml_in_part(text, messages.ttlv, messages.damaged, variables, limits, &unset);
      break;
    case Encoding::json:
      read = read_json_in_part(text, messages.ttlv, messages.damaged, variables, limits, &unset);
      break;
    case Encoding::ttlv: split(input, limits, messages); break;
    case Encoding::hex: wrong = read_hex(without_mark(text), bytes); break;
    case Encoding::base64: wrong = read_base64(without_mark(text), bytes); break;
    case Encoding::tree:
      wrong = Error{ErrorKind::invalid_input, "a tree cannot be read back", "use xml or json", {}};
      break;
  }
  split(bytes.view(), limits, messages);
  messages.unset.assign(unset.names.begin(), unset.names.end());
  // The text's own mistake explains the cut that it makes.
  if (wrong) messages.damage = std::move(wrong);
  if (!read) messages.damage = std::move(read.error());
  if (!messages.damage && messages.ttlv.empty())
    messages.damage = corrupt("there is no message in the input");
  return messages;
}

Result<SecretBuffer> write_messages(Bytes ttlv, Encoding to, const Reveal* reveal, const Limits& limits) {
  switch (to) {
    case Encoding::xml: return write_xml(ttlv, limits);
    case Encoding::json: return write_json(ttlv, limits);
    case Encoding::tree: return trees(ttlv, reveal, limits);
    case Encoding::hex: return each_on_a_line(ttlv, to_hex_secret);
    case Encoding::base64: return each_on_a_line(ttlv, to_base64_secret);
    case Encoding::ttlv: break;
  }
  SecretBuffer copy(ttlv.size());
  copy.append(ttlv);
  return copy;
}

}  // namespace keyway::kmip
