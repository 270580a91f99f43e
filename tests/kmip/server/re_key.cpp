// Re-key: what moves to the new key, what stays, and what is refused.
#include <kmip/model/attribute_values.h>
#include <tests/kmip/server/support.h>

namespace keyway::kmip::server::test {

using enum ResultReason;

namespace {

Attributes held(Lab& lab, const std::string& id, Version version) {
  return std::move(lab.answer(GetAttributesRequest{Identifier(id), {}}, version).attributes);
}
Secret key_of(Lab& lab, const std::string& id, Version version) {
  const auto response = lab.answer(GetRequest{.unique_identifier = Identifier(id)}, version);
  return response.object.key_block()->key_bytes()->duplicate();
}
std::string re_key(Lab& lab, ReKeyRequest request, Version version) {
  return std::string(lab.answer(request, version).unique_identifier);
}
std::string link_of(const Attributes& attributes, LinkType type) {
  for (const Link& link : attributes.all<Link>(Tag::Link))
    if (link.link_type == type) return std::string(*link.linked_object_identifier.text());
  return {};
}

}  // namespace

TEST_CASE("a new key takes over the name and the attributes, and both are linked") {
  for (const Version version : every_version) {
    CAPTURE(version);
    Lab lab;
    Attributes attributes = aes(192, "payroll");
    attributes.add(Tag::ObjectGroup, Text("staff"));
    attributes.add_custom("x", "purpose", Text("test"));
    attributes.add(Tag::ActivationDate, DateTime{1});
    const std::string old = lab.create(version, std::move(attributes));
    lab.clock.pass(std::chrono::seconds(10));
    const std::string made = re_key(lab, {.unique_identifier = Identifier(old)}, version);
    CHECK(made != old);
    CHECK(key_of(lab, made, version).size() == 24);
    CHECK_FALSE(key_of(lab, made, version) == key_of(lab, old, version));

    const Attributes before = held(lab, old, version), after = held(lab, made, version);
    CHECK_FALSE(before.has(Tag::Name));
    REQUIRE(after.get<Name>(Tag::Name));
    CHECK(after.get<Name>(Tag::Name)->value == "payroll");
    CHECK(after.get<Text>(Tag::ObjectGroup) == "staff");
    CHECK(after.has(Tag::Attribute));
    CHECK(after.get<CryptographicAlgorithm>(Tag::CryptographicAlgorithm) == CryptographicAlgorithm::AES);
    CHECK(after.get<CryptographicUsageMask>(Tag::CryptographicUsageMask) ==
          before.get<CryptographicUsageMask>(Tag::CryptographicUsageMask));
    CHECK(after.get<State>(Tag::State) == State::Active);
    CHECK(before.get<State>(Tag::State) == State::Active);
    CHECK(after.get<DateTime>(Tag::InitialDate)->seconds == 1'700'000'010);
    CHECK(link_of(before, LinkType::ReplacementObjectLink) == made);
    CHECK(link_of(after, LinkType::ReplacedObjectLink) == old);

    LocateRequest locate;
    locate.attributes.add(Tag::Name, Name{"payroll"});
    const auto found = lab.answer(locate, version);
    REQUIRE(found.unique_identifiers.size() == 1);
    CHECK(found.unique_identifiers[0] == made);
  }
}

TEST_CASE("an Offset moves every date as far as the activation") {
  for (const Version version : every_version) {
    CAPTURE(version);
    Lab lab;
    Attributes attributes = aes();
    attributes.add(Tag::ActivationDate, DateTime{1'000});
    attributes.add(Tag::ProcessStartDate, DateTime{1'010});
    attributes.add(Tag::ProtectStopDate, DateTime{1'020});
    attributes.add(Tag::DeactivationDate, DateTime{1'030});
    const std::string old = lab.create(version, std::move(attributes));
    const std::string made =
        re_key(lab, {.unique_identifier = Identifier(old), .offset = Interval{100}}, version);
    const Attributes after = held(lab, made, version);
    CHECK(after.get<DateTime>(Tag::ActivationDate)->seconds == 1'700'000'100);
    CHECK(after.get<DateTime>(Tag::ProcessStartDate)->seconds == 1'700'000'110);
    CHECK(after.get<DateTime>(Tag::ProtectStopDate)->seconds == 1'700'000'120);
    CHECK(after.get<DateTime>(Tag::DeactivationDate)->seconds == 1'700'000'130);
    CHECK(after.get<State>(Tag::State) == State::PreActive);
    // Without it they are copied: the key is born deactivated.
    const std::string copied = re_key(lab, {.unique_identifier = Identifier(old)}, version);
    CHECK(lab.state(copied, version) == State::Deactivated);
  }
}

TEST_CASE("attributes of the request take the place of the copied ones") {
  for (const Version version : every_version) {
    CAPTURE(version);
    Lab lab;
    Attributes attributes = aes();
    attributes.add(Tag::ObjectGroup, Text("a")).add(Tag::ObjectGroup, Text("b"));
    attributes.add(Tag::ContactInformation, Text("Ann"));
    const std::string old = lab.create(version, std::move(attributes));
    ReKeyRequest request{.unique_identifier = Identifier(old)};
    request.attributes.emplace().add(Tag::ObjectGroup, Text("c"));
    request.attributes->add(Tag::CryptographicUsageMask, CryptographicUsageMask::Encrypt);
    request.attributes->add(Tag::ActivationDate, DateTime{5});
    const Attributes after = held(lab, re_key(lab, std::move(request), version), version);
    CHECK(after.all<Text>(Tag::ObjectGroup) == std::vector<Text>{"c"});
    CHECK(after.get<Text>(Tag::ContactInformation) == "Ann");
    CHECK(after.get<CryptographicUsageMask>(Tag::CryptographicUsageMask) == CryptographicUsageMask::Encrypt);
    CHECK(after.get<State>(Tag::State) == State::Active);
  }
}

TEST_CASE("what cannot be re-keyed is refused, and the old key keeps its name") {
  for (const Version version : every_version) {
    CAPTURE(version);
    Lab lab;
    Attributes dated = aes(256, "kept");
    dated.add(Tag::DeactivationDate, DateTime{2'000'000'000});
    const std::string old = lab.create(version, std::move(dated));
    ReKeyRequest request{.unique_identifier = Identifier(old), .offset = Interval{1}};
    CHECK(lab.ask(request, version).reason() == by_version(version, IllegalOperation, InvalidField));
    request.attributes.emplace().add(Tag::ActivationDate, DateTime{5});
    CHECK(lab.ask(request, version).reason() == InvalidMessage);
    request.offset.reset();
    request.attributes.emplace().add(Tag::ActivationDate, DateTime{2'000'000'001});
    CHECK(lab.ask(request, version).reason() == by_version(version, InvalidField, InvalidAttributeValue));
    request.attributes.emplace().add(Tag::Name, Name{"another"});
    CHECK(lab.ask(request, version).reason() == InvalidField);
    request.attributes.emplace().add(Tag::CryptographicLength, std::int32_t{128});
    CHECK(lab.ask(request, version).reason() == by_version(version, InvalidField, InvalidAttributeValue));
    request.attributes.emplace().add(Tag::State, State::Active);
    CHECK(lab.ask(request, version).reason() == by_version(version, InvalidField, AttributeReadOnly));
    request.attributes.reset();
    if (version >= V2_0) {
      request.protection_storage_masks.emplace().protection_storage_masks = {ProtectionStorageMask::Hardware};
      CHECK(lab.ask(request, version).reason() == ProtectionStorageUnavailable);
      request.protection_storage_masks->protection_storage_masks.push_back(ProtectionStorageMask::Software);
      request.unique_identifier = Identifier("nothing");
      CHECK(lab.ask(request, version).reason() == ObjectNotFound);
    }
    CHECK(held(lab, old, version).has(Tag::Name));

    lab.answer(DestroyRequest{Identifier(old)}, version);
    CHECK(lab.ask(ReKeyRequest{.unique_identifier = Identifier(old)}, version).reason() == PermissionDenied);
    RegisterRequest secret;
    secret.object_type = ObjectType::SecretData;
    secret.attributes.add(Tag::CryptographicUsageMask, CryptographicUsageMask::DeriveKey);
    SecretData& data = secret.object.secret_data.emplace();
    data.key_block.key_value.emplace().key_material = Secret(Text("password"));
    const std::string id(lab.answer(secret, version).unique_identifier);
    CHECK(lab.ask(ReKeyRequest{.unique_identifier = Identifier(id)}, version).reason() ==
          by_version(version, PermissionDenied, InvalidObjectType));
  }
}

TEST_CASE("a key that was re-keyed too often is refused: its links would never end") {
  Lab lab;
  const std::string old = lab.create(V2_1, aes());
  const ReKeyRequest request{.unique_identifier = Identifier(old)};
  for (int i = 0; i < 200; ++i) lab.answer(request, V2_1);
  CHECK(lab.ask(request, V2_1).reason() == ServerLimitExceeded);
}

TEST_CASE("the new key is what the rest of the batch means") {
  Lab lab;
  const std::string old = lab.create(V2_1, aes());
  Message message(V2_1);
  message.add(ReKeyRequest{.unique_identifier = Identifier(old)}, "1");
  message.add(ActivateRequest{}, "2");
  message.add(GetRequest{.unique_identifier = Identifier(UniqueIdentifier::ReKey)}, "3");
  const Reply reply = lab.send(message);
  const auto made = reply.payload<ReKeyResponse>(V2_1, 0);
  CHECK(reply.payload<ActivateResponse>(V2_1, 1).unique_identifier == made.unique_identifier);
  CHECK(reply.payload<GetResponse>(V2_1, 2).unique_identifier == made.unique_identifier);
  CHECK(lab.state(old, V2_1) == State::PreActive);
}

}  // namespace keyway::kmip::server::test
