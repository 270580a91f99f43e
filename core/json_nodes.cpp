#include <algorithm>

#include <core/json_nodes.h>

namespace keyway {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// four_digits is the number in the first four characters, or -1.
int four_digits(Text text) {
  if (text.size() < 4) return -1;
  int value = 0;
  for (const char c : text.substr(0, 4)) {
    const int digit = hex_value(c);
    if (digit < 0) return -1;
    value = 16 * value + digit;
  }
  return value;
}

bool is_high_surrogate(int unit) { return unit >= 0xd800 && unit <= 0xdbff; }
bool is_low_surrogate(int unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

class JsonParser {
 public:
  JsonParser(Text text, std::size_t offset, std::uint32_t depth, std::size_t nodes, JsonDocument& document)
      : text_(text), at_(offset), depth_(depth), most_nodes_(nodes), document_(document) {}

  std::optional<JsonProblem> parse() {
    const bool good = value(0);
    document_.end = at_;
    return good ? std::nullopt : std::optional(problem_);
  }

 private:
  bool wrong(const char* what) {
    problem_ = {what, std::min(at_, text_.size())};
    return false;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip() { at_ = past_json_space(text_, at_); }
  bool take(char c) {
    if (peek() != c || at_ >= text_.size()) return false;
    ++at_;
    return true;
  }

  bool value(std::uint32_t depth);
  bool members(std::uint32_t depth);
  bool elements(std::uint32_t depth);
  bool string();
  bool escape();
  bool number();
  bool word();
  std::size_t add(JsonKind kind) {
    const auto at = static_cast<std::uint32_t>(at_);
    document_.nodes.push_back({kind, at, at, 0});
    return document_.nodes.size() - 1;
  }
  bool close(std::size_t node, std::size_t end) {
    document_.nodes[node].end = static_cast<std::uint32_t>(end);
    document_.nodes[node].next = static_cast<std::uint32_t>(document_.nodes.size());
    return true;
  }

  Text text_;
  std::size_t at_;
  std::uint32_t depth_;
  std::size_t most_nodes_;
  JsonDocument& document_;
  JsonProblem problem_;
};

bool JsonParser::value(std::uint32_t depth) {
  if (document_.nodes.size() >= most_nodes_) return wrong("too many values");
  if (peek() == '"') return string();
  if (peek() == '-' || is_digit(peek())) return number();
  if (peek() != '{' && peek() != '[') return word();
  if (depth >= depth_) return wrong("too many objects and arrays inside one another");
  const bool is_object = peek() == '{';
  const std::size_t node = add(is_object ? JsonKind::object : JsonKind::array);
  ++at_;
  if (!(is_object ? members(depth + 1) : elements(depth + 1))) return false;
  return close(node, at_);
}

bool JsonParser::members(std::uint32_t depth) {
  skip();
  if (take('}')) return true;
  while (true) {
    skip();
    if (peek() != '"') return wrong("a name in quotation marks was expected");
    if (!string()) return false;
    skip();
    if (!take(':')) return wrong("':' was expected");
    skip();
    if (!value(depth)) return false;
    skip();
    if (take('}')) return true;
    if (!take(',')) return wrong("',' or '}' was expected");
  }
}

bool JsonParser::elements(std::uint32_t depth) {
  skip();
  if (take(']')) return true;
  while (true) {
    skip();
    if (!value(depth)) return false;
    skip();
    if (take(']')) return true;
    if (!take(',')) return wrong("',' or ']' was expected");
  }
}

bool JsonParser::string() {
  ++at_;
  const std::size_t node = add(JsonKind::string);
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '"') {
      ++at_;
      return close(node, at_ - 1);
    }
    if (static_cast<unsigned char>(c) < 0x20) return wrong("a control character in a string");
    ++at_;
    if (c == '\\' && !escape()) return false;
  }
  return wrong("a string without its end");
}

bool JsonParser::escape() {
  const char c = peek();
  if (c != 'u') {
    if (c == '\0' || Text("\"\\/bfnrt").find(c) == Text::npos)
      return wrong("an escape that JSON does not have");
    ++at_;
    return true;
  }
  const int unit = four_digits(text_.substr(at_ + 1));
  if (unit < 0) return wrong("four hexadecimal digits were expected");
  at_ += 5;
  if (is_low_surrogate(unit)) return wrong("half a character: a low surrogate without a high one");
  if (!is_high_surrogate(unit)) return true;
  if (!text_.substr(at_).starts_with("\\u") || !is_low_surrogate(four_digits(text_.substr(at_ + 2))))
    return wrong("half a character: a high surrogate without a low one");
  at_ += 6;
  return true;
}

bool JsonParser::number() {
  const std::size_t node = add(JsonKind::number);
  const auto digits = [&] {
    const std::size_t start = at_;
    while (is_digit(peek())) ++at_;
    return at_ > start;
  };
  take('-');
  const bool zero = peek() == '0';
  if (!digits()) return wrong("a digit was expected");
  if (zero && at_ - document_.nodes[node].begin > (text_[document_.nodes[node].begin] == '-' ? 2U : 1U))
    return wrong("a number with a zero in front");
  if (take('.') && !digits()) return wrong("a digit was expected");
  if (take('e') || take('E')) {
    if (!take('+')) take('-');
    if (!digits()) return wrong("a digit was expected");
  }
  return close(node, at_);
}

bool JsonParser::word() {
  constexpr std::pair<Text, JsonKind> words[] = {
      {"true", JsonKind::boolean}, {"false", JsonKind::boolean}, {"null", JsonKind::null}};
  for (const auto& [word, kind] : words) {
    if (!text_.substr(std::min(at_, text_.size())).starts_with(word)) continue;
    const std::size_t node = add(kind);
    at_ += word.size();
    return close(node, at_);
  }
  return wrong("a value was expected");
}

void append_utf8(std::uint32_t c, SecretBuffer& out) {
  const auto put = [&](std::uint32_t byte) { *out.append(1) = static_cast<std::byte>(byte); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xc0 | c >> 6);
  } else {
    if (c < 0x10000) {
      put(0xe0 | c >> 12);
    } else {
      put(0xf0 | c >> 18);
      put(0x80 | (c >> 12 & 0x3f));
    }
    put(0x80 | (c >> 6 & 0x3f));
  }
  put(0x80 | (c & 0x3f));
}

}  // namespace

std::optional<JsonProblem> parse_json(Text text, std::size_t offset, std::uint32_t depth, std::size_t nodes,
                                      JsonDocument& document) {
  return JsonParser(text, offset, depth, nodes, document).parse();
}

std::size_t past_json_space(Text text, std::size_t offset) {
  return std::min(text.find_first_not_of(" \t\r\n", offset), text.size());
}

void unescape_json(Text escaped, SecretBuffer& out) {
  while (true) {
    const std::size_t at = std::min(escaped.find('\\'), escaped.size());
    out.append(escaped.substr(0, at));
    if (at == escaped.size()) return;
    const char c = escaped[at + 1];
    escaped.remove_prefix(at + 2);
    if (c != 'u') {
      constexpr Text letters = "bfnrt";
      constexpr Text meanings = "\b\f\n\r\t";
      const std::size_t letter = letters.find(c);
      out.append(letter == Text::npos ? Text(&c, 1) : meanings.substr(letter, 1));
      continue;
    }
    auto character = static_cast<std::uint32_t>(four_digits(escaped));
    escaped.remove_prefix(4);
    if (is_high_surrogate(static_cast<int>(character))) {
      const auto low = static_cast<std::uint32_t>(four_digits(escaped.substr(2)));
      character = 0x10000 + ((character - 0xd800) << 10) + (low - 0xdc00);
      escaped.remove_prefix(6);
    }
    append_utf8(character, out);
  }
}

void escape_json(Text text, SecretBuffer& out) {
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text.substr(done, i - done));
    done = i + 1;
    if (c >= 0x20) {
      out.append("\\");
      out.append(text.substr(i, 1));
    } else {
      constexpr Text digits = "0123456789abcdef";
      out.append("\\u00");
      out.append(digits.substr(c >> 4, 1));
      out.append(digits.substr(c & 15, 1));
    }
  }
  out.append(text.substr(done));
}

}  // namespace keyway
