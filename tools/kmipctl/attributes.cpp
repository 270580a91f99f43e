#include <chrono>

#include <nlohmann/json.hpp>

#include <core/hex.h>
#include <kmip/model/get_attribute_list.h>
#include <kmip/model/get_attributes.h>
#include <kmip/ttlv/reader.h>
#include <tools/kmipctl/command.h>

namespace keyway::kmipctl {

namespace {

using Json = nlohmann::ordered_json;

struct AttributesOptions {
  std::string id;
  std::vector<std::string> names;
  bool list = false;
};

std::string date_text(std::int64_t seconds) {
  using namespace std::chrono;
  constexpr std::int64_t longest = 253'402'300'800;  // the year 10000
  if (seconds < 0 || seconds >= longest) return fmt::format("{}", seconds);
  const sys_seconds time{std::chrono::seconds(seconds)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

Json value_json(kmip::Tag tag, const kmip::Raw& item);

Json structure_json(const kmip::Raw& item) {
  Json fields = Json::object();
  kmip::CodecError error;
  for (kmip::Reader reader = structure_content(item); !reader.done();) {
    kmip::Raw child;
    if (!reader.next(child, error)) break;
    fields[name(child.tag)] = value_json(child.tag, child);
  }
  return fields;
}

// The value as a person or a script wants it; what may be secret shows its length only.
Json value_json(kmip::Tag tag, const kmip::Raw& item) {
  const kmip::TagInfo* info = find(tag);
  const auto enumeration = info ? info->enumeration : kmip::Enumeration::none;
  const std::byte* at = item.value.data();
  if (info && info->sensitive) return fmt::format("<secret, {} bytes>", item.value.size());
  switch (item.type) {
    case kmip::Type::Structure: return structure_json(item);
    case kmip::Type::Integer:
      if (is_mask(enumeration)) return mask_names(enumeration, kmip::load32(at), ",");
      return static_cast<std::int32_t>(kmip::load32(at));
    case kmip::Type::Interval: return kmip::load32(at);
    case kmip::Type::Enumeration: return value_name(enumeration, kmip::load32(at));
    case kmip::Type::LongInteger: return static_cast<std::int64_t>(kmip::load64(at));
    case kmip::Type::Boolean: return kmip::load64(at) != 0;
    case kmip::Type::DateTime: return date_text(static_cast<std::int64_t>(kmip::load64(at)));
    case kmip::Type::DateTimeExtended: return static_cast<std::int64_t>(kmip::load64(at));
    case kmip::Type::TextString: return printable(text_of(item.value));
    default: return to_hex(item.value);
  }
}

Exit list_names(const std::string& id, Session& session) {
  const cli::Console& console = session.console();
  kmip::GetAttributeListRequest request;
  request.unique_identifier = kmip::Identifier(id);
  auto reply = session.call(std::move(request));
  if (!reply) return console.failed(reply.error());
  Json json;
  json["unique_identifier"] = id;
  json["attributes"] = Json::array();
  std::string lines;
  for (const auto& one : (*reply)->names.ids) {
    json["attributes"].push_back(printable(to_string(one)));
    lines += printable(to_string(one)) + "\n";
  }
  return console.ended(console.json() ? console.document(json) : console.data(bytes_of(lines)));
}

Exit run(const AttributesOptions& options, Session& session) {
  const cli::Console& console = session.console();
  const auto id = session.find(options.id);
  if (!id) return console.failed(id.error());
  if (options.list) return list_names(*id, session);
  kmip::GetAttributesRequest request;
  request.unique_identifier = kmip::Identifier(*id);
  for (const std::string& name : options.names) request.names.ids.push_back(kmip::AttributeId::named(name));
  auto reply = session.call(std::move(request));
  if (!reply) return console.failed(reply.error());
  const kmip::Attributes& attributes = (*reply)->attributes;
  Json json;
  json["unique_identifier"] = *id;
  json["attributes"] = Json::array();
  std::string lines;
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    const auto view = attributes[i];
    const std::string title = printable(to_string(view.id()));
    const Json value = view.value ? value_json(view.tag, *view.value) : Json();
    json["attributes"].push_back({{"name", title}, {"value", value}});
    lines += fmt::format("{}: {}\n", title, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return console.ended(console.json() ? console.document(json) : console.data(bytes_of(lines)));
}

}  // namespace

Runner declare_attributes(CLI::App& app) {
  const auto options = std::make_shared<AttributesOptions>();
  app.add_option("ID", options->id, "unique identifier, or name:NAME")->required();
  app.add_option("--name", options->names,
                 "only these attributes, such as State or \"Cryptographic Length\"");
  app.add_flag("--list", options->list, "only the names of the attributes it has");
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace keyway::kmipctl
