#include <algorithm>
#include <array>

#include <kmip/text/context.h>
#include <kmip/text/date.h>
#include <kmip/text/readable.h>
#include <kmip/ttlv/reader.h>
#include <kmip/ttlv/tree.h>

namespace keyway::kmip {

namespace {

constexpr std::size_t bytes_shown = 32;
constexpr std::size_t text_shown = 512;

// Open is a structure around the current item.
struct Open {
  std::size_t end = 0;  // of the structure in the message
  Context context;
};

bool is_known(Type type) { return !name(type).empty(); }

bool is_text(Type type) {
  return type == Type::TextString || type == Type::Identifier || type == Type::Reference ||
         type == Type::NameReference;
}

bool is_bytes(Type type) { return type == Type::ByteString || type == Type::BigInteger || !is_known(type); }

// Printer writes into wiping memory whether secrets are shown or not: one code for both.
class Printer {
 public:
  Printer(Bytes message, bool reveal)
      : reveal_(reveal),
        offset_width_(std::max<int>(5, static_cast<int>(fmt::formatted_size("{}", message.size())))) {}

  void print(const Tree& tree) {
    for (const Node& node : tree.nodes) print(node);
    if (!tree.complete) damage(tree.error);
  }
  SecretBuffer take() { return std::move(out_); }

 private:
  void print(const Node& node);
  void tag_and_type(const Raw& item, bool inside_secret);
  void open(const Raw& structure, const Context& parent);
  void value(const Raw& item, const Context& parent);
  void number(const Raw& item, Enumeration enumeration);
  void date_time(const Moment& moment, bool extended);
  void bytes(Bytes value);
  void text(Text value);
  void damage(const CodecError& error);

  bool hidden(const Raw& item, const Context& parent) const;

  void put(Text text) { out_.append(text); }
  // A value that is formatted stands on the stack for a moment and is wiped there.
  template <class... Args>
  void format(fmt::format_string<Args...> text, Args&&... args) {
    std::array<char, 128> room;
    const auto end = fmt::format_to_n(room.data(), room.size(), text, std::forward<Args>(args)...);
    put(Text(room.data(), std::min(end.size, room.size())));
    wipe(std::as_writable_bytes(std::span(room)));
  }

  bool reveal_;
  int offset_width_;
  std::vector<Open> open_;  // the structures around the current item, outermost first
  SecretBuffer out_;
};

bool Printer::hidden(const Raw& item, const Context& parent) const {
  const TagInfo* info = parent.meaning(item.tag);
  if (parent.secret || (info && info->sensitive)) return true;
  if (!find(item.tag)) return is_bytes(item.type) || is_text(item.type);
  return parent.in_custom(item.tag) && is_bytes(item.type);
}

void Printer::print(const Node& node) {
  const Raw& item = node.item;
  open_.resize(std::min<std::size_t>(open_.size(), node.depth));
  Context top;
  Context& parent = open_.empty() ? top : open_.back().context;

  format("{:>{}}  {:{}}", item.offset, offset_width_, "", 2 * node.depth);
  tag_and_type(item, parent.secret && !reveal_);
  if (item.type == Type::Structure) {
    format(", {} bytes", item.value.size());
  } else if (hidden(item, parent) && !reveal_) {
    format("  <secret, {} bytes>", item.value.size());
  } else {
    put("  ");
    value(item, parent);
  }
  if (!padding_is_zero(item)) put("  (padding is not zero)");
  put("\n");

  parent.note(item);
  if (item.type == Type::Structure) open(item, parent);
}

// Below a sensitive structure a tag or a type that nobody knows may be a misread piece of the secret.
void Printer::tag_and_type(const Raw& item, bool inside_secret) {
  put(inside_secret && !find(item.tag) ? "<unknown tag>" : name(item.tag));
  put("  ");
  if (is_known(item.type))
    put(name(item.type));
  else if (inside_secret)
    put("<unknown type>");
  else
    format("type 0x{:02X}", static_cast<unsigned>(item.type));
}

void Printer::open(const Raw& structure, const Context& parent) {
  open_.push_back(
      {structure.offset + item_header_size + structure.value.size(), parent.inside(structure.tag)});
}

void Printer::value(const Raw& item, const Context& parent) {
  const std::byte* at = item.value.data();
  const TagInfo* info = parent.meaning(item.tag);
  switch (item.type) {
    case Type::Integer:
    case Type::Enumeration:
      if (item.tag == Tag::AttributeReference)
        format("{} (0x{:06X})", name(static_cast<Tag>(load32(at))), load32(at));
      else
        number(item, info ? info->enumeration : Enumeration::none);
      return;
    case Type::Interval: format("{} s", load32(at)); return;
    case Type::LongInteger: format("{}", static_cast<std::int64_t>(load64(at))); return;
    case Type::Boolean:
      if (load64(at) > 1)
        bytes(item.value);
      else
        put(load64(at) == 1 ? "true" : "false");
      return;
    case Type::DateTime: date_time({static_cast<std::int64_t>(load64(at)), 0}, false); return;
    case Type::DateTimeExtended:
      date_time(moment_of_microseconds(static_cast<std::int64_t>(load64(at))), true);
      return;
    case Type::TextString:
    case Type::Identifier:
    case Type::Reference:
    case Type::NameReference: text(text_of(item.value)); return;
    default: bytes(item.value);
  }
}

// number shows an Integer or an Enumeration, by name where the registry has names for it.
void Printer::number(const Raw& item, Enumeration enumeration) {
  const std::uint32_t number = load32(item.value.data());
  if (item.type == Type::Enumeration) {
    const ValueInfo* known = is_mask(enumeration) ? nullptr : find(enumeration, number);
    if (known)
      format("{} (0x{:08X})", known->name, number);
    else
      format("0x{:08X}", number);
  } else if (enumeration != Enumeration::none && is_mask(enumeration) && number != 0) {
    put(mask_names(enumeration, number));
    format(" (0x{:08X})", number);
  } else {
    format("{}", static_cast<std::int32_t>(number));
  }
}

// A date without a form shows its number only.
void Printer::date_time(const Moment& moment, bool extended) {
  if (has_date_form(moment.seconds)) {
    put(date_text(moment, extended).view());
    put("Z ");
  }
  if (extended)
    // Put together from its parts the number could overflow: it is shown as seconds and microseconds.
    format("({}s {}us)", moment.seconds, moment.microseconds);
  else
    format("({})", moment.seconds);
}

void Printer::bytes(Bytes value) {
  constexpr char digits[] = "0123456789abcdef";
  for (const std::byte byte : value.first(std::min(value.size(), bytes_shown))) {
    const auto number = std::to_integer<unsigned>(byte);
    auto* at = reinterpret_cast<char*>(out_.append(2));
    at[0] = digits[number >> 4];
    at[1] = digits[number & 15];
  }
  if (value.empty()) put("(empty)");
  if (value.size() > bytes_shown) format("... {} bytes", value.size());
}

// text is printable() of a text that may be a secret: in pieces so short that no string made on the way has
// memory of its own outside the string object, which is wiped.
void Printer::text(Text value) {
  constexpr std::size_t piece = 12;
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; };
  const auto cut = [&](Text from, std::size_t at_most) {
    std::size_t n = std::min(from.size(), at_most);
    for (int back = 0; back < 3 && n > 1 && n < from.size() && continues(from[n]); ++back) --n;
    return n;
  };
  put("\"");
  for (Text left = value.substr(0, cut(value, text_shown)); !left.empty();) {
    const std::size_t n = cut(left, piece);
    std::string clean = printable(left.substr(0, n));
    put(clean);
    wipe(std::as_writable_bytes(std::span(clean)));
    left.remove_prefix(n);
  }
  put("\"");
  if (value.size() > text_shown) format("... {} bytes", value.size());
}

void Printer::damage(const CodecError& error) {
  // The innermost structure that the damage lies in; those that ended before it do not count.
  while (!open_.empty() && open_.back().end <= error.offset) open_.pop_back();
  CodecError shown = error;
  const bool inside_secret = !open_.empty() && open_.back().context.secret && !reveal_;
  if (inside_secret && !find(error.tag)) shown.tag = Tag{};
  put("damaged: ");
  put(describe(shown));
  put("\n");
}

SecretBuffer print(Bytes message, const Limits& limits, bool reveal) {
  Printer printer(message, reveal);
  printer.print(read_tree(message, limits));
  return printer.take();
}

}  // namespace

std::string readable(Bytes message, const Limits& limits) {
  const SecretBuffer lines = print(message, limits, false);
  return std::string(text_of(lines.view()));
}

SecretBuffer readable_with_secrets(Bytes message, const Reveal&, const Limits& limits) {
  return print(message, limits, true);
}

}  // namespace keyway::kmip
