// Add, Modify, Delete and Set Attribute: what each version allows, and what it refuses.
#include <tests/kmip/server/support.h>

namespace keyway::kmip::server::test {

using enum ResultReason;

namespace {

template <class T>
Attributes one(Tag tag, const T& value) {
  Attributes attributes;
  attributes.add(tag, value);
  return attributes;
}
Attributes custom(Text value, Text vendor = "x") {
  Attributes attributes;
  attributes.add_custom(vendor, "purpose", value);
  return attributes;
}
// at is the same attribute with an Attribute Index (1.x).
Attributes at(std::int32_t index, const Attributes& attribute) {
  const auto view = attribute[0];
  Attributes with;
  with.add_raw(view.tag, view.vendor, view.name, index, &*view.value);
  return with;
}

Attributes held(Lab& lab, const std::string& id, Version version) {
  return std::move(lab.answer(GetAttributesRequest{Identifier(id), {}}, version).attributes);
}
std::vector<std::string> texts(Lab& lab, const std::string& id, Version version, Tag tag) {
  std::vector<std::string> found;
  const Attributes all = held(lab, id, version);
  for (const Text text : all.all<Text>(tag)) found.emplace_back(text);
  return found;
}
using Texts = std::vector<std::string>;

AddAttributeRequest add(const std::string& id, Attributes attribute) {
  return {Identifier(id), std::move(attribute)};
}
ModifyAttributeRequest modify(const std::string& id, Attributes attribute) {
  return {Identifier(id), {}, std::move(attribute)};
}
ModifyAttributeRequest modify(const std::string& id, Attributes current, Attributes attribute) {
  return {Identifier(id), std::move(current), std::move(attribute)};
}
DeleteAttributeRequest remove(const std::string& id, AttributeId which,
                              std::optional<std::int32_t> index = {}) {
  return {Identifier(id), {}, {{std::move(which)}}, index};
}
SetAttributeRequest set(const std::string& id, Attributes attribute) {
  return {Identifier(id), std::move(attribute)};
}

}  // namespace

TEST_CASE("an attribute is added, modified and deleted at every version") {
  for (const Version version : every_version) {
    CAPTURE(version);
    Lab lab;
    const std::string id = lab.create(version, aes());
    lab.clock.pass(std::chrono::seconds(5));
    const auto added = lab.answer(add(id, one(Tag::ContactInformation, Text("Ann"))), version);
    CHECK(added.unique_identifier == id);
    REQUIRE(added.attribute.has_value() == (version < V2_0));
    if (added.attribute) CHECK(added.attribute->get<Text>(Tag::ContactInformation) == "Ann");
    CHECK(texts(lab, id, version, Tag::ContactInformation) == Texts{"Ann"});
    CHECK(held(lab, id, version).get<DateTime>(Tag::LastChangeDate)->seconds == 1'700'000'005);

    const auto changed = lab.answer(modify(id, one(Tag::ContactInformation, Text("Bob"))), version);
    if (version < V2_0) CHECK(changed.attribute->get<Text>(Tag::ContactInformation) == "Bob");
    CHECK(texts(lab, id, version, Tag::ContactInformation) == Texts{"Bob"});

    const auto gone = lab.answer(remove(id, Tag::ContactInformation), version);
    if (version < V2_0) CHECK(gone.attribute->get<Text>(Tag::ContactInformation) == "Bob");
    CHECK(texts(lab, id, version, Tag::ContactInformation).empty());
  }
}

TEST_CASE("1.x tells instances apart by an index that stays") {
  for (const Version version : {V1_0, V1_4}) {
    CAPTURE(version);
    Lab lab;
    const std::string id = lab.create(version, aes());
    for (const Text value : {"a", "b", "c"}) {
      const auto added = lab.answer(add(id, one(Tag::ObjectGroup, value)), version);
      CHECK((*added.attribute)[0].index.value_or(0) == value[0] - 'a');
    }
    CHECK(lab.answer(remove(id, Tag::ObjectGroup, 1), version).attribute->get<Text>(Tag::ObjectGroup) == "b");
    lab.answer(modify(id, at(2, one(Tag::ObjectGroup, Text("C")))), version);
    lab.answer(modify(id, one(Tag::ObjectGroup, Text("A"))), version);
    CHECK(texts(lab, id, version, Tag::ObjectGroup) == Texts{"A", "C"});
    CHECK(lab.ask(modify(id, at(1, one(Tag::ObjectGroup, Text("B")))), version).reason() == ItemNotFound);
    CHECK(lab.ask(remove(id, Tag::ObjectGroup, 1), version).reason() == ItemNotFound);
    lab.answer(remove(id, Tag::ObjectGroup), version);
    const Attributes left = held(lab, id, version);
    for (std::size_t i = 0; i < left.size(); ++i)
      if (left[i].tag == Tag::ObjectGroup) CHECK(left[i].index == 2);
  }
}

TEST_CASE("2.x tells instances apart by their value") {
  for (const Version version : {V2_0, V2_1}) {
    CAPTURE(version);
    Lab lab;
    const std::string id = lab.create(version, aes());
    const auto group = [](Text value) { return one(Tag::ObjectGroup, value); };
    for (const Text value : {"a", "b", "c"}) lab.answer(add(id, group(value)), version);
    CHECK(lab.ask(modify(id, group("d")), version).reason() == AttributeInstanceNotFound);
    CHECK(lab.ask(set(id, group("d")), version).reason() == MultiValuedAttribute);
    CHECK(lab.ask(modify(id, group("x"), group("d")), version).reason() == AttributeInstanceNotFound);
    CHECK(lab.ask(modify(id, one(Tag::Comment, Text("b")), group("d")), version).reason() == InvalidField);
    lab.answer(modify(id, group("b"), group("B")), version);
    CHECK(texts(lab, id, version, Tag::ObjectGroup) == Texts{"a", "B", "c"});

    DeleteAttributeRequest current{Identifier(id), group("a"), {}, {}};
    lab.answer(current, version);
    CHECK(lab.ask(current, version).reason() == AttributeInstanceNotFound);
    CHECK(texts(lab, id, version, Tag::ObjectGroup) == Texts{"B", "c"});
    lab.answer(remove(id, Tag::ObjectGroup), version);
    CHECK(texts(lab, id, version, Tag::ObjectGroup).empty());
    CHECK(lab.ask(remove(id, Tag::ObjectGroup), version).reason() == AttributeNotFound);
    CHECK(lab.ask(DeleteAttributeRequest{Identifier(id), {}, {}, {}}, version).reason() == InvalidField);
  }
}

TEST_CASE("custom attributes are the client's, y- ones the server's") {
  for (const Version version : every_version) {
    CAPTURE(version);
    Lab lab;
    const std::string id = lab.create(version, aes());
    const AttributeId purpose("x", "purpose");
    const auto value = [&] {
      const Attributes all = held(lab, id, version);
      for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].id() == purpose) return std::string(text_of(all[i].value->value));
      return std::string("none");
    };
    lab.answer(add(id, custom("payroll")), version);
    CHECK(value() == "payroll");
    lab.answer(modify(id, custom("archive")), version);
    CHECK(value() == "archive");
    lab.answer(remove(id, purpose), version);
    CHECK(value() == "none");
    CHECK(lab.ask(remove(id, purpose), version).reason() ==
          by_version(version, ItemNotFound, AttributeNotFound));
    CHECK(lab.ask(add(id, custom("mine", "y")), version).reason() ==
          by_version(version, PermissionDenied, ReadOnlyAttribute));
    CHECK(lab.ask(remove(id, AttributeId("y", "purpose")), version).reason() ==
          by_version(version, PermissionDenied, AttributeReadOnly));
  }
}

TEST_CASE("what may not be added is refused with its reason") {
  struct Case {
    const char* what;
    Attributes attribute;
    ResultReason in_1x, in_2x;
  };
  for (const Version version : {V1_0, V1_4, V2_0, V2_1}) {
    Case cases[] = {
        {"the server's", one(Tag::State, State::Active), PermissionDenied, ReadOnlyAttribute},
        {"what is fixed", one(Tag::CryptographicLength, std::int32_t{128}), IllegalOperation,
         AttributeSingleValued},
        {"what is there", one(Tag::CryptographicUsageMask, CryptographicUsageMask::Sign), IllegalOperation,
         AttributeSingleValued},
        {"a name of another", one(Tag::Name, Name{"taken"}), IllegalOperation, NonUniqueNameAttribute},
        {"its own name", one(Tag::Name, Name{"own"}), IllegalOperation, NonUniqueNameAttribute},
        {"an empty name", one(Tag::Name, Name{""}), InvalidField, InvalidField},
        {"what is not supported", one(Tag::CertificateType, CertificateType::X_509), PermissionDenied,
         InvalidAttribute},
        {"an end before the start", one(Tag::DeactivationDate, DateTime{1}), InvalidField, InvalidField},
        {"a date that has passed", one(Tag::ActivationDate, DateTime{2'000'000'000}), IllegalOperation,
         AttributeSingleValued},
        {"no application data",
         one(Tag::ApplicationSpecificInformation, ApplicationSpecificInformation{"ns"}),
         ApplicationNamespaceNotSupported, ApplicationNamespaceNotSupported},
    };
    Lab lab;
    lab.active_key(version, "taken");
    const std::string id = lab.active_key(version, "own");
    for (Case& c : cases) {
      CAPTURE(version);
      CAPTURE(c.what);
      // Before 1.3 the data is required, so that the request cannot be written.
      if (c.attribute.has(Tag::ApplicationSpecificInformation) && version < V1_3) continue;
      const Reply reply = lab.ask(add(id, std::move(c.attribute)), version);
      INFO(reply.text());
      CHECK(reply.reason() == by_version(version, c.in_1x, c.in_2x));
    }
    if (version < V2_0)
      CHECK(lab.ask(add(id, at(0, one(Tag::ObjectGroup, Text("g")))), version).reason() == InvalidField);
  }
}

TEST_CASE("what may not be modified or deleted is refused with its reason") {
  for (const Version version : {V1_0, V1_4, V2_0, V2_1}) {
    CAPTURE(version);
    Lab lab;
    lab.create(version, aes(256, "taken"));
    const std::string id = lab.active_key(version);
    const ResultReason read_only = by_version(version, PermissionDenied, AttributeReadOnly);
    CHECK(lab.ask(modify(id, one(Tag::State, State::Active)), version).reason() == read_only);
    CHECK(lab.ask(modify(id, one(Tag::CryptographicLength, std::int32_t{128})), version).reason() ==
          read_only);
    CHECK(lab.ask(modify(id, one(Tag::CryptographicUsageMask, CryptographicUsageMask::Sign)), version)
              .reason() == read_only);
    CHECK(lab.ask(modify(id, one(Tag::ObjectGroup, Text("g"))), version).reason() ==
          by_version(version, InvalidField, AttributeNotFound));
    CHECK(lab.ask(modify(id, one(Tag::ActivationDate, DateTime{2'000'000'000})), version).reason() ==
          by_version(version, PermissionDenied, WrongKeyLifecycleState));
    lab.answer(add(id, one(Tag::Name, Name{"own"})), version);
    CHECK(lab.ask(modify(id, one(Tag::Name, Name{"taken"})), version).reason() ==
          by_version(version, IllegalOperation, NonUniqueNameAttribute));
    lab.answer(modify(id, one(Tag::Name, Name{"own"})), version);  // the same again

    for (const Tag tag : {Tag::State, Tag::CryptographicAlgorithm, Tag::ActivationDate, Tag::Digest})
      CHECK(lab.ask(remove(id, tag), version).reason() == read_only);
    CHECK(lab.ask(remove(id, Tag::ObjectGroup), version).reason() ==
          by_version(version, ItemNotFound, AttributeNotFound));

    lab.revoke(id, RevocationReasonCode::CessationOfOperation, version);
    CHECK(lab.ask(modify(id, one(Tag::DeactivationDate, DateTime{2'000'000'000})), version).reason() ==
          by_version(version, PermissionDenied, WrongKeyLifecycleState));
    lab.answer(DestroyRequest{Identifier(id)}, version);
    CHECK(lab.ask(add(id, one(Tag::ObjectGroup, Text("g"))), version).reason() ==
          by_version(version, PermissionDenied, WrongKeyLifecycleState));
  }
}

TEST_CASE("names follow their attribute: a name given up is free, a name taken is not") {
  Lab lab;
  const std::string id = lab.create(V1_4, aes(256, "first"));
  lab.answer(modify(id, one(Tag::Name, Name{"second"})), V1_4);
  lab.create(V1_4, aes(256, "first"));
  CreateRequest again;
  again.attributes = aes(256, "second");
  CHECK(lab.ask(again, V1_4).reason() == InvalidField);
  lab.answer(remove(id, Tag::Name), V1_4);
  CHECK(lab.ask(again, V1_4).succeeded());
  CHECK(lab.ask(add(id, one(Tag::Name, Name{"second"})), V1_4).reason() == IllegalOperation);
}

TEST_CASE("an activation date that is added takes effect when it comes") {
  Lab lab;
  const std::string id = lab.create(V2_1, aes());
  lab.answer(set(id, one(Tag::ActivationDate, DateTime{1'700'000'010})), V2_1);
  CHECK(lab.state(id, V2_1) == State::PreActive);
  lab.answer(set(id, one(Tag::ActivationDate, DateTime{1'700'000'020})), V2_1);
  lab.clock.pass(std::chrono::seconds(10));
  CHECK(lab.state(id, V2_1) == State::PreActive);
  lab.clock.pass(std::chrono::seconds(10));
  CHECK(lab.state(id, V2_1) == State::Active);
  CHECK(lab.ask(set(id, one(Tag::ActivationDate, DateTime{1'700'000'030})), V2_1).reason() ==
        WrongKeyLifecycleState);
  CHECK(lab.ask(set(id, one(Tag::State, State::Active)), V2_1).reason() == ReadOnlyAttribute);
  CHECK(lab.ask(set(id, one(Tag::Name, Name{""})), V2_1).reason() == InvalidAttributeValue);
}

TEST_CASE("always sensitive and never extractable end with the first change, for good") {
  Lab lab;
  Attributes attributes = aes();
  attributes.add(Tag::Sensitive, true);
  attributes.add(Tag::Extractable, false);
  const std::string id = lab.create(V1_4, std::move(attributes));
  for (const bool changed : {true, false}) {
    lab.answer(modify(id, one(Tag::Sensitive, !changed)), V1_4);
    lab.answer(modify(id, one(Tag::Extractable, changed)), V1_4);
    const Attributes all = held(lab, id, V1_4);
    CHECK(all.get<bool>(Tag::Sensitive) == !changed);
    CHECK(all.get<bool>(Tag::AlwaysSensitive) == false);
    CHECK(all.get<bool>(Tag::NeverExtractable) == false);
    CHECK(lab.ask(GetRequest{.unique_identifier = Identifier(id)}, V1_4).succeeded() == changed);
  }
  CHECK(lab.ask(remove(id, Tag::Sensitive), V1_4).reason() == PermissionDenied);
}

TEST_CASE("an answer that does not fit changes nothing") {
  Lab lab;
  const std::string id = lab.create(V1_4, aes());
  const std::string longer(1000, 'c');
  Message message(V1_4);
  message.header.maximum_response_size = 800;
  message.add(add(id, one(Tag::ContactInformation, Text(longer))));
  CHECK(lab.send(message).reason() == ResponseTooLarge);
  CHECK(texts(lab, id, V1_4, Tag::ContactInformation).empty());
}

}  // namespace keyway::kmip::server::test
