// Locate (KMIP 1.4 §4.9, 2.1 §6.1.28).
#include <tests/kmip/server/support.h>

namespace keyway::kmip::server::test {

using enum ResultReason;

namespace {

using Ids = std::vector<std::string>;

Ids found(Lab& lab, LocateRequest request, Version version) {
  const auto response = lab.answer(request, version);
  return {response.unique_identifiers.begin(), response.unique_identifiers.end()};
}

template <class T>
Ids found_by(Lab& lab, Tag tag, const T& value, Version version) {
  LocateRequest request;
  request.attributes.add(tag, value);
  return found(lab, std::move(request), version);
}

}  // namespace

TEST_CASE("each filter finds what it should, at every version") {
  for (const Version version : every_version) {
    CAPTURE(version);
    Lab lab;
    const std::string small = lab.create(version, aes(128, "small"));
    lab.clock.pass(std::chrono::seconds(100));
    Attributes attributes = aes(256, "large", CryptographicUsageMask::Encrypt);
    attributes.add_custom("x", "room", Text("cellar"));
    const std::string large = lab.create(version, std::move(attributes));
    lab.answer(ActivateRequest{Identifier(large)}, version);
    const Ids none, both{large, small};

    CHECK(found(lab, {}, version) == both);  // the newest first
    CHECK(found_by(lab, Tag::Name, Name{"small"}, version) == Ids{small});
    CHECK(found_by(lab, Tag::Name, Name{"smal"}, version) == none);
    CHECK(found_by(lab, Tag::ObjectType, ObjectType::SymmetricKey, version) == both);
    CHECK(found_by(lab, Tag::ObjectType, ObjectType::SecretData, version) == none);
    CHECK(found_by(lab, Tag::State, State::Active, version) == Ids{large});
    CHECK(found_by(lab, Tag::State, State::PreActive, version) == Ids{small});
    CHECK(found_by(lab, Tag::CryptographicAlgorithm, CryptographicAlgorithm::AES, version) == both);
    CHECK(found_by(lab, Tag::CryptographicLength, std::int32_t{128}, version) == Ids{small});
    CHECK(found_by(lab, Tag::CryptographicUsageMask, CryptographicUsageMask::Encrypt, version) == both);
    CHECK(found_by(lab, Tag::CryptographicUsageMask, CryptographicUsageMask::Decrypt, version) == Ids{small});
    CHECK(found_by(lab, Tag::InitialDate, DateTime{1'700'000'000}, version) == Ids{small});
    CHECK(found_by(lab, Tag::UniqueIdentifier, Text(large), version) == Ids{large});

    LocateRequest range;
    range.attributes.add(Tag::InitialDate, DateTime{1'700'000'150});
    range.attributes.add(Tag::InitialDate, DateTime{1'700'000'001});
    CHECK(found(lab, std::move(range), version) == Ids{large});
    LocateRequest custom;
    custom.attributes.add_custom("x", "room", Text("cellar"));
    CHECK(found(lab, std::move(custom), version) == Ids{large});
    LocateRequest two;
    two.attributes.add(Tag::Name, Name{"large"});
    two.attributes.add(Tag::State, State::PreActive);
    CHECK(found(lab, std::move(two), version) == none);
  }
}

TEST_CASE("several names must all be there, and part of a structure is enough") {
  Lab lab;
  Attributes attributes = aes(256, "first");
  attributes.add(Tag::Name, Name{"second"});
  const std::string id = lab.create(V2_1, std::move(attributes));
  LocateRequest both;
  both.attributes.add(Tag::Name, Name{"second"});
  both.attributes.add(Tag::Name, Name{"first"});
  CHECK(found(lab, std::move(both), V2_1) == Ids{id});
  LocateRequest wrong;
  wrong.attributes.add(Tag::Name, Name{"second"});
  wrong.attributes.add(Tag::Name, Name{"third"});
  CHECK(found(lab, std::move(wrong), V2_1).empty());
}

TEST_CASE("paging: Maximum Items, Offset Items and Located Items") {
  for (const Version version : {V1_3, V1_4, V2_1}) {
    CAPTURE(version);
    Lab lab;
    Ids all;
    for (int i = 0; i < 5; ++i) all.insert(all.begin(), lab.create(version, aes()));
    struct Case {
      std::optional<std::int32_t> maximum, offset;
      std::size_t from, count;
    };
    for (const Case& c : {Case{{}, {}, 0, 5}, Case{2, {}, 0, 2}, Case{2, 1, 1, 2}, Case{9, 4, 4, 1},
                          Case{{}, 7, 0, 0}, Case{0, {}, 0, 0}}) {
      CAPTURE(c.from);
      LocateRequest request;
      request.maximum_items = c.maximum;
      request.offset_items = c.offset;
      const auto response = lab.answer(request, version);
      CHECK(response.located_items == 5);
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(c.from);
      CHECK(Ids(response.unique_identifiers.begin(), response.unique_identifiers.end()) ==
            Ids(begin, begin + static_cast<std::ptrdiff_t>(c.count)));
    }
  }
  Lab lab;
  CHECK_FALSE(lab.answer(LocateRequest{}, V1_2).located_items);
}

TEST_CASE("destroyed objects show only to those who ask for them") {
  Lab lab;
  const std::string id = lab.create(V1_4, aes());
  lab.answer(DestroyRequest{Identifier(id)}, V1_4);
  CHECK(found(lab, {}, V1_4).empty());
  CHECK(found_by(lab, Tag::State, State::Destroyed, V1_4) == Ids{id});
  CHECK(found_by(lab, Tag::State, State::Destroyed, V2_1).empty());
  LocateRequest request;
  request.storage_status_mask = StorageStatusMask::DestroyedStorage;
  CHECK(found(lab, std::move(request), V2_1) == Ids{id});
}

TEST_CASE("Locate refuses what it does not understand") {
  Lab lab;
  LocateRequest request;
  request.attributes.add_custom("", "no such attribute", Text("v"));
  CHECK(lab.ask(request, V1_2).reason() == InvalidField);
  request = {};
  request.maximum_items = -1;
  CHECK(lab.ask(request, V1_2).reason() == InvalidField);
  request = {};
  request.object_group_member = ObjectGroupMember::GroupMemberFresh;
  CHECK(lab.ask(request, V1_2).reason() == FeatureNotSupported);
  request = {};
  for (const std::int64_t date : {1, 2, 3}) request.attributes.add(Tag::InitialDate, DateTime{date});
  CHECK(lab.ask(request, V2_1).reason() == InvalidField);
}

}  // namespace keyway::kmip::server::test
