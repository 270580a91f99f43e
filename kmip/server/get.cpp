// Get (1.4 §4.11, 2.1 §6.1.19), Get Attributes (1.4 §4.12) and Get Attribute List (1.4 §4.13).
#include <algorithm>

#include <kmip/server/object_attributes.h>
#include <kmip/server/operations.h>

namespace keyway::kmip::server {

namespace {

constexpr std::size_t most_names = 500;  // in one Get Attributes

Outcome<> check_gettable(const Object& object, const GetRequest& request) {
  if (object.is_destroyed())
    return refuse(reason::only_attributes, "the object is destroyed: only its attributes are left");
  if (request.key_wrapping_specification)
    return refuse(reason::unsupported_feature,
                  "this server does not wrap keys: leave out the Key Wrapping "
                  "Specification");
  if (request.key_compression_type)
    return refuse(reason::unsupported_compression, "no Key Compression Type is supported");
  if (object.sensitive)
    return refuse(reason::sensitive, "the object is Sensitive and this server cannot wrap it");
  if (!object.extractable) return refuse(reason::not_extractable, "the object is not Extractable");
  return {};
}

// format_for is the Key Format Type to answer in: the one asked for, else that of the object.
Outcome<KeyFormatType> format_for(const Object& object, std::optional<KeyFormatType> asked) {
  const bool symmetric = object.type == ObjectType::SymmetricKey;
  // The default of symmetric keys is Raw however they were registered (2.1 §4.26).
  const KeyFormatType format = asked.value_or(symmetric ? KeyFormatType::Raw : object.format);
  const KeyFormatType other = symmetric ? KeyFormatType::TransparentSymmetricKey : KeyFormatType::Opaque;
  if (format != KeyFormatType::Raw && format != other)
    return refuse(reason::unsupported_format, "a {} can be had as {} or {}", spec_name(object.type),
                  spec_name(KeyFormatType::Raw), spec_name(other));
  return format;
}

KeyBlock key_block_of(const Object& object, KeyFormatType format) {
  KeyBlock block;
  block.key_format_type = format;
  KeyValue& value = block.key_value.emplace();
  if (format == KeyFormatType::TransparentSymmetricKey)
    value.transparent.emplace().key = object.key.duplicate();
  else
    value.key_material = object.key.duplicate();
  block.cryptographic_algorithm = object.algorithm;
  block.cryptographic_length = object.length;
  return block;
}

}  // namespace

Outcome<> get(Call& call, const GetRequest& request) {
  const auto found = call.object(request.unique_identifier);
  if (!found) return std::unexpected(found.error());
  const Object& object = **found;
  if (auto gettable = check_gettable(object, request); !gettable) return gettable;
  const auto format = format_for(object, request.key_format_type);
  if (!format) return std::unexpected(format.error());

  GetResponse response;
  response.object_type = object.type;
  response.unique_identifier = call.mention(object);
  KeyBlock block = key_block_of(object, *format);
  if (object.type == ObjectType::SymmetricKey)
    response.object.symmetric_key.emplace(SymmetricKey{std::move(block)});
  else
    response.object.secret_data.emplace(
        SecretData{object.secret_data_type.value_or(SecretDataType::Password), std::move(block)});
  return call.answer(response);
}

Outcome<> get_attributes(Call& call, const GetAttributesRequest& request) {
  const auto found = call.object(request.unique_identifier);
  if (!found) return std::unexpected(found.error());
  const auto& asked = request.names.ids;
  if (asked.size() > most_names)
    return refuse(reason::limit_exceeded, "more than {} attribute names", most_names);
  for (auto i = asked.begin(); i != asked.end(); ++i)
    if (std::find(asked.begin(), i, *i) != i)
      return refuse(reason::invalid_message, "attribute {} is asked for twice",
                    printable(to_string(*i), 128));

  GetAttributesResponse response;
  response.unique_identifier = call.mention(**found);
  const Attributes all = attributes_of(**found, call.version);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto view = all[i];
    if (!asked.empty() && std::ranges::find(asked, view.id()) == asked.end()) continue;
    response.attributes.add_raw(view.tag, view.vendor, view.name, view.index, &*view.value);
  }
  return call.answer(response);
}

Outcome<> get_attribute_list(Call& call, const GetAttributeListRequest& request) {
  const auto found = call.object(request.unique_identifier);
  if (!found) return std::unexpected(found.error());
  GetAttributeListResponse response;
  response.unique_identifier = call.mention(**found);
  const Attributes all = attributes_of(**found, call.version);
  auto& ids = response.names.ids;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (AttributeId id = all[i].id(); std::ranges::find(ids, id) == ids.end()) ids.push_back(std::move(id));
  return call.answer(response);
}

}  // namespace keyway::kmip::server
