// Get (1.4 §4.11, 2.1 §6.1.19), Get Attributes (1.4 §4.12) and Get Attribute List (1.4 §4.13).
#include <algorithm>

#include <kmip/server/object_attributes.h>
#include <kmip/server/operations.h>
#include <kmip/server/outgoing.h>

namespace keyway::kmip::server {

namespace {

constexpr std::size_t most_names = 500;  // in one Get Attributes

Outcome<> check_request(const GetRequest& request) {
  if (request.key_wrapping_specification)
    return refuse(reason::unsupported_feature,
                  "this server does not wrap keys: leave out the Key Wrapping Specification");
  if (request.key_compression_type)
    return refuse(reason::unsupported_compression, "no Key Compression Type is supported");
  return {};
}

}  // namespace

Outcome<> get(Call& call, const GetRequest& request) {
  const auto found = call.object(request.unique_identifier);
  if (!found) return std::unexpected(found.error());
  const Object& object = **found;
  if (object.is_destroyed()) return check_showable(object);
  if (auto good = check_request(request); !good) return good;
  if (auto showable = check_showable(object); !showable) return showable;
  auto shown = show_object(object, request.key_format_type);
  if (!shown) return std::unexpected(shown.error());

  GetResponse response;
  response.object_type = object.type;
  response.unique_identifier = call.mention(object);
  response.object = std::move(*shown);
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
