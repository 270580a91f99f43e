// Locate (1.4 §4.9, 2.1 §6.1.28).
#include <algorithm>

#include <kmip/server/object_attributes.h>
#include <kmip/server/operations.h>

namespace keyway::kmip::server {

namespace {

constexpr std::size_t most_filters = 200;

// One filter: all that the request says about one attribute.
struct Filter {
  AttributeId id;
  std::vector<Raw> values;  // more than one: a range of dates, or several instances that must all be there
};

// same_value compares two values. Structures may be asked for in part: each field that is there must fit.
bool same_value(const Raw& asked, const Raw& held) {
  if (asked.type != held.type) return false;
  if (asked.type != Type::Structure) return std::ranges::equal(asked.value, held.value);
  CodecError error;
  for (Reader wanted = structure_content(asked); !wanted.done();) {
    Raw field;
    if (!wanted.next(field, error)) return false;
    bool found = false;
    for (Reader own = structure_content(held); !own.done() && !found;) {
      Raw candidate;
      if (!own.next(candidate, error)) return false;
      found = candidate.tag == field.tag && same_value(field, candidate);
    }
    if (!found) return false;
  }
  return true;
}

std::int64_t seconds_of(const Raw& date) { return static_cast<std::int64_t>(load64(date.value.data())); }

bool fits_one(const Filter& filter, const Raw& held) {
  const Raw& first = filter.values.front();
  if (filter.id.tag == Tag::CryptographicUsageMask && first.type == Type::Integer &&
      held.type == Type::Integer) {
    const std::uint32_t asked = load32(first.value.data());
    return (load32(held.value.data()) & asked) == asked;
  }
  if (first.type == Type::DateTime && held.type == Type::DateTime && filter.values.size() == 2) {
    const auto [low, high] = std::minmax({seconds_of(first), seconds_of(filter.values.back())});
    return low <= seconds_of(held) && seconds_of(held) <= high;
  }
  return same_value(first, held);
}

bool fits(const Filter& filter, const Attributes& held) {
  const auto any = [&held](const Filter& one) {
    for (std::size_t i = 0; i < held.size(); ++i)
      if (const auto view = held[i]; view.value && view.id() == one.id && fits_one(one, *view.value))
        return true;
    return false;
  };
  if (filter.values.size() <= 1 || filter.values.front().type == Type::DateTime) return any(filter);
  return std::ranges::all_of(filter.values, [&](const Raw& value) { return any({filter.id, {value}}); });
}

Outcome<std::vector<Filter>> filters_of(const Attributes& asked) {
  if (asked.size() > most_filters)
    return refuse(reason::limit_exceeded, "more than {} attributes to look for", most_filters);
  std::vector<Filter> filters;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto view = asked[i];
    const std::string label = printable(to_string(view.id()), 128);
    const bool unknown = view.tag == Tag::TemplateAttribute || (view.id().is_custom() && view.vendor.empty());
    if (unknown || !view.value)
      return refuse(reason::invalid_attribute, "cannot look for attribute \"{}\"", label);
    const auto known = std::ranges::find(filters, view.id(), &Filter::id);
    Filter& filter = known == filters.end() ? filters.emplace_back(Filter{view.id(), {}}) : *known;
    filter.values.push_back(*view.value);
    if (view.value->type == Type::DateTime && filter.values.size() > 2)
      return refuse(reason::invalid_field, "attribute {}: a range has two dates", label);
  }
  return filters;
}

// 2.x shows destroyed objects to those who ask with the Storage Status Mask. 1.x has no such bit; there,
// asking for the state is asking for them.
bool wants_destroyed(const Call& call, const LocateRequest& request) {
  if (call.version >= Version::V2_0)
    return request.storage_status_mask &&
           has_all(*request.storage_status_mask, StorageStatusMask::DestroyedStorage);
  const auto state = request.attributes.get<State>(Tag::State);
  return state == State::Destroyed || state == State::DestroyedCompromised;
}

// Without a Storage Status Mask only objects that are at hand are found (1.4 §4.9).
bool wants_archived(const LocateRequest& request) {
  return request.storage_status_mask &&
         has_all(*request.storage_status_mask, StorageStatusMask::ArchivalStorage);
}
bool wants_live(const LocateRequest& request) {
  return !request.storage_status_mask ||
         has_all(*request.storage_status_mask, StorageStatusMask::OnLineStorage);
}

// Newest first, as 2.x demands.
std::vector<const Object*> matching(Call& call, const LocateRequest& request,
                                    const std::vector<Filter>& filters) {
  const bool destroyed = wants_destroyed(call, request);
  const bool archived = wants_archived(request);
  const bool live = wants_live(request);
  std::vector<const Object*> found;
  auto& objects = call.store.objects();
  for (auto i = objects.rbegin(); i != objects.rend(); ++i) {
    update_state(*i, call.now);
    if (i->is_destroyed() ? !destroyed : i->archive_date ? !archived : !live) continue;
    if (!filters.empty() && !call.settings.quirks.locate_ignores_filter) {
      const Attributes held = attributes_of(*i, call.version);
      if (!std::ranges::all_of(filters, [&](const Filter& filter) { return fits(filter, held); })) continue;
    }
    found.push_back(&*i);
  }
  return found;
}

}  // namespace

Outcome<> locate(Call& call, const LocateRequest& request) {
  if (request.object_group_member)
    return refuse(reason::unsupported_feature, "Object Group Member is not supported");
  if (request.maximum_items.value_or(0) < 0 || request.offset_items.value_or(0) < 0)
    return refuse(reason::invalid_field, "Maximum Items and Offset Items cannot be negative");
  const auto filters = filters_of(request.attributes);
  if (!filters) return std::unexpected(filters.error());

  const auto found = matching(call, request, *filters);
  const std::size_t skipped =
      std::min(found.size(), static_cast<std::size_t>(request.offset_items.value_or(0)));
  std::size_t count = found.size() - skipped;
  if (request.maximum_items) count = std::min(count, static_cast<std::size_t>(*request.maximum_items));

  LocateResponse response;
  if (call.version >= Version::V1_3 && !call.settings.quirks.locate_omits_located_items)
    response.located_items = static_cast<std::int32_t>(found.size());
  response.unique_identifiers.reserve(count);
  for (std::size_t i = skipped; i < skipped + count; ++i)
    response.unique_identifiers.push_back(call.mention(*found[i]));
  call.set_placeholder(count == 1 ? found[skipped] : nullptr);
  return call.answer(response);
}

}  // namespace keyway::kmip::server
