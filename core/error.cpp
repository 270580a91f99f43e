#include <core/error.h>

namespace keyway {

namespace {

constexpr char replacement = '?';

// Character is the first code point of a text: its value and how many bytes it takes. `size` is 0 when the
// text does not start with valid UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
struct Character {
  char32_t value = 0;
  std::size_t size = 0;
};

Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xc2 && lead < 0xe0   ? 2
                           : lead >= 0xe0 && lead < 0xf0 ? 3
                           : lead >= 0xf0 && lead < 0xf5 ? 4
                                                         : 0;
  if (size == 0 || text.size() < size) return {};
  char32_t value = lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {};
    value = value << 6U | (byte(i) & 0x3fU);
  }
  constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < smallest[size] || surrogate || value > 0x10ffff) return {};
  return {value, size};
}

// C0, DEL and C1 drive a terminal; the line separators and the bidirectional controls make a line show
// something else than it says.
bool harmful(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

// The numbers, and the words where `said` does not have them already.
std::string server_words(const Refusal& refusal, std::string_view said) {
  const auto is_new = [&](const std::string& text) {
    return !text.empty() && said.find(text) == std::string_view::npos;
  };
  std::string words = fmt::format("status {}", refusal.status);
  if (refusal.reason != 0) words += fmt::format(", reason {}", refusal.reason);
  if (is_new(refusal.reason_name)) words += fmt::format(" {}", refusal.reason_name);
  if (is_new(refusal.message)) words += fmt::format(": {}", refusal.message);
  return words;
}

}  // namespace

std::string_view name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_input: return "invalid input";
    case ErrorKind::refused: return "refused";
    case ErrorKind::unsupported: return "unsupported";
    case ErrorKind::unreachable: return "unreachable";
    case ErrorKind::cancelled: return "cancelled";
    case ErrorKind::corrupt: return "corrupt";
    case ErrorKind::not_mine: return "not mine";
    case ErrorKind::not_found: return "not found";
    case ErrorKind::internal: return "internal error";
  }
  return "unknown error";
}

std::string describe(const Error& error) {
  std::string line = error.what.empty() ? std::string(name(error.kind)) : error.what;
  if (error.refusal) line += fmt::format(" (the KMS answered: {})", server_words(*error.refusal, error.what));
  if (!error.advice.empty()) line += fmt::format("; {}", error.advice);
  return printable(line, line.size());  // file names and servers' words may hold line feeds
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  while (!text.empty()) {
    const Character c = first_character(text);
    const bool keep = c.size > 0 && !harmful(c.value);
    const std::size_t added = keep ? c.size : 1;
    if (added > limit - out.size()) break;
    if (keep) {
      out += text.substr(0, c.size);
    } else {
      out += replacement;
    }
    text.remove_prefix(c.size > 0 ? c.size : 1);
  }
  return out;
}

}  // namespace keyway
