#include <array>
#include <charconv>

#include <pugixml.hpp>

#include <core/utf8.h>
#include <kmip/text/place.h>
#include <kmip/text/visit.h>
#include <kmip/text/xml.h>

namespace keyway::kmip {

namespace {

// ---- writing

void escape(Text text, SecretBuffer& out) {
  const auto replacement = [](char c) -> Text {
    switch (c) {
      case '&': return "&amp;";
      case '<': return "&lt;";
      case '>': return "&gt;";
      case '"': return "&quot;";
      // A reader turns these into spaces unless they are written as references (XML 1.0 §3.3.3).
      case '\t': return "&#9;";
      case '\n': return "&#10;";
      case '\r': return "&#13;";
      default: return {};
    }
  };
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const Text other = replacement(text[i]);
    if (other.empty()) continue;
    out.append(text.substr(done, i - done));
    out.append(other);
    done = i + 1;
  }
  out.append(text.substr(done));
}

class XmlWriter final : public ItemVisitor {
 public:
  explicit XmlWriter(std::uint32_t outer_depth) : outer_(outer_depth) {}

  void put(Text text) { out_.append(text); }
  SecretBuffer take() { return std::move(out_); }

  void open(const Raw& structure, std::uint32_t depth) override {
    start(structure.tag, depth);
    put(structure.value.empty() ? "/>\n" : ">\n");
  }
  void close(const Raw& structure, std::uint32_t depth) override {
    if (structure.value.empty()) return;
    indent(depth);
    put("</");
    put(has_name(structure.tag) ? tag_text(structure.tag) : "TTLV");
    put(">\n");
  }
  void value(const Raw& item, const TagInfo* meaning, std::uint32_t depth) override {
    start(item.tag, depth);
    put(" type=\"");
    put(type_text(item.type));
    value_.clear();
    const Form form = write_value(item, meaning, Notation::xml, value_);
    put(form == Form::bytes ? "\" hex=\"" : "\" value=\"");
    if (form == Form::text)
      escape(text_of(item.value), out_);
    else
      out_.append(value_.view());
    put("\"/>\n");
  }

 private:
  void indent(std::uint32_t depth) {
    for (std::uint32_t i = 0; i < depth + outer_; ++i) put("  ");
  }
  void start(Tag tag, std::uint32_t depth) {
    indent(depth);
    put("<");
    if (has_name(tag)) return put(tag_text(tag));
    put("TTLV tag=\"");
    put(tag_text(tag));
    put("\"");
  }

  SecretBuffer out_;
  SecretBuffer value_;
  std::uint32_t outer_;
};

// ---- reading

// past is where to go on after the markup at `at` in which '<' and '&' have no meaning; `at` when there is
// none.
std::size_t past_markup(Text xml, std::size_t at) {
  constexpr std::pair<Text, Text> kinds[] = {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}};
  for (const auto& [start, end] : kinds) {
    if (!xml.substr(at).starts_with(start)) continue;
    const std::size_t found = xml.find(end, at + start.size());
    return found == Text::npos ? xml.size() : found + end.size();
  }
  return at;
}

// is_character: a reference to a number that Unicode has. The parser takes 0 for the end of the value.
bool is_character(Text reference) {
  std::uint32_t number = 0;
  const bool hex = reference.starts_with('x');
  if (hex) reference.remove_prefix(1);
  const auto [end, error] =
      std::from_chars(reference.data(), reference.data() + reference.size(), number, hex ? 16 : 10);
  if (error != std::errc{} || end != reference.data() + reference.size()) return false;
  return number != 0 && number <= 0x10ffff && (number < 0xd800 || number > 0xdfff);
}

// is_reference: what the '&' at the start of `text` begins is a character, or an entity of XML itself.
// Without a DOCTYPE there are no others; the parser would take them for text.
bool is_reference(Text text) {
  if (!text.starts_with("&#"))
    return std::ranges::any_of(std::array<Text, 5>{"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"},
                               [&](Text entity) { return text.starts_with(entity); });
  constexpr std::size_t longest_number = 32;
  const std::size_t end = text.substr(0, longest_number).find(';');
  return end != Text::npos && is_character(text.substr(2, end - 2));
}

Error bad_reference(Text text) {
  if (text.starts_with("&#"))
    return corrupt("a character reference that XML does not have",
                   "write text that XML cannot hold as hex=\"...\"");
  return corrupt("not well-formed XML: an '&' that starts no reference that XML has", "write &amp; for '&'");
}

// prepare makes a name that XML allows of each <0x540001>, and finds the references that the parser would
// misread: returns where the first one is, or npos.
std::size_t prepare(std::span<char> xml) {
  const Text text(xml.data(), xml.size());
  for (std::size_t i = text.find_first_of("<&"); i < text.size(); i = text.find_first_of("<&", i)) {
    if (const std::size_t next = past_markup(text, i); next != i) {
      i = next;
      continue;
    }
    if (text[i] == '&' && !is_reference(text.substr(i))) return i;
    std::size_t name = i + 1;
    if (text[i] == '<' && name < text.size() && text[name] == '/') ++name;
    if (text[i] == '<' && (text.substr(name).starts_with("0x") || text.substr(name).starts_with("0X")))
      xml[name] = '_';
    ++i;
  }
  return Text::npos;
}

// is_too_much bounds the memory that the parser takes for elements and attributes: many times what the text
// takes when they are short.
bool is_too_much(Text xml, const Limits& limits) {
  const std::size_t most_tags = std::size_t{16} * limits.elements + 16;
  const auto count = [&](char c) { return static_cast<std::size_t>(std::ranges::count(xml, c)); };
  return count('<') > most_tags || count('=') > most_tags + limits.message;
}

Text local_name(Text name) {
  const std::size_t colon = name.find(':');
  return colon == Text::npos ? name : name.substr(colon + 1);
}

// is_of_xml: an attribute that is about namespaces, white space or a schema.
bool is_of_xml(Text attribute) {
  return attribute == "xmlns" || attribute.starts_with("xmlns:") || attribute.starts_with("xml:") ||
         attribute.starts_with("xsi:");
}

bool is_content(const pugi::xml_node& node) {
  return node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata;
}

// Parts is what the attributes of an element say. A null view is an attribute that is not there.
struct Parts {
  Text tag, name, type, value, hex;

  Text* part(Text attribute) {
    const auto named = part_named(attribute);
    Text* const parts[part_count] = {&tag, &name, &type, &value, &hex};
    return named ? parts[static_cast<std::size_t>(*named)] : nullptr;
  }
};
bool is_there(Text part) { return part.data() != nullptr; }

// Break is what broken XML leaves unfinished.
struct Break {
  std::size_t open = 0;                 // elements that began and did not end
  std::size_t unfinished = Text::npos;  // where the tag or comment starts that does not end
};

// Where the start tag ends that begins `text`: at the first '>' outside quotation marks.
std::size_t end_of_tag(Text text) {
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quote == 0 && text[i] == '>') return i;
    if (quote == 0 && (text[i] == '"' || text[i] == '\''))
      quote = text[i];
    else if (text[i] == quote)
      quote = 0;
  }
  return Text::npos;
}

// break_in looks at one element that was cut off; everything in it is well-formed.
Break break_in(Text text) {
  Break result;
  for (std::size_t at = text.find('<'); at != Text::npos; at = text.find('<', at)) {
    const Text rest = text.substr(at);
    const bool ends = rest.starts_with("</");
    const Text until = rest.starts_with("<!--")        ? "-->"
                       : rest.starts_with("<![CDATA[") ? "]]>"
                       : rest.starts_with("<?")        ? "?>"
                                                       : ">";
    const bool is_tag = until == ">";
    const std::size_t end = is_tag ? end_of_tag(rest) : rest.find(until);
    if (end == Text::npos) {
      result.unfinished = at;
      return result;
    }
    if (is_tag && ends && result.open > 0) --result.open;
    if (is_tag && !ends && rest[end - 1] != '/') ++result.open;
    at += end + until.size();
  }
  return result;
}

class XmlReader {
 public:
  XmlReader(Text original, SecretBuffer& out, SecretBuffer& damaged, const Variables& variables,
            const Limits& limits, Unset& unset)
      : original_(original),
        variables_(variables),
        limits_(limits),
        unset_(unset),
        out_(out),
        damaged_(damaged),
        writer_(out) {}

  Result<void> read();

 private:
  Result<void> messages(const pugi::xml_node& parent, const pugi::xml_node& cut);
  Result<void> message(const pugi::xml_node& node);
  Result<void> part_of(const pugi::xml_node& node, std::size_t offset);
  Result<void> item(const pugi::xml_node& node, Context& around);
  Result<void> structure(const pugi::xml_node& node, Tag tag, const Context& around);
  Result<void> value(const pugi::xml_node& node, Tag tag, Type type, const Parts& parts,
                     const Context& around);
  Result<void> content(const pugi::xml_node& node, SecretBuffer& text) const;
  Result<Parts> parts_of(const pugi::xml_node& node) const;
  Result<Tag> tag_of_element(const pugi::xml_node& node, const Parts& parts) const;
  Result<Type> type_of_element(const pugi::xml_node& node, Tag tag, const Parts& parts,
                               const Context& around) const;
  // One element at most did not end at each depth; the message's own depth is 0.
  bool is_open(const pugi::xml_node& node, std::size_t depth) const {
    return depth < open_.size() && open_[depth] == node;
  }
  // stop ends the reading of a message where it was cut off.
  std::unexpected<Error> stop() {
    stopped_ = true;
    return std::unexpected(Error{});
  }
  bool ends_before(const pugi::xml_node& node, std::size_t offset) const;
  static std::size_t offset_of(const pugi::xml_node& node) {
    return static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug(), 0));
  }
  std::unexpected<Error> wrong(const pugi::xml_node& node, Error error) const {
    return at_line(original_, offset_of(node), path_, std::move(error));
  }

  Text original_;
  const Variables& variables_;
  const Limits& limits_;
  Unset& unset_;
  SecretBuffer& out_;
  SecretBuffer& damaged_;
  Writer writer_;
  std::vector<Tag> path_;
  std::vector<pugi::xml_node> open_;     // by depth: the elements of a message cut off which did not end
  std::size_t unfinished_ = Text::npos;  // what starts from here on is not whole
  bool stopped_ = false;
  std::size_t start_ = 0;    // of the message in out_
  std::uint32_t items_ = 0;  // of the message
};

Result<void> XmlReader::read() {
  if (original_.size() > text_limit(limits_) || is_too_much(original_, limits_))
    return std::unexpected(corrupt("the XML is too long", "split it into several files"));
  if (original_.starts_with("\xff\xfe") || original_.starts_with("\xfe\xff") || !is_utf8(bytes_of(original_)))
    return std::unexpected(corrupt("the XML is not UTF-8", "convert it to UTF-8"));
  if (const std::size_t at = original_.find('\0'); at != Text::npos)
    return at_line(original_, at, {}, corrupt("a NUL character is not XML"));

  // The parser works in this copy: values stay where they are, in memory that is wiped.
  SecretBuffer copy(original_.size());
  copy.append(original_);
  const std::span<char> room(reinterpret_cast<char*>(copy.data()), copy.size());
  // What stands before a bad reference is read like other broken XML.
  const std::size_t reference = prepare(room);
  const bool good = reference == Text::npos;
  pugi::xml_document document;
  constexpr unsigned options = pugi::parse_default | pugi::parse_doctype | pugi::parse_fragment;
  const auto parsed =
      document.load_buffer_inplace(room.data(), good ? room.size() : reference, options, pugi::encoding_utf8);
  if (parsed.status == pugi::status_out_of_memory || parsed.status == pugi::status_internal_error)
    return fail(ErrorKind::internal, "XML: {}", parsed.description());

  if (parsed && good) {
    const std::size_t before = out_.size();
    auto done = messages(document, {});
    if (done && out_.size() == before) return std::unexpected(corrupt("the XML holds no message"));
    return done;
  }
  // Broken XML: the messages that ended before the break are good.
  const auto offset =
      parsed ? reference : static_cast<std::size_t>(std::max<std::ptrdiff_t>(parsed.offset, 0));
  pugi::xml_node last = document.last_child();
  if (local_name(last.name()) == "KMIP") last = last.last_child();
  const bool cut = last && !ends_before(last, offset);
  auto done = messages(document, cut ? last : pugi::xml_node());
  path_.clear();
  if (done && cut && last.type() == pugi::node_element) done = part_of(last, offset);
  if (!done) return done;
  if (!good) return at_line(original_, reference, path_, bad_reference(original_.substr(reference)));
  std::string what = parsed.description();
  what.front() = static_cast<char>(what.front() | 0x20);
  return at_line(original_, offset, path_, corrupt(fmt::format("not well-formed XML: {}", what)));
}

// Reads as much of a message as there is. What is wrong in that part is an error of its own.
Result<void> XmlReader::part_of(const pugi::xml_node& node, std::size_t offset) {
  const std::size_t start = offset_of(node) - std::min<std::size_t>(offset_of(node), 1);
  if (start >= offset) return {};
  const Break found = break_in(original_.substr(start, offset + 1 - start));  // it is of the last character
  if (found.unfinished != Text::npos) unfinished_ = start + found.unfinished;
  pugi::xml_node open = node;
  // What is deeper than the limit is refused before anybody asks whether it ended.
  const std::size_t deepest = std::min<std::size_t>(found.open, std::size_t{limits_.depth} + 1);
  while (open_.size() < deepest && open) {
    open_.push_back(open);
    open = open.last_child();
    while (open && open.type() != pugi::node_element) open = open.previous_sibling();
  }
  auto done = message(node);
  if (stopped_) return {};
  return done;
}

bool XmlReader::ends_before(const pugi::xml_node& node, std::size_t offset) const {
  const std::size_t start = offset_of(node);
  if (start >= offset || node.type() != pugi::node_element) return false;
  const Text inside = original_.substr(start, offset + 1 - start);
  const std::size_t end = inside.rfind(std::string("</").append(node.name()));
  return end != Text::npos && inside.find('>', end) != Text::npos;
}

Result<void> XmlReader::messages(const pugi::xml_node& parent, const pugi::xml_node& cut) {
  for (const pugi::xml_node& node : parent.children()) {
    if (cut && node == cut) return {};
    if (node.type() == pugi::node_doctype)
      return wrong(node, corrupt("a DOCTYPE is not accepted", "remove it"));
    if (is_content(node))
      return wrong(node, corrupt("text between the messages", "put it into comments: <!-- -->"));
    if (node.type() != pugi::node_element) continue;
    const bool is_wrapper = local_name(node.name()) == "KMIP" && parent.type() == pugi::node_document;
    auto done = is_wrapper ? messages(node, cut) : message(node);
    if (!done) return done;
  }
  return {};
}

Result<void> XmlReader::message(const pugi::xml_node& node) {
  start_ = out_.size();
  items_ = 0;
  path_.clear();
  Context top;
  auto done = item(node, top);
  if (done) return done;
  damaged_.append(out_.view().subspan(start_));
  out_.resize(start_);
  return done;
}

Result<void> XmlReader::item(const pugi::xml_node& node, Context& around) {
  if (offset_of(node) > unfinished_) return stop();
  ++items_;
  if (const char* much = beyond_limits(out_.size() - start_, items_, path_.size(), limits_))
    return wrong(node, corrupt(much));
  const auto parts = parts_of(node);
  if (!parts) return std::unexpected(parts.error());
  const auto tag = tag_of_element(node, *parts);
  if (!tag) return std::unexpected(tag.error());
  const bool open = is_open(node, path_.size());
  path_.push_back(*tag);
  const auto type = type_of_element(node, *tag, *parts, around);
  if (!type) return std::unexpected(type.error());

  const std::size_t start = out_.size();
  Result<void> done;
  if (open && *type != Type::Structure) return stop();
  if (*type == Type::Structure) {
    if (is_there(parts->value) || is_there(parts->hex))
      return wrong(node,
                   corrupt("a Structure has no value of its own", "say its type, or put items inside it"));
    done = structure(node, *tag, around);
  } else {
    done = value(node, *tag, *type, *parts, around);
    if (!done) out_.resize(start);
  }
  if (!done) return done;
  if (open) return stop();
  if (out_.size() - start_ > limits_.message) return wrong(node, corrupt("the message is too long"));
  around.note(item_at(out_, start));
  path_.pop_back();
  return {};
}

Result<void> XmlReader::structure(const pugi::xml_node& node, Tag tag, const Context& around) {
  Context inside = around.inside(tag);
  const auto scope = writer_.structure(tag);
  for (const pugi::xml_node& child : node.children()) {
    if (is_content(child)) return wrong(child, corrupt("text inside a Structure", "say the item's type"));
    if (child.type() != pugi::node_element) continue;
    auto done = item(child, inside);
    if (!done) return done;
  }
  return {};
}

Result<void> XmlReader::value(const pugi::xml_node& node, Tag tag, Type type, const Parts& parts,
                              const Context& around) {
  if (is_there(parts.value) && is_there(parts.hex))
    return wrong(node, corrupt("both value and hex are given", "keep one of them"));
  SecretBuffer text;
  if (auto read = content(node, text); !read) return read;
  if (!text.empty() && (is_there(parts.value) || is_there(parts.hex)))
    return wrong(node, corrupt("a value, and text inside the element", "keep one of them"));
  const bool may_be_empty = type == Type::TextString || type == Type::ByteString;
  if (!is_there(parts.value) && !is_there(parts.hex) && text.empty() && !may_be_empty)
    return wrong(node, corrupt("the value is missing", "add value=\"...\""));

  auto done = is_there(parts.hex)
                  ? read_bytes(tag, type, parts.hex, writer_)
                  : read_value(tag, type, is_there(parts.value) ? parts.value : text_of(text.view()), around,
                               variables_, writer_, &unset_);
  if (!done) return wrong(node, std::move(done.error()));
  return {};
}

// content is the text inside an element, comments left out.
Result<void> XmlReader::content(const pugi::xml_node& node, SecretBuffer& text) const {
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() == pugi::node_element)
      return wrong(child, corrupt("an item inside an item that is not a Structure"));
    if (is_content(child)) text.append(Text(child.value()));
  }
  return {};
}

Result<Parts> XmlReader::parts_of(const pugi::xml_node& node) const {
  Parts parts;
  for (const pugi::xml_attribute& attribute : node.attributes()) {
    const Text written = attribute.name();
    if (is_of_xml(written)) continue;
    Text* part = parts.part(local_name(written));
    // That an attribute is broken off says more than its name.
    if (!part && !open_.empty() && node == open_.back()) continue;
    // A misspelt name would make the value vanish.
    if (!part)
      return wrong(node, corrupt(fmt::format("\"{}\" is not an attribute of an item", printable(written, 40)),
                                 known_parts));
    if (is_there(*part)) return wrong(node, corrupt(fmt::format("{} is given twice", written)));
    *part = attribute.value();
  }
  return parts;
}

Result<Tag> XmlReader::tag_of_element(const pugi::xml_node& node, const Parts& parts) const {
  Text element = local_name(node.name());
  if (element.starts_with("_x") || element.starts_with("_X")) element.remove_prefix(1);
  const bool general = element == "TTLV";
  const auto named = general ? std::nullopt : tag_of(element);
  const Text written = is_there(parts.tag) ? parts.tag : general ? parts.name : element;
  const auto tag = named && !is_there(parts.tag) ? named : tag_of(written);
  if (!tag || (named && named != tag))
    return wrong(node, corrupt(fmt::format("\"{}\" is not a tag", printable(written, 64)),
                               "check the spelling, or write <TTLV tag=\"0x540001\" ...>"));
  return *tag;
}

Result<Type> XmlReader::type_of_element(const pugi::xml_node& node, Tag tag, const Parts& parts,
                                        const Context& around) const {
  const bool has_value = is_there(parts.value) || (node.first_child() && is_content(node.first_child()));
  if (!is_there(parts.type) && !has_value && !is_there(parts.hex)) return Type::Structure;
  const auto type = is_there(parts.type) ? type_of(parts.type) : only_type(tag, around);
  if (type) return *type;
  if (!is_there(parts.type)) return wrong(node, corrupt("the type is missing", "add type=\"...\""));
  return wrong(node, corrupt(fmt::format("\"{}\" is not an item type", printable(parts.type, 40)),
                             "write one like TextString, or a number like 0x0B"));
}

}  // namespace

Result<SecretBuffer> write_xml(Bytes messages, const Limits& limits) {
  const bool wrap = !is_one_message(messages);
  XmlWriter writer(wrap ? 1 : 0);
  if (wrap) writer.put("<KMIP>\n");
  if (const auto seen = visit_all(messages, limits, writer); !seen)
    return std::unexpected(to_error(seen.error(), "the message"));
  if (wrap) writer.put("</KMIP>\n");
  return writer.take();
}

Result<void> read_xml(Text xml, SecretBuffer& messages, const Variables& variables, const Limits& limits) {
  SecretBuffer damaged;
  return read_xml_in_part(xml, messages, damaged, variables, limits);
}

Result<void> read_xml_in_part(Text xml, SecretBuffer& messages, SecretBuffer& damaged,
                              const Variables& variables, const Limits& limits, Unset* unset) {
  xml = without_mark(xml);
  Unset own;
  Unset& names = unset ? *unset : own;
  auto done = XmlReader(xml, messages, damaged, variables, limits, names).read();
  if (done || done.error().kind != ErrorKind::invalid_input) return done;
  // A variable has no value. Whoever gives it one wants to give them all: read again for their names alone.
  names.only_names = true;
  SecretBuffer unused;
  SecretBuffer unused_part;
  static_cast<void>(XmlReader(xml, unused, unused_part, variables, limits, names).read());
  tell_all(names, done.error());
  return done;
}

}  // namespace keyway::kmip
