#include <algorithm>
#include <bit>
#include <charconv>
#include <optional>
#include <set>

#include <kmip/model/attributes.h>
#include <kmip/model/identifier.h>
#include <kmip/text/assignment.h>
#include <kmip/text/attribute_text.h>
#include <kmip/text/names.h>
#include <kmip/text/value.h>
#include <kmip/ttlv/codec.h>

namespace keyway::kmip {

namespace {

// Step is one part of a path.
struct Step {
  std::string_view name;
  std::size_t index = 0;
  bool has_index = false;
  std::string_view type;  // after a colon
};

// Open is an assignment on its way down: the steps that are still ahead.
struct Open {
  const Assignment* assignment = nullptr;
  std::string_view ahead;

  bool goes_on() const { return ahead.find('.') != std::string_view::npos; }
  std::string_view rest() const { return goes_on() ? ahead.substr(ahead.find('.') + 1) : std::string_view(); }
};

Error about(const Assignment& assignment, ErrorKind kind, std::string what, std::string advice = {}) {
  return {kind, fmt::format("{}: {}", printable(assignment.path, 128), what), std::move(advice), {}};
}

// The names of attributes may hold dots and colons: what stands behind the step of an attribute list is one
// name.
Result<Step> first_step(const Open& open) {
  Step step;
  const std::string_view part = open.ahead.substr(0, open.ahead.find('.'));
  step.name = part;
  if (const auto colon = part.find(':'); colon != std::string_view::npos) {
    step.name = part.substr(0, colon);
    step.type = part.substr(colon + 1);
  }
  if (const auto bracket = step.name.find('['); bracket != std::string_view::npos) {
    const std::string_view number = step.name.substr(bracket + 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), step.index);
    if (error != std::errc{} || std::string_view(end, number.data() + number.size()) != "]")
      return std::unexpected(
          about(*open.assignment, ErrorKind::invalid_input, "a number and ']' belong behind '['"));
    step.name = step.name.substr(0, bracket);
    step.has_index = true;
  }
  if (step.name.empty() || (open.goes_on() && open.rest().empty()))
    return std::unexpected(about(*open.assignment, ErrorKind::invalid_input, "a part of the path is empty"));
  if (part.find(':') != std::string_view::npos && !type_of(step.type))
    return std::unexpected(about(*open.assignment, ErrorKind::invalid_input,
                                 fmt::format("'{}' is no item type", printable(step.type, 64))));
  return step;
}

bool holds_attributes(const Row& row) {
  return row.custom == &template_attribute_codec || row.custom == &attribute_item_codec ||
         row.custom == &some_attribute_items_codec || row.custom == &one_attribute_item_codec ||
         row.custom == &attributes_codec || row.custom == &one_attribute_codec;
}

bool holds_attribute_names(const Row& row) {
  return row.custom == &attribute_name_codec || row.custom == &attribute_reference_codec ||
         row.custom == &one_attribute_name_codec || row.custom == &one_attribute_reference_codec;
}

// What a row is called here: attributes have one name in both generations.
std::string field_name(const Row& row) {
  if (holds_attribute_names(row)) return "AttributeName";
  if (row.custom == &attribute_item_codec || row.custom == &some_attribute_items_codec) return "Attributes";
  if (row.custom == &one_attribute_item_codec) return "NewAttribute";
  std::string text = row.takes_any() ? "ANY" : name(row.tag);
  if (row.custom == &template_attribute_codec) {
    const auto end = text.find("TemplateAttribute");
    return text.substr(0, end) + "Attributes";
  }
  return text;
}

bool is_structure(const Row& row) {
  return row.kind == Kind::structure || (row.kind == Kind::raw && row.type == Type::Structure);
}

// What a structure may hold beside its fields has no names to assign by.
bool is_meant(const Row& row, const Step& step) {
  if (row.takes_any()) return false;
  if (folded(field_name(row)) == folded(step.name)) return true;
  const auto tag = tag_of(step.name);
  return tag && *tag == row.tag;
}

// Of rows with the same name the type after a colon decides, or whether there are fields.
bool fits(const Row& row, const Open& open, const Step& step) {
  if (holds_attributes(row) || holds_attribute_names(row)) return true;
  if (!step.type.empty() && row.type != Type{} && type_of(step.type) != row.type) return false;
  return is_structure(row) == open.goes_on() || (is_structure(row) && open.assignment->value.empty());
}

class Builder {
 public:
  Builder(SecretBuffer& out, Version version) : out_(out), encoder_(out, version) {}

  Result<void> structure(const Shape& shape, Tag tag, std::vector<Open> opens) {
    const auto scope = encoder_.writer().structure(tag);
    std::vector<const Row*> seen;
    for (const Row& row : shape.rows) {
      if (!row.versions.holds(encoder_.version())) continue;
      auto meant = taken_by(row, opens);
      if (!meant) return std::unexpected(std::move(meant.error()));
      if (meant->empty() && writes_empty(row)) seen.push_back(&row);
      if (meant->empty()) continue;
      seen.push_back(&row);
      path_.push_back(field_name(row));
      if (auto done = field(row, *meant); !done) return done;
      path_.pop_back();
    }
    if (!opens.empty()) return std::unexpected(unknown(shape, opens.front()));
    return nothing_missing(shape, seen);
  }

 private:
  // A list of attributes that has to be there may be empty.
  bool writes_empty(const Row& row) {
    const bool is_list = row.custom == &attributes_codec || row.custom == &template_attribute_codec;
    if (!is_list || !row.demanded(encoder_.version())) return false;
    const Attributes none;
    return row.custom->encode(encoder_, row.tag, &none);
  }

  // Moves the assignments that a row takes out of `opens`.
  Result<std::vector<Open>> taken_by(const Row& row, std::vector<Open>& opens) {
    std::vector<Open> meant, others;
    for (const Open& open : opens) {
      const auto step = first_step(open);
      if (!step) return std::unexpected(step.error());
      (is_meant(row, *step) && fits(row, open, *step) ? meant : others).push_back(open);
    }
    opens = std::move(others);
    return meant;
  }

  // Of rows that are alternatives one is enough.
  Result<void> nothing_missing(const Shape& shape, const std::vector<const Row*>& seen) const {
    for (const Row& row : shape.rows) {
      if (!row.demanded(encoder_.version()) || !row.versions.holds(encoder_.version())) continue;
      if (std::ranges::any_of(seen, [&](const Row* other) { return row.alternative_to(*other); })) continue;
      std::string path;
      for (const std::string& part : path_) path += part + ".";
      std::string missing = path + field_name(row);
      // Of the objects that a payload may hold the table names them all.
      for (const Row& other : shape.rows)
        if (&other != &row && row.is_alternative && other.is_alternative &&
            other.versions.holds(encoder_.version()))
          missing += " or " + path + field_name(other);
      return fail_with_advice(ErrorKind::invalid_input, "this structure cannot do without it",
                              "{} is missing", missing);
    }
    return {};
  }

  Error unknown(const Shape& shape, const Open& open) const {
    const auto step = first_step(open);
    const Version version = encoder_.version();
    const auto meant = [&](const Row& row) { return step && is_meant(row, *step); };
    std::string known;
    for (const Row& row : shape.rows) {
      if (!row.versions.holds(version) || row.takes_any()) continue;
      if (meant(row)) return misfit(row, open, *step);
      const std::string field = " " + field_name(row);
      if (!known.ends_with(field)) known += field;
    }
    if (std::ranges::any_of(shape.rows, meant))
      return about(*open.assignment, ErrorKind::unsupported,
                   fmt::format("{} does not exist in KMIP {}", step->name, name(version)));
    return about(*open.assignment, ErrorKind::invalid_input,
                 fmt::format("there is no field '{}' here", printable(step ? step->name : open.ahead, 64)),
                 known.empty() ? "there are no fields" : fmt::format("the fields are:{}", known));
  }

  // The field is there, and is something else.
  static Error misfit(const Row& row, const Open& open, const Step& step) {
    const std::string field = field_name(row);
    std::string what = fmt::format("{} is no {}", field, step.type);
    if (step.type.empty() || type_of(step.type) == row.type || row.type == Type{})
      what = is_structure(row) ? fmt::format("{0} is a structure: write {0}.FIELD=VALUE", field)
                               : fmt::format("{} has no fields", field);
    return about(*open.assignment, ErrorKind::invalid_input, std::move(what));
  }

  Result<void> field(const Row& row, const std::vector<Open>& meant) {
    if (holds_attributes(row)) return attributes(row, meant);
    if (holds_attribute_names(row)) return attribute_names(row, meant);
    if (is_structure(row)) return structures(row, meant);
    if (meant.size() > 1 && !row.repeats(encoder_.version()))
      return std::unexpected(
          about(*meant[1].assignment, ErrorKind::invalid_input, "this field stands once only"));
    for (const Open& open : meant)
      if (auto done = value(row, open); !done) return done;
    return {};
  }

  // One structure for each index.
  Result<void> structures(const Row& row, std::vector<Open> meant) {
    std::set<std::size_t> indices;
    for (const Open& open : meant) indices.insert(first_step(open)->index);
    if (indices.size() > 1 && !row.repeats(encoder_.version()))
      return std::unexpected(
          about(*meant[1].assignment, ErrorKind::invalid_input, "this structure stands once only"));
    for (const std::size_t index : indices) {
      std::vector<Open> inside;
      for (const Open& open : meant)
        if (first_step(open)->index == index && open.goes_on())
          inside.push_back({open.assignment, open.rest()});
      auto done = row.kind == Kind::raw ? tree(row.tag, inside) : structure(*row.shape, row.tag, inside);
      if (!done) return done;
    }
    return {};
  }

  // A structure whose fields depend on something else: items in the order they are given.
  Result<void> tree(Tag tag, const std::vector<Open>& opens) {
    const auto scope = encoder_.writer().structure(tag);
    for (std::size_t i = 0; i < opens.size();) {
      const auto step = first_step(opens[i]);
      if (!step) return std::unexpected(step.error());
      const auto inner = tag_of(step->name);
      if (!inner)
        return std::unexpected(about(*opens[i].assignment, ErrorKind::invalid_input,
                                     fmt::format("'{}' is no tag", printable(step->name, 64))));
      std::vector<Open> inside;
      std::size_t end = i;
      for (; end < opens.size() && opens[end].goes_on(); ++end) {
        const auto other = first_step(opens[end]);
        if (!other || tag_of(other->name) != inner || other->index != step->index) break;
        inside.push_back({opens[end].assignment, opens[end].rest()});
      }
      auto done =
          inside.empty() ? item(*inner, step->type, *opens[i].assignment, nullptr) : tree(*inner, inside);
      if (!done) return done;
      i = inside.empty() ? i + 1 : end;
    }
    return {};
  }

  Result<void> value(const Row& row, const Open& open) {
    const auto step = first_step(open);
    if (!step) return std::unexpected(step.error());
    if (auto alone = no_index(open, *step); !alone) return alone;
    return item(row.tag, step->type, *open.assignment, &row);
  }

  static Result<void> no_index(const Open& open, const Step& step) {
    if (!step.has_index) return {};
    return std::unexpected(about(*open.assignment, ErrorKind::invalid_input, "only structures have an index",
                                 "a field that repeats is assigned to several times"));
  }

  // Writes one item. A row of one type decides; else the colon does, else what the tag usually is.
  Result<void> item(Tag tag, std::string_view type_name, const Assignment& assignment, const Row* row) {
    std::optional<Type> type;
    if (!type_name.empty()) {
      type = type_of(type_name);
    } else if (row && row->type != Type{}) {
      type = row->type;
    } else {
      type = row && row->custom == &identifier_codec ? Type::TextString : only_type(tag, {});
    }
    if (!type || *type == Type::Structure) return std::unexpected(no_type(tag, type, assignment));
    if (row && row->custom == &identifier_codec && *type != Type::TextString &&
        encoder_.version() < Version::V2_0)
      return std::unexpected(about(assignment, ErrorKind::unsupported,
                                   fmt::format("it is a TextString in KMIP {}", name(encoder_.version()))));
    if (assignment.is_bytes) return bytes(tag, *type, assignment);
    auto done = read_value(tag, *type, assignment.value.reveal_text(), {}, Variables(), encoder_.writer());
    if (!done)
      return std::unexpected(
          about(assignment, ErrorKind::invalid_input, done.error().what, done.error().advice));
    return {};
  }

  static Error no_type(Tag tag, std::optional<Type> type, const Assignment& assignment) {
    const TagInfo* info = find(tag);
    const unsigned types = info ? info->types : 0U;
    if (type || (types >> static_cast<unsigned>(Type::Structure) & 1) != 0)
      return about(assignment, ErrorKind::invalid_input,
                   fmt::format("{0} is a structure: write {0}.FIELD=VALUE", name(tag)));
    const Type example = types == 0 ? Type::TextString : static_cast<Type>(std::countr_zero(types));
    return about(assignment, ErrorKind::invalid_input, "it may be of several types",
                 fmt::format("say which: {}:{}=VALUE", name(tag), name(example)));
  }

  Result<void> bytes(Tag tag, Type type, const Assignment& assignment) {
    if (type != Type::ByteString && type != Type::TextString)
      return std::unexpected(
          about(assignment, ErrorKind::invalid_input, "only byte and text strings are read from files"));
    encoder_.writer().bytes(tag, assignment.value.reveal(), type);
    return {};
  }

  // "Attributes=" is a list that is there and empty.
  Result<void> attributes(const Row& row, const std::vector<Open>& meant) {
    Attributes list;
    for (const Open& open : meant) {
      const auto step = first_step(open);
      if (auto alone = no_index(open, *step); !alone) return alone;
      if (!open.goes_on() && open.assignment->value.empty()) continue;
      if (!open.goes_on())
        return std::unexpected(about(*open.assignment, ErrorKind::invalid_input,
                                     "name the attribute: " + field_name(row) + ".NAME=VALUE"));
      if (auto added = attribute(list, open.rest(), *open.assignment); !added)
        return std::unexpected(
            about(*open.assignment, added.error().kind, added.error().what, added.error().advice));
    }
    return encoded(row, &list, *meant.front().assignment);
  }

  // The content of a file is the text itself.
  static Result<void> attribute(Attributes& list, std::string_view name, const Assignment& assignment) {
    const auto id = attribute_id(name);
    if (!id) return std::unexpected(id.error());
    const auto* info = id->is_custom() ? nullptr : find_attribute(id->tag);
    const bool is_text =
        !info || id->tag == Tag::Name || (info->types >> static_cast<unsigned>(Type::TextString) & 1) != 0;
    if (assignment.is_bytes && !is_text)
      return fail(ErrorKind::invalid_input, "only byte and text strings are read from files");
    return add_attribute(list, name, assignment.value.reveal_text());
  }

  Result<void> attribute_names(const Row& row, const std::vector<Open>& meant) {
    AttributeIds list;
    for (const Open& open : meant) {
      const auto step = first_step(open);
      if (auto alone = no_index(open, *step); !alone) return alone;
      if (open.goes_on())
        return std::unexpected(
            about(*open.assignment, ErrorKind::invalid_input, fmt::format("{} has no fields", step->name)));
      auto id = attribute_id(open.assignment->value.reveal_text());
      if (!id)
        return std::unexpected(about(*open.assignment, id.error().kind, id.error().what, id.error().advice));
      list.ids.push_back(std::move(*id));
    }
    return encoded(row, &list, *meant.front().assignment);
  }

  Result<void> encoded(const Row& row, const void* list, const Assignment& assignment) {
    if (row.custom->encode(encoder_, row.tag, list)) return {};
    const CodecError& error = encoder_.error();
    const auto kind = error.code == Errc::not_in_version ? ErrorKind::unsupported : ErrorKind::invalid_input;
    return std::unexpected(about(assignment, kind, fmt::format("{}: {}", name(error.tag), name(error.code))));
  }

  SecretBuffer& out_;
  Encoder encoder_;
  std::vector<std::string> path_;  // of the structure that is being written
};

std::string type_of_row(const Row& row) {
  if (holds_attributes(row)) return "attribute";
  if (holds_attribute_names(row)) return "name of an attribute";
  if (row.custom == &identifier_codec) return "TextString; from 2.0 also Enumeration or Integer";
  if (row.type == Type{}) return "any";
  const TagInfo* info = find(row.tag);
  const Enumeration enumeration = info ? info->enumeration : Enumeration::none;
  const bool named =
      enumeration != Enumeration::none && (row.type == Type::Enumeration || is_mask(enumeration));
  return named ? fmt::format("{} {}", name(row.type), name(enumeration)) : std::string(name(row.type));
}

void list_fields(const Shape& shape, const std::string& before, std::set<const Shape*>& seen,
                 std::vector<FieldInfo>& into) {
  for (const Row& row : shape.rows) {
    if (row.versions.first > newest_version) continue;
    FieldInfo info;
    info.path = before + field_name(row) + (holds_attributes(row) ? ".NAME" : "");
    info.type = type_of_row(row);
    info.versions = row.versions;
    info.required = row.required;
    info.required_in = {std::max(row.versions.first, row.required_in.first),
                        std::min(row.versions.last, row.required_in.last)};
    info.repeats = row.cardinality == Cardinality::many ||
                   (holds_attributes(row) && row.custom != &one_attribute_codec &&
                    row.custom != &one_attribute_item_codec);
    const TagInfo* tag = find(row.tag);
    info.secret = row.is_secret || (tag && tag->sensitive);
    // The two generations of a list of attributes are one field here.
    const auto same = std::ranges::find(into, info.path, &FieldInfo::path);
    if (same != into.end() && same->type == info.type) {
      same->versions = {std::min(same->versions.first, info.versions.first),
                        std::max(same->versions.last, info.versions.last)};
      same->required |= info.required;
      continue;
    }
    into.push_back(info);
    if (row.kind == Kind::structure && seen.insert(row.shape).second)
      list_fields(*row.shape, info.path + ".", seen, into);
  }
}

}  // namespace

Result<Assignment> assignment_of(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0)
    return fail(ErrorKind::invalid_input, "'{}' is no assignment: write PATH=VALUE", printable(text, 64));
  return Assignment{std::string(text.substr(0, equals)), Secret(Text(text.substr(equals + 1))), false};
}

Result<SecretBuffer> build_payload(const Shape& shape, Tag tag, Version version,
                                   std::span<const Assignment> assignments) {
  SecretBuffer out;
  std::vector<Open> opens;
  for (const Assignment& assignment : assignments) opens.push_back({&assignment, assignment.path});
  if (auto done = Builder(out, version).structure(shape, tag, std::move(opens)); !done)
    return std::unexpected(std::move(done.error()));
  return out;
}

bool may_be_secret(std::string_view path) {
  while (!path.empty()) {
    const std::string_view step = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(path.size(), step.size() + 1));
    const auto tag = tag_of(step.substr(0, step.find_first_of("[:")));
    const TagInfo* info = tag ? find(*tag) : nullptr;
    if (info && info->sensitive) return true;
  }
  return false;
}

std::vector<FieldInfo> fields_of(const Shape& shape) {
  std::vector<FieldInfo> fields;
  std::set<const Shape*> seen{&shape};
  list_fields(shape, "", seen, fields);
  return fields;
}

}  // namespace keyway::kmip
