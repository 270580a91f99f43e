// Activate (1.4 §4.19), Revoke (1.4 §4.20) and Destroy (1.4 §4.21). The transitions are those of 1.4 §3.22.
#include <kmip/server/operations.h>

namespace keyway::kmip::server {

namespace {

Outcome<> compromise(Object& object, const RevokeRequest& request, DateTime now) {
  if (object.state == State::Compromised || object.state == State::DestroyedCompromised)
    return refuse(reason::wrong_revocation, "the object is compromised already (state {})",
                  spec_name(object.state));
  object.state = object.state == State::Destroyed ? State::DestroyedCompromised : State::Compromised;
  object.compromise_date = now;
  object.compromise_occurrence_date = request.compromise_occurrence_date.value_or(object.initial_date);
  return {};
}

Outcome<> deactivate(Object& object, DateTime now) {
  if (object.state != State::Active)
    return refuse(reason::wrong_revocation,
                  "only an Active object can be revoked for this reason, this one is {}",
                  spec_name(object.state));
  object.state = State::Deactivated;
  object.deactivation_date = now;
  return {};
}

Outcome<> check_has_state(const Object& object) {
  if (!object.has_state())
    return refuse(reason::stateless, "an {} has no state: it is there until it is destroyed",
                  spec_name(object.type));
  return {};
}

}  // namespace

Outcome<> activate(Call& call, const ActivateRequest& request) {
  const auto found = call.object(request.unique_identifier);
  if (!found) return std::unexpected(found.error());
  Object& object = **found;
  if (auto good = check_has_state(object); !good) return good;
  if (object.state != State::PreActive)
    return refuse(reason::wrong_state, "only a Pre-Active object can be activated, this one is {}",
                  spec_name(object.state));
  object.state = State::Active;
  object.activation_date = object.last_change_date = call.now;
  return call.answer(ActivateResponse{call.mention(object)});
}

Outcome<> revoke(Call& call, const RevokeRequest& request) {
  const auto found = call.object(request.unique_identifier);
  if (!found) return std::unexpected(found.error());
  Object& object = **found;
  if (auto good = check_has_state(object); !good) return good;
  const RevocationReason& why = request.revocation_reason;
  if (!find(Enumeration::RevocationReasonCode, static_cast<std::uint32_t>(why.code)))
    return refuse(reason::invalid_field, "the Revocation Reason Code is not known");
  const bool compromised =
      why.code == RevocationReasonCode::KeyCompromise || why.code == RevocationReasonCode::CACompromise;
  auto done = compromised ? compromise(object, request, call.now) : deactivate(object, call.now);
  if (!done) return done;
  object.revocation_reason = why.code;
  object.revocation_message.reset();
  if (why.message) object.revocation_message = std::string(*why.message);
  object.last_change_date = call.now;
  return call.answer(RevokeResponse{call.mention(object)});
}

Outcome<> destroy(Call& call, const DestroyRequest& request) {
  const auto found = call.object(request.unique_identifier);
  if (!found) return std::unexpected(found.error());
  Object& object = **found;
  if (object.is_destroyed()) return refuse(reason::destroyed, "the object is destroyed already");
  if (object.state == State::Active)
    return refuse(reason::wrong_state, "an Active object cannot be destroyed: revoke it first");
  call.store.destroy(object, call.now);
  return call.answer(DestroyResponse{call.mention(object)});
}

}  // namespace keyway::kmip::server
