// The states of an object and the operations that move it between them (KMIP 1.4 §3.22).
#include <tests/kmip/server/support.h>

namespace keyway::kmip::server::test {

using enum ResultReason;

TEST_CASE("a key lives from Create to Destroy at every version") {
  for (const Version version : every_version) {
    CAPTURE(version);
    Lab lab;
    const std::string id = lab.create(version, aes(256, "disk key"));
    CHECK(id.size() == 36);
    CHECK(lab.state(id, version) == State::PreActive);

    lab.clock.pass(std::chrono::seconds(10));
    CHECK(lab.answer(ActivateRequest{Identifier(id)}, version).unique_identifier == id);
    CHECK(lab.state(id, version) == State::Active);
    CHECK(lab.ask(ActivateRequest{Identifier(id)}, version).reason() ==
          by_version(version, PermissionDenied, WrongKeyLifecycleState));
    CHECK(lab.ask(DestroyRequest{Identifier(id)}, version).reason() ==
          by_version(version, PermissionDenied, WrongKeyLifecycleState));

    lab.revoke(id, RevocationReasonCode::CessationOfOperation, version);
    CHECK(lab.state(id, version) == State::Deactivated);
    CHECK(lab.answer(DestroyRequest{Identifier(id)}, version).unique_identifier == id);
    CHECK(lab.state(id, version) == State::Destroyed);
    CHECK(lab.ask(DestroyRequest{Identifier(id)}, version).reason() ==
          by_version(version, PermissionDenied, ObjectDestroyed));
    CHECK(lab.ask(GetRequest{.unique_identifier = Identifier(id)}, version).reason() ==
          by_version(version, IllegalOperation, ObjectDestroyed));

    lab.revoke(id, RevocationReasonCode::KeyCompromise, version);
    CHECK(lab.state(id, version) == State::DestroyedCompromised);
  }
}

TEST_CASE("compromising works from every living state and dates itself") {
  const auto compromised = [](Lab& lab, const std::string& id, std::optional<DateTime> since) {
    lab.answer(RevokeRequest{Identifier(id), {RevocationReasonCode::KeyCompromise, "laptop lost"}, since},
               V1_4);
    GetAttributesRequest request;
    request.unique_identifier = id;
    return lab.answer(request, V1_4);
  };
  Lab lab;
  const DateTime start{1'700'000'000};
  const std::string fresh = lab.create(V1_4, aes());
  const std::string active = lab.active_key(V1_4);
  lab.clock.pass(std::chrono::seconds(60));

  auto attributes = compromised(lab, fresh, {}).attributes;
  CHECK(attributes.get<State>(Tag::State) == State::Compromised);
  CHECK(attributes.get<DateTime>(Tag::CompromiseDate) == DateTime{start.seconds + 60});
  CHECK(attributes.get<DateTime>(Tag::CompromiseOccurrenceDate) == start);  // the Initial Date
  const auto why = attributes.get<RevocationReason>(Tag::RevocationReason);
  REQUIRE(why);
  CHECK(why->code == RevocationReasonCode::KeyCompromise);
  CHECK(why->message == "laptop lost");

  attributes = compromised(lab, active, DateTime{5}).attributes;
  CHECK(attributes.get<DateTime>(Tag::CompromiseOccurrenceDate) == DateTime{5});
  lab.answer(DestroyRequest{Identifier(active)}, V1_4);
  CHECK(lab.state(active, V1_4) == State::DestroyedCompromised);
}

TEST_CASE("Revoke refuses transitions the standard does not have, and unknown reasons") {
  for (const Version version : {V1_0, V1_4, V2_1}) {
    CAPTURE(version);
    Lab lab;
    const std::string id = lab.create(version, aes());
    const auto revoke = [&](RevocationReasonCode code) {
      return lab.ask(RevokeRequest{Identifier(id), {code, {}}, {}}, version).reason();
    };
    CHECK(revoke(RevocationReasonCode::Superseded) ==
          by_version(version, IllegalOperation, WrongKeyLifecycleState));
    CHECK(revoke(static_cast<RevocationReasonCode>(99)) == InvalidField);
    CHECK(lab.state(id, version) == State::PreActive);
    CHECK_FALSE(revoke(RevocationReasonCode::CACompromise));
    CHECK(revoke(RevocationReasonCode::KeyCompromise) ==
          by_version(version, IllegalOperation, WrongKeyLifecycleState));
  }
}

TEST_CASE("dates move an object by themselves") {
  Lab lab;
  Attributes attributes = aes();
  attributes.add(Tag::ActivationDate, DateTime{1'700'000'100});
  attributes.add(Tag::DeactivationDate, DateTime{1'700'000'200});
  const std::string id = lab.create(V1_2, std::move(attributes));
  CHECK(lab.state(id, V1_2) == State::PreActive);
  lab.clock.pass(std::chrono::seconds(100));
  CHECK(lab.state(id, V1_2) == State::Active);
  lab.clock.pass(std::chrono::seconds(100));
  CHECK(lab.state(id, V1_2) == State::Deactivated);

  Attributes past = aes();
  past.add(Tag::ActivationDate, DateTime{1});
  CHECK(lab.state(lab.create(V1_2, std::move(past)), V1_2) == State::Active);
}

TEST_CASE("an object that is not there is not found, whatever is asked of it") {
  for (const Version version : every_version) {
    CAPTURE(version);
    Lab lab;
    const ResultReason missing = by_version(version, ItemNotFound, ObjectNotFound);
    const Identifier id("no such object");
    CHECK(lab.ask(GetRequest{.unique_identifier = id}, version).reason() == missing);
    CHECK(lab.ask(GetAttributesRequest{id, {}}, version).reason() == missing);
    CHECK(lab.ask(GetAttributeListRequest{id}, version).reason() == missing);
    CHECK(lab.ask(ActivateRequest{id}, version).reason() == missing);
    CHECK(lab.ask(RevokeRequest{id, {}, {}}, version).reason() == missing);
    CHECK(lab.ask(DestroyRequest{id}, version).reason() == missing);
    if (version < V1_2) continue;
    EncryptRequest encrypt;
    encrypt.unique_identifier = id;
    encrypt.data = bytes_of("data");
    CHECK(lab.ask(encrypt, version).reason() == missing);
  }
}

TEST_CASE("the name of a destroyed object is free again") {
  Lab lab;
  const std::string id = lab.create(V1_4, aes(256, "unique"));
  CreateRequest again;
  again.attributes = aes(256, "unique");
  CHECK(lab.ask(again, V1_4).reason() == InvalidField);
  CHECK(lab.ask(again, V2_0).reason() == NonUniqueNameAttribute);
  lab.answer(DestroyRequest{Identifier(id)}, V1_4);
  CHECK(lab.ask(again, V1_4).succeeded());
}

}  // namespace keyway::kmip::server::test
