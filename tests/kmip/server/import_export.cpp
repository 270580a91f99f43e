// Import and Export: an object moves from one server to another, whole.
#include <tests/kmip/server/support.h>

namespace keyway::kmip::server::test {

using enum ResultReason;

namespace {

constexpr Version export_versions[] = {V1_4, V2_0, V2_1};
constexpr Version import_versions[] = {V2_0, V2_1};

Attributes held(Lab& lab, const std::string& id, Version version) {
  return std::move(lab.answer(GetAttributesRequest{Identifier(id), {}}, version).attributes);
}
bool same(const Attributes& a, const Attributes& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].id() != b[i].id() || text_of(a[i].value->value) != text_of(b[i].value->value)) return false;
  return true;
}

// import_request takes what another server exported.
ImportRequest import_request(ExportResponse exported) {
  ImportRequest request;
  request.unique_identifier = Identifier(exported.unique_identifier);
  request.object_type = exported.object_type;
  request.attributes = std::move(exported.attributes);
  request.object = std::move(exported.object);
  return request;
}
// new_key is an AES key to import under this identifier, with attributes that may be added to.
ImportRequest new_key(Text id) {
  ImportRequest request;
  request.unique_identifier = Identifier(id);
  request.object_type = ObjectType::SymmetricKey;
  request.attributes.add(Tag::CryptographicUsageMask, CryptographicUsageMask::Encrypt);
  KeyBlock& block = request.object.symmetric_key.emplace().key_block;
  block.key_value.emplace().key_material = Secret(Text("0123456789abcdef"));
  block.cryptographic_algorithm = CryptographicAlgorithm::AES;
  block.cryptographic_length = 128;
  return request;
}

}  // namespace

TEST_CASE("an exported object is imported as it was, with every attribute") {
  for (const Version version : import_versions) {
    CAPTURE(version);
    Lab from, to;
    Attributes attributes = aes(256, "payroll");
    attributes.add(Tag::ObjectGroup, Text("a")).add(Tag::ObjectGroup, Text("b"));
    attributes.add_custom("x", "purpose", Text("test"));
    const std::string id = from.create(version, std::move(attributes));
    from.answer(ActivateRequest{Identifier(id)}, version);
    from.clock.pass(std::chrono::seconds(10));
    from.revoke(id, RevocationReasonCode::KeyCompromise, version);
    from.answer(ObtainLeaseRequest{Identifier(id)}, version);
    to.clock.pass(std::chrono::seconds(1000));

    const Attributes before = held(from, id, version);
    const auto key = from.answer(GetRequest{.unique_identifier = Identifier(id)}, version)
                         .object.key_block()
                         ->key_bytes()
                         ->duplicate();
    const Reply exported = from.ask(ExportRequest{.unique_identifier = Identifier(id)}, version);
    auto response = exported.payload<ExportResponse>(version);
    CHECK(response.object_type == ObjectType::SymmetricKey);
    CHECK(same(response.attributes, before));
    CHECK(*response.object.key_block()->key_bytes() == key);

    CHECK(to.answer(import_request(std::move(response)), version).unique_identifier == id);
    CHECK(to.state(id, version) == State::Compromised);
    CHECK(same(held(to, id, version), before));
    const auto got = to.answer(GetRequest{.unique_identifier = Identifier(id)}, version);
    CHECK(*got.object.key_block()->key_bytes() == key);
  }
}

TEST_CASE("an identifier that is taken is replaced only when the client says so") {
  for (const Version version : import_versions) {
    CAPTURE(version);
    Lab lab;
    const std::string id = lab.create(version, aes(256, "old name"));
    auto request = new_key(id);
    CHECK(lab.ask(request, version).reason() == ObjectAlreadyExists);
    request.replace_existing = false;
    CHECK(lab.ask(request, version).reason() == ObjectAlreadyExists);
    CHECK(held(lab, id, version).get<std::int32_t>(Tag::CryptographicLength) == 256);
    request.replace_existing = true;
    request.attributes.add(Tag::Name, Name{"new name"});
    lab.answer(request, version);
    lab.answer(request, version);  // its own name is no obstacle
    CHECK(held(lab, id, version).get<std::int32_t>(Tag::CryptographicLength) == 128);
    CHECK(lab.answer(LocateRequest{}, version).unique_identifiers.size() == 1);
    lab.create(version, aes(256, "old name"));
    CreateRequest taken;
    taken.attributes = aes(256, "new name");
    CHECK_FALSE(lab.ask(taken, version).succeeded());
    request.attributes.add(Tag::Name, Name{"old name"});
    CHECK(lab.ask(request, version).reason() == NonUniqueNameAttribute);

    lab.answer(ArchiveRequest{Identifier(id)}, version);
    CHECK(lab.ask(request, version).reason() == ObjectArchived);
  }
}

TEST_CASE("what contradicts itself is not imported") {
  struct Case {
    const char* what;
    std::function<void(ImportRequest&)> change;
    ResultReason reason;
  };
  const Case cases[] = {
      {"another identifier", [](auto& r) { r.attributes.add(Tag::UniqueIdentifier, Text("other")); },
       InvalidAttributeValue},
      {"another type", [](auto& r) { r.attributes.add(Tag::ObjectType, ObjectType::SecretData); },
       InvalidAttributeValue},
      {"another digest",
       [](auto& r) {
         r.attributes.add(Tag::Digest, Digest{HashingAlgorithm::SHA_256, bytes_of("digest"), {}});
       },
       InvalidAttributeValue},
      {"a key that is destroyed", [](auto& r) { r.attributes.add(Tag::State, State::Destroyed); },
       InvalidAttributeValue},
      {"a state that is none", [](auto& r) { r.attributes.add(Tag::State, static_cast<State>(99)); },
       InvalidAttributeValue},
      {"a date of its end", [](auto& r) { r.attributes.add(Tag::DestroyDate, DateTime{1}); },
       InvalidAttributeValue},
      {"another length", [](auto& r) { r.attributes.add(Tag::CryptographicLength, std::int32_t{256}); },
       InvalidField},
      {"no identifier", [](auto& r) { r.unique_identifier = Identifier(std::int32_t{0}); }, InvalidField},
      {"a name in use", [](auto& r) { r.attributes.add(Tag::Name, Name{"taken"}); }, NonUniqueNameAttribute},
  };
  for (const Version version : import_versions)
    for (const Case& c : cases) {
      CAPTURE(version);
      CAPTURE(c.what);
      Lab lab;
      lab.create(version, aes(256, "taken"));
      auto request = new_key("imported");
      c.change(request);
      const Reply reply = lab.ask(request, version);
      INFO(reply.text());
      CHECK(reply.reason() == c.reason);
      CHECK(lab.answer(LocateRequest{}, version).unique_identifiers.size() == 1);
    }
  EngineSettings settings;
  settings.most_objects = 0;
  Lab full(std::move(settings));
  CHECK(full.ask(new_key("imported"), V2_1).reason() == ServerLimitExceeded);
}

TEST_CASE("Export keeps what Get keeps, and gives destroyed keys without their key") {
  for (const Version version : export_versions) {
    CAPTURE(version);
    Lab lab;
    Attributes sensitive = aes();
    sensitive.add(Tag::Sensitive, true);
    const std::string kept = lab.create(version, std::move(sensitive));
    CHECK(lab.ask(ExportRequest{.unique_identifier = Identifier(kept)}, version).reason() == Sensitive);
    Attributes stuck = aes();
    stuck.add(Tag::Extractable, false);
    const std::string bound = lab.create(version, std::move(stuck));
    CHECK(lab.ask(ExportRequest{.unique_identifier = Identifier(bound)}, version).reason() == NotExtractable);

    const std::string id = lab.create(version, aes());
    ExportRequest request{.unique_identifier = Identifier(id)};
    request.key_compression_type = KeyCompressionType::ECPublicKeyTypeUncompressed;
    CHECK(lab.ask(request, version).reason() == KeyCompressionTypeNotSupported);
    request.key_compression_type.reset();
    request.key_format_type = KeyFormatType::PKCS_8;
    CHECK(lab.ask(request, version).reason() == KeyFormatTypeNotSupported);
    request.key_format_type.reset();
    lab.answer(DestroyRequest{Identifier(id)}, version);
    const auto left = lab.answer(request, version);
    REQUIRE(left.object.symmetric_key);
    CHECK_FALSE(left.object.key_block()->key_value);
    CHECK(left.attributes.get<State>(Tag::State) == State::Destroyed);
  }
}

}  // namespace keyway::kmip::server::test
