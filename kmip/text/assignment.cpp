#include <algorithm>
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
  std::string_view type;  // after a colon; of the last step only
};

// Open is an assignment on its way down: the steps that are still ahead.
struct Open {
  const Assignment* assignment = nullptr;
  std::string_view ahead;
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
  }
  return step;
}

std::string_view rest_of(const Open& open) {
  const auto dot = open.ahead.find('.');
  return dot == std::string_view::npos ? std::string_view() : open.ahead.substr(dot + 1);
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

bool is_meant(const Row& row, const Step& step) {
  if (folded(field_name(row)) == folded(step.name)) return true;
  const auto tag = tag_of(step.name);
  return tag && *tag == row.tag && !row.takes_any();
}

class Builder {
 public:
  Builder(SecretBuffer& out, Version version) : out_(out), encoder_(out, version) {}

  Result<void> structure(const Shape& shape, Tag tag, std::vector<Open> opens) {
    const auto scope = encoder_.writer().structure(tag);
    for (std::size_t i = 0; i < shape.rows.size(); ++i) {
      const Row& row = shape.rows[i];
      if (!row.versions.holds(encoder_.version())) continue;
      auto meant = taken_by(row, opens);
      if (!meant) return std::unexpected(std::move(meant.error()));
      if (meant->empty()) continue;
      if (auto done = field(row, *meant); !done) return done;
    }
    if (!opens.empty()) return std::unexpected(unknown(shape, opens.front()));
    return {};
  }

 private:
  // Moves the assignments that a row takes out of `opens`.
  Result<std::vector<Open>> taken_by(const Row& row, std::vector<Open>& opens) {
    std::vector<Open> meant, others;
    for (const Open& open : opens) {
      const auto step = first_step(open);
      if (!step) return std::unexpected(step.error());
      const bool fits = step->type.empty() || row.type == Type{} || type_of(step->type) == row.type;
      (is_meant(row, *step) && fits ? meant : others).push_back(open);
    }
    opens = std::move(others);
    return meant;
  }

  Error unknown(const Shape& shape, const Open& open) const {
    const auto step = first_step(open);
    std::string known;
    for (const Row& row : shape.rows) {
      if (step && is_meant(row, *step) && !row.versions.holds(encoder_.version()))
        return about(*open.assignment, ErrorKind::unsupported,
                     fmt::format("{} does not exist in KMIP {}", step->name, name(encoder_.version())));
      const std::string field = " " + field_name(row);
      if (row.versions.holds(encoder_.version()) && !known.ends_with(field)) known += field;
    }
    return about(*open.assignment, ErrorKind::invalid_input,
                 fmt::format("there is no field '{}' here", printable(step ? step->name : open.ahead, 64)),
                 known.empty() ? "it has no fields" : fmt::format("its fields are:{}", known));
  }

  Result<void> field(const Row& row, const std::vector<Open>& meant) {
    if (holds_attributes(row)) return attributes(row, meant);
    if (holds_attribute_names(row)) return attribute_names(row, meant);
    if (row.kind == Kind::structure || (row.kind == Kind::raw && row.type == Type::Structure))
      return structures(row, meant);
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
        if (first_step(open)->index == index && !rest_of(open).empty())
          inside.push_back({open.assignment, rest_of(open)});
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
      for (; end < opens.size() && !rest_of(opens[end]).empty(); ++end) {
        const auto other = first_step(opens[end]);
        if (!other || tag_of(other->name) != inner || other->index != step->index) break;
        inside.push_back({opens[end].assignment, rest_of(opens[end])});
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
    if (!rest_of(open).empty())
      return std::unexpected(
          about(*open.assignment, ErrorKind::invalid_input, fmt::format("{} has no fields", step->name)));
    return item(row.tag, step->type, *open.assignment, &row);
  }

  // Writes one item. A row of one type decides; else the colon does, else what the tag usually is.
  Result<void> item(Tag tag, std::string_view type_name, const Assignment& assignment, const Row* row) {
    std::optional<Type> type;
    if (!type_name.empty()) {
      type = type_of(type_name);
      if (!type)
        return std::unexpected(about(assignment, ErrorKind::invalid_input,
                                     fmt::format("'{}' is no item type", printable(type_name, 64))));
    } else if (row && row->type != Type{}) {
      type = row->type;
    } else {
      type = row && row->custom == &identifier_codec ? Type::TextString : only_type(tag, {});
    }
    if (!type || *type == Type::Structure)
      return std::unexpected(about(assignment, ErrorKind::invalid_input, "it may be of several types",
                                   "say which: " + name(tag) + ":TextString=..."));
    if (assignment.is_bytes) return bytes(tag, *type, assignment);
    auto done = read_value(tag, *type, assignment.value.reveal_text(), {}, Variables(), encoder_.writer());
    if (!done)
      return std::unexpected(
          about(assignment, ErrorKind::invalid_input, done.error().what, done.error().advice));
    return {};
  }

  Result<void> bytes(Tag tag, Type type, const Assignment& assignment) {
    if (type != Type::ByteString && type != Type::TextString)
      return std::unexpected(
          about(assignment, ErrorKind::invalid_input, "only byte and text strings are read from files"));
    encoder_.writer().bytes(tag, assignment.value.reveal(), type);
    return {};
  }

  Result<void> attributes(const Row& row, const std::vector<Open>& meant) {
    Attributes list;
    for (const Open& open : meant) {
      const std::string_view attribute = rest_of(open);
      if (attribute.empty())
        return std::unexpected(about(*open.assignment, ErrorKind::invalid_input,
                                     "name the attribute: " + field_name(row) + ".NAME=VALUE"));
      if (auto added = add_attribute(list, attribute, open.assignment->value.reveal_text()); !added)
        return std::unexpected(
            about(*open.assignment, added.error().kind, added.error().what, added.error().advice));
    }
    return encoded(row, &list, *meant.front().assignment);
  }

  Result<void> attribute_names(const Row& row, const std::vector<Open>& meant) {
    AttributeIds list;
    for (const Open& open : meant)
      list.ids.push_back(AttributeId::named(open.assignment->value.reveal_text()));
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

std::vector<FieldInfo> fields_of(const Shape& shape) {
  std::vector<FieldInfo> fields;
  std::set<const Shape*> seen{&shape};
  list_fields(shape, "", seen, fields);
  return fields;
}

}  // namespace keyway::kmip
