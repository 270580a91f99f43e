#include <core/json_nodes.h>
#include <core/utf8.h>
#include <kmip/text/json.h>
#include <kmip/text/number.h>
#include <kmip/text/place.h>
#include <kmip/text/visit.h>

namespace keyway::kmip {

namespace {

// ---- writing

class JsonWriter final : public ItemVisitor {
 public:
  explicit JsonWriter(std::uint32_t outer_depth) : outer_(outer_depth) {}

  void put(Text text) { out_.append(text); }
  SecretBuffer take() { return std::move(out_); }

  void open(const Raw& structure, std::uint32_t depth) override {
    start(structure.tag, depth);
    put(", \"value\":[");
    first_ = true;
  }
  void close(const Raw& structure, std::uint32_t depth) override {
    if (!structure.value.empty()) line(depth);
    put("]}");
    first_ = false;
  }
  void value(const Raw& item, const TagInfo* meaning, std::uint32_t depth) override {
    start(item.tag, depth);
    put(", \"type\":\"");
    put(type_text(item.type));
    value_.clear();
    const Form form = write_value(item, meaning, Notation::json, value_);
    put(form == Form::bytes ? "\", \"hex\":" : "\", \"value\":");
    if (form != Form::bare) put("\"");
    if (form == Form::text)
      escape_json(text_of(item.value), out_);
    else
      out_.append(value_.view());
    put(form == Form::bare ? "}" : "\"}");
    first_ = false;
  }

 private:
  void line(std::uint32_t depth) {
    if (!out_.empty()) put("\n");
    for (std::uint32_t i = 0; i < depth + outer_; ++i) put("  ");
  }
  void start(Tag tag, std::uint32_t depth) {
    if (!first_) put(",");
    line(depth);
    put("{\"tag\":\"");
    put(tag_text(tag));
    put("\"");
  }

  SecretBuffer out_;
  SecretBuffer value_;
  std::uint32_t outer_;
  bool first_ = true;  // nothing stands before the next item in its array
};

// ---- reading

constexpr std::uint32_t no_node = 0xffffffff;

// Members is where the parts of an item are.
struct Members {
  std::uint32_t tag = no_node, name = no_node, type = no_node, value = no_node, hex = no_node;

  std::uint32_t* part(Text member) {
    const auto named = part_named(member);
    std::uint32_t* const parts[part_count] = {&tag, &name, &type, &value, &hex};
    return named ? parts[static_cast<std::size_t>(*named)] : nullptr;
  }
};

class JsonReader {
 public:
  JsonReader(Text text, SecretBuffer& out, SecretBuffer& damaged, const Variables& variables,
             const Limits& limits, Unset& unset)
      : text_(text),
        variables_(variables),
        limits_(limits),
        unset_(unset),
        out_(out),
        damaged_(damaged),
        writer_(out) {}

  Result<void> read();

 private:
  Result<void> document();
  Result<void> after_problem(const JsonProblem& problem);
  Result<void> message(std::uint32_t node);
  Result<void> item(std::uint32_t node, Context& around);
  Result<void> structure(const Members& members, Tag tag, const Context& around);
  Result<void> value(std::uint32_t node, const Members& members, Tag tag, Type type, const Context& around);
  Result<void> scalar(std::uint32_t node, Tag tag, Type type, const Context& around);
  Result<Members> members_of(std::uint32_t node) const;
  Result<Tag> tag_of_item(std::uint32_t node, const Members& members) const;
  Result<Type> type_of_item(std::uint32_t node, const Members& members, Tag tag, const Context& around) const;

  const JsonNode& at(std::uint32_t node) const { return document_.nodes[node]; }
  bool is(std::uint32_t node, JsonKind kind) const { return node != no_node && at(node).kind == kind; }
  Text source(std::uint32_t node) const {
    return text_.substr(at(node).begin, at(node).end - at(node).begin);
  }
  // Broken JSON leaves nodes open: what they hold goes on to the last node.
  bool is_open(std::uint32_t node) const { return at(node).next == 0; }
  std::uint32_t after(std::uint32_t node) const {
    return is_open(node) ? static_cast<std::uint32_t>(document_.nodes.size()) : at(node).next;
  }
  // stop ends the reading of a message where it was cut off.
  std::unexpected<Error> stop() {
    stopped_ = true;
    return std::unexpected(Error{});
  }
  // A string's meaning, in memory that is wiped.
  SecretBuffer string(std::uint32_t node) const {
    SecretBuffer out;
    unescape_json(source(node), out);
    return out;
  }
  std::unexpected<Error> wrong(std::uint32_t node, Error error) const {
    return at_line(text_, at(node).begin, path_, std::move(error));
  }

  Text text_;
  const Variables& variables_;
  const Limits& limits_;
  Unset& unset_;
  SecretBuffer& out_;
  SecretBuffer& damaged_;
  Writer writer_;
  JsonDocument document_;
  std::vector<Tag> path_;
  std::size_t start_ = 0;    // of the message in out_
  std::uint32_t items_ = 0;  // of the message
  bool stopped_ = false;
};

Result<void> JsonReader::read() {
  if (text_.size() > text_limit(limits_))
    return std::unexpected(corrupt("the JSON is too long", "split it into several files"));
  if (!is_utf8(bytes_of(text_)))
    return std::unexpected(corrupt("the JSON is not UTF-8", "convert it to UTF-8"));
  const std::size_t before = out_.size();
  for (std::size_t offset = past_json_space(text_, 0); offset < text_.size();
       offset = past_json_space(text_, document_.end)) {
    document_ = {};
    // An item is an object in an array, so that a structure goes two deeper; members and their names are
    // nodes.
    constexpr std::size_t nodes_of_an_item = 16;
    const auto problem =
        parse_json(text_, offset, 2 * limits_.depth + 2,
                   nodes_of_an_item * std::size_t{limits_.elements} + nodes_of_an_item, document_);
    if (problem) return after_problem(*problem);
    if (auto done = document(); !done) return done;
  }
  if (out_.size() == before) return std::unexpected(corrupt("the JSON holds no message"));
  return {};
}

Result<void> JsonReader::document() {
  if (is(0, JsonKind::object)) return message(0);
  if (!is(0, JsonKind::array))
    return wrong(0, corrupt("this is not a message", "write an object with \"tag\" and \"value\""));
  for (std::uint32_t node = 1; node < at(0).next; node = at(node).next)
    if (auto done = message(node); !done) return done;
  return {};
}

// Broken JSON: the messages that an array held before the break are good, and of the next one what there is.
// What is wrong in that part is an error of its own.
Result<void> JsonReader::after_problem(const JsonProblem& problem) {
  const auto end = static_cast<std::uint32_t>(document_.nodes.size());
  const bool list = end > 0 && is(0, JsonKind::array);
  for (std::uint32_t node = list ? 1 : 0; node < end && (list || is(0, JsonKind::object));
       node = after(node)) {
    path_.clear();
    if (is_open(node) && !is(node, JsonKind::object)) break;
    if (auto done = message(node); !done && !stopped_) return done;
  }
  if (!stopped_) path_.clear();
  return at_line(text_, problem.offset, path_,
                 corrupt(fmt::format("not well-formed JSON: {}", problem.what)));
}

Result<void> JsonReader::message(std::uint32_t node) {
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

Result<void> JsonReader::item(std::uint32_t node, Context& around) {
  ++items_;
  if (const char* much = beyond_limits(out_.size() - start_, items_, path_.size(), limits_))
    return wrong(node, corrupt(much));
  if (!is(node, JsonKind::object))
    return wrong(node,
                 corrupt("this is not an item", "write an object with \"tag\", \"type\" and \"value\""));
  const auto members = members_of(node);
  if (!members) return std::unexpected(members.error());
  // Of an item that does not end only a structure's items are sure.
  if (is_open(node) &&
      ((members->tag == no_node && members->name == no_node) || !is(members->value, JsonKind::array)))
    return stop();
  const auto tag = tag_of_item(node, *members);
  if (!tag) return std::unexpected(tag.error());
  path_.push_back(*tag);
  const auto type = type_of_item(node, *members, *tag, around);
  if (!type) return std::unexpected(type.error());

  if (is_open(node) && *type != Type::Structure) return stop();
  const std::size_t start = out_.size();
  auto done = *type == Type::Structure ? structure(*members, *tag, around)
                                       : value(node, *members, *tag, *type, around);
  if (!done && *type != Type::Structure) out_.resize(start);
  if (!done) return done;
  if (is_open(node)) return stop();
  if (out_.size() - start_ > limits_.message) return wrong(node, corrupt("the message is too long"));
  around.note(item_at(out_, start));
  path_.pop_back();
  return {};
}

Result<void> JsonReader::structure(const Members& members, Tag tag, const Context& around) {
  if (members.hex != no_node) return wrong(members.hex, corrupt("a Structure has no bytes of its own"));
  Context inside = around.inside(tag);
  const auto scope = writer_.structure(tag);
  const std::uint32_t list = members.value;
  if (list == no_node || is(list, JsonKind::null)) return {};
  if (!is(list, JsonKind::array))
    return wrong(list, corrupt("the value of a Structure is an array of items",
                               "say the type if it is not a Structure"));
  for (std::uint32_t child = list + 1; child < after(list); child = after(child)) {
    if (is_open(child) && !is(child, JsonKind::object)) return stop();
    if (auto done = item(child, inside); !done) return done;
  }
  return {};
}

Result<void> JsonReader::value(std::uint32_t node, const Members& members, Tag tag, Type type,
                               const Context& around) {
  if ((members.value == no_node) == (members.hex == no_node))
    return wrong(node, members.hex == no_node ? corrupt("the value is missing", "add \"value\"")
                                              : corrupt("both value and hex are given", "keep one of them"));
  Result<void> done;
  const std::uint32_t given = members.hex == no_node ? members.value : members.hex;
  if (members.hex == no_node)
    done = scalar(given, tag, type, around);
  else if (is(given, JsonKind::string))
    done = read_bytes(tag, type, text_of(string(given).view()), writer_);
  else
    done = std::unexpected(corrupt("hex is not a string"));
  if (!done) return wrong(given, std::move(done.error()));
  return {};
}

Result<void> JsonReader::scalar(std::uint32_t node, Tag tag, Type type, const Context& around) {
  const bool is_string = is(node, JsonKind::string);
  if (is_string)
    return read_value(tag, type, text_of(string(node).view()), around, variables_, writer_, &unset_);
  const bool needs_string = type > Type::Boolean && type != Type::DateTime && type != Type::Interval &&
                            type != Type::DateTimeExtended;
  const bool fits = is(node, JsonKind::number) || (is(node, JsonKind::boolean) && type == Type::Boolean);
  if (needs_string || !fits)
    return std::unexpected(
        corrupt(fmt::format("not the JSON of the type {}", type_text(type)), "write a string"));
  if (type != Type::BigInteger)
    return read_value(tag, type, source(node), around, variables_, writer_, &unset_);
  const auto number = parse_signed<std::uint64_t>(source(node));
  if (!number)
    return std::unexpected(
        corrupt("not a whole number of 64 bits", "write it in hexadecimal: \"0x0000000000000001\""));
  return read_value(tag, type, fmt::format("0x{:016x}", *number), around, variables_, writer_, &unset_);
}

Result<Members> JsonReader::members_of(std::uint32_t node) const {
  Members members;
  for (std::uint32_t name = node + 1; name < after(node);) {
    const std::uint32_t value = after(name);
    // A name without its value, or a string without its end, is where broken JSON ends.
    if (value >= after(node) || (is_open(value) && is(value, JsonKind::string))) break;
    const SecretBuffer member = string(name);
    std::uint32_t* part = members.part(text_of(member.view()));
    // A misspelt name would make the value vanish.
    if (!part)
      return wrong(name, corrupt(fmt::format("\"{}\" is not a member of an item",
                                             printable(text_of(member.view()), 40)),
                                 known_parts));
    if (*part != no_node)
      return wrong(name, corrupt(fmt::format("\"{}\" is given twice", text_of(member.view()))));
    *part = value;
    name = after(value);
  }
  return members;
}

Result<Tag> JsonReader::tag_of_item(std::uint32_t node, const Members& members) const {
  const std::uint32_t given = members.tag == no_node ? members.name : members.tag;
  if (!is(given, JsonKind::string)) return wrong(node, corrupt("the tag is missing", "add \"tag\":\"...\""));
  const SecretBuffer text = string(given);
  if (const auto tag = tag_of(text_of(text.view()))) return *tag;
  return wrong(given, corrupt(fmt::format("\"{}\" is not a tag", printable(text_of(text.view()), 64)),
                              "check the spelling, or write its number: \"0x540001\""));
}

Result<Type> JsonReader::type_of_item(std::uint32_t node, const Members& members, Tag tag,
                                      const Context& around) const {
  if (members.type == no_node) {
    const bool is_structure =
        members.hex == no_node &&
        (members.value == no_node || is(members.value, JsonKind::null) || is(members.value, JsonKind::array));
    if (is_structure) return Type::Structure;
    if (const auto type = only_type(tag, around)) return *type;
    return wrong(node, corrupt("the type is missing", "add \"type\":\"...\""));
  }
  if (!is(members.type, JsonKind::string)) return wrong(members.type, corrupt("the type is not a string"));
  const SecretBuffer text = string(members.type);
  if (const auto type = type_of(text_of(text.view()))) return *type;
  return wrong(members.type,
               corrupt(fmt::format("\"{}\" is not an item type", printable(text_of(text.view()), 40)),
                       "write one like TextString, or a number like 0x0B"));
}

}  // namespace

Result<SecretBuffer> write_json(Bytes messages, const Limits& limits) {
  const bool list = !is_one_message(messages);
  JsonWriter writer(list ? 1 : 0);
  if (list) writer.put("[");
  if (const auto seen = visit_all(messages, limits, writer); !seen)
    return std::unexpected(to_error(seen.error(), "the message"));
  writer.put(list ? "\n]\n" : "\n");
  return writer.take();
}

Result<void> read_json(Text json, SecretBuffer& messages, const Variables& variables, const Limits& limits) {
  SecretBuffer damaged;
  return read_json_in_part(json, messages, damaged, variables, limits);
}

Result<void> read_json_in_part(Text json, SecretBuffer& messages, SecretBuffer& damaged,
                               const Variables& variables, const Limits& limits, Unset* unset) {
  json = without_mark(json);
  Unset own;
  Unset& names = unset ? *unset : own;
  auto done = JsonReader(json, messages, damaged, variables, limits, names).read();
  if (done || done.error().kind != ErrorKind::invalid_input) return done;
  // A variable has no value. Whoever gives it one wants to give them all: read again for their names alone.
  names.only_names = true;
  SecretBuffer unused;
  SecretBuffer unused_part;
  static_cast<void>(JsonReader(json, unused, unused_part, variables, limits, names).read());
  tell_all(names, done.error());
  return done;
}

}  // namespace keyway::kmip
