// Archive (1.4 §4.22, 2.1 §6.1.4), Recover (1.4 §4.23, 2.1 §6.1.42), Obtain Lease (1.4 §4.17, 2.1 §6.1.35)
// and Check (1.4 §4.10, 2.1 §6.1.7).
#include <kmip/server/operations.h>

namespace keyway::kmip::server {

namespace {

constexpr Interval lease{3600};  // the same for every object and client

// check_allowed says whether the object may be used as the client intends.
Outcome<> check_allowed(const Object& object, const CheckRequest& request) {
  if (object.is_destroyed()) return refuse(reason::not_allowed, "the object is destroyed");
  if (request.cryptographic_usage_mask && !has_all(object.usage, *request.cryptographic_usage_mask))
    return refuse(reason::wrong_usage, "the Cryptographic Usage Mask does not allow all of {}",
                  mask_names(Enumeration::CryptographicUsageMask,
                             static_cast<std::uint32_t>(*request.cryptographic_usage_mask)));
  if (request.lease_time && request.lease_time->seconds > lease.seconds)
    return refuse(reason::not_allowed, "a lease lasts {} seconds at most", lease.seconds);
  if (request.usage_limits_count.value_or(0) < 0)
    return refuse(reason::invalid_field, "Usage Limits Count cannot be negative");
  return {};  // no object here has Usage Limits, so that any count is available
}

}  // namespace

Outcome<> archive(Call& call, const ArchiveRequest& request) {
  const auto found = call.object(request.unique_identifier);
  if (!found) return std::unexpected(found.error());
  Object& object = **found;
  if (object.is_destroyed())
    return refuse(reason::not_allowed, "the object is destroyed: there is nothing to archive");
  object.archive_date = object.last_change_date = call.now;
  return call.answer(ArchiveResponse{call.mention(object)});
}

Outcome<> recover(Call& call, const RecoverRequest& request) {
  const auto found = call.object_or_archived(request.unique_identifier);
  if (!found) return std::unexpected(found.error());
  Object& object = **found;
  if (!object.archive_date) return refuse(reason::not_allowed, "the object is not archived");
  object.archive_date.reset();
  object.last_change_date = call.now;
  return call.answer(RecoverResponse{call.mention(object)});
}

Outcome<> obtain_lease(Call& call, const ObtainLeaseRequest& request) {
  const auto found = call.object(request.unique_identifier);
  if (!found) return std::unexpected(found.error());
  Object& object = **found;
  if (object.is_destroyed()) return refuse(reason::not_allowed, "the object is destroyed: no lease for it");
  object.lease_time = lease;
  return call.answer(ObtainLeaseResponse{call.mention(object), lease, object.last_change_date});
}

Outcome<> check(Call& call, const CheckRequest& request) {
  const auto found = call.object(request.unique_identifier);
  if (!found) return std::unexpected(found.error());
  if (auto allowed = check_allowed(**found, request); !allowed) {
    // So that a later item of the batch does not use the object all the same.
    call.set_placeholder(nullptr);
    return allowed;
  }
  CheckResponse response;
  response.unique_identifier = call.mention(**found);
  return call.answer(response);
}

}  // namespace keyway::kmip::server
