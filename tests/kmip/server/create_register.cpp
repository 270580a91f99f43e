// Create, Register and Get, and the attributes in between.
#include <kmip/model/attribute_values.h>
#include <tests/kmip/server/support.h>

namespace keyway::kmip::server::test {

using enum ResultReason;

namespace {

const std::string material = "0123456789abcdef0123456789abcdef";

KeyBlock raw_block(Text key, KeyFormatType format = KeyFormatType::Raw) {
  KeyBlock block;
  block.key_format_type = format;
  block.key_value.emplace().key_material = Secret(key);
  return block;
}

RegisterRequest aes_key(KeyBlock block) {
  RegisterRequest request;
  request.attributes.add(Tag::CryptographicUsageMask, CryptographicUsageMask::Encrypt);
  block.cryptographic_algorithm = CryptographicAlgorithm::AES;
  block.cryptographic_length = 256;
  request.object.symmetric_key.emplace().key_block = std::move(block);
  return request;
}

RegisterRequest secret_data(Text value, KeyFormatType format) {
  RegisterRequest request;
  request.object_type = ObjectType::SecretData;
  request.attributes.add(Tag::CryptographicUsageMask, CryptographicUsageMask::DeriveKey);
  request.object.secret_data.emplace(SecretData{SecretDataType::Seed, raw_block(value, format)});
  return request;
}

}  // namespace

TEST_CASE("Create makes keys of the length asked for, and Get gives them") {
  for (const Version version : every_version)
    for (const std::int32_t bits : {128, 192, 256}) {
      CAPTURE(version);
      CAPTURE(bits);
      Lab lab;
      const std::string id = lab.create(version, aes(bits));
      const auto raw = lab.answer(GetRequest{.unique_identifier = Identifier(id)}, version);
      REQUIRE(raw.object.symmetric_key);
      const KeyBlock& block = raw.object.symmetric_key->key_block;
      CHECK(raw.object_type == ObjectType::SymmetricKey);
      CHECK(block.key_format_type == KeyFormatType::Raw);
      CHECK(block.cryptographic_algorithm == CryptographicAlgorithm::AES);
      CHECK(block.cryptographic_length == bits);
      REQUIRE(block.key_bytes());
      const Secret key = block.key_bytes()->duplicate();
      CHECK(key.size() * 8 == static_cast<std::size_t>(bits));

      GetRequest transparent{.unique_identifier = Identifier(id)};
      transparent.key_format_type = KeyFormatType::TransparentSymmetricKey;
      const auto other = lab.answer(transparent, version);
      REQUIRE(other.object.symmetric_key->key_block.key_value->transparent);
      CHECK(*other.object.symmetric_key->key_block.key_bytes() == key);
    }
}

TEST_CASE("Create refuses what it cannot make") {
  struct Case {
    const char* what;
    std::function<void(CreateRequest&)> change;
    ResultReason in_1x, in_2x;
  };
  const Case cases[] = {
      {"another type", [](auto& r) { r.object_type = ObjectType::SecretData; }, InvalidField,
       InvalidObjectType},
      {"no attributes", [](auto& r) { r.attributes = Attributes(); }, InvalidField, InvalidAttribute},
      {"an odd length", [](auto& r) { r.attributes = aes(100); }, InvalidField, InvalidAttributeValue},
      {"a negative length", [](auto& r) { r.attributes = aes(-256); }, InvalidField, InvalidAttributeValue},
      {"another algorithm",
       [](auto& r) {
         r.attributes = Attributes();
         r.attributes.add(Tag::CryptographicAlgorithm, CryptographicAlgorithm::DES3);
         r.attributes.add(Tag::CryptographicLength, std::int32_t{168});
         r.attributes.add(Tag::CryptographicUsageMask, CryptographicUsageMask::Encrypt);
       },
       InvalidField, InvalidAttributeValue},
      {"no usage mask",
       [](auto& r) {
         r.attributes = Attributes();
         r.attributes.add(Tag::CryptographicAlgorithm, CryptographicAlgorithm::AES);
         r.attributes.add(Tag::CryptographicLength, std::int32_t{256});
       },
       InvalidField, InvalidAttribute},
      {"a length twice", [](auto& r) { r.attributes.add(Tag::CryptographicLength, std::int32_t{128}); },
       IndexOutOfBounds, AttributeSingleValued},
      {"the server's own attribute", [](auto& r) { r.attributes.add(Tag::State, State::Active); },
       InvalidField, AttributeReadOnly},
      {"a server's custom attribute", [](auto& r) { r.attributes.add_custom("y", "mine", Text("v")); },
       InvalidField, AttributeReadOnly},
      {"an empty name", [](auto& r) { r.attributes.add(Tag::Name, Name{""}); }, InvalidField,
       InvalidAttributeValue},
      {"a name twice",
       [](auto& r) {
         r.attributes.add(Tag::Name, Name{"a"});
         r.attributes.add(Tag::Name, Name{"a"});
       },
       InvalidField, InvalidAttributeValue},
      {"an end before the start",
       [](auto& r) {
         r.attributes.add(Tag::ActivationDate, DateTime{20});
         r.attributes.add(Tag::DeactivationDate, DateTime{10});
       },
       InvalidField, InvalidAttributeValue},
      {"usage limits, which it cannot count",
       [](auto& r) { r.attributes.add(Tag::UsageLimits, UsageLimits{1, {}, UsageLimitsUnit::Object}); },
       InvalidField, UnsupportedAttribute},
  };
  for (const Version version : {V1_0, V1_4, V2_0, V2_1})
    for (const Case& c : cases) {
      CAPTURE(version);
      CAPTURE(c.what);
      Lab lab;
      CreateRequest request;
      request.attributes = aes();
      c.change(request);
      CHECK(lab.ask(request, version).reason() == by_version(version, c.in_1x, c.in_2x));
      CHECK(lab.answer(LocateRequest{}, version).unique_identifiers.empty());
    }
}

TEST_CASE("a template is not found, and an unknown 1.x attribute is refused") {
  Lab lab;
  CreateRequest request;
  request.attributes = aes();
  SecretBuffer name;
  REQUIRE(encode(name, Tag::Name, Name{"my template"}, V1_2));
  const Raw raw{Tag::Name, Type::Structure, name.view().subspan(item_header_size)};
  request.attributes.add_raw(Tag::TemplateAttribute, {}, {}, {}, &raw);
  CHECK(lab.ask(request, V1_2).reason() == ItemNotFound);

  request.attributes = aes();
  request.attributes.add_custom("", "Cryptographic Lenght", std::int32_t{1});
  const Reply reply = lab.ask(request, V1_2);
  CHECK(reply.reason() == InvalidField);
  CHECK(reply.text().find("Cryptographic Lenght") != std::string::npos);
}

TEST_CASE("Register takes keys and secrets in the formats clients use") {
  for (const Version version : every_version) {
    CAPTURE(version);
    Lab lab;
    const auto got = [&](const RegisterRequest& request) {
      const std::string id(lab.answer(request, version).unique_identifier);
      return lab.answer(GetRequest{.unique_identifier = Identifier(id)}, version);
    };
    auto object = got(aes_key(raw_block(material))).object;
    CHECK(object.key_block()->key_bytes()->reveal_text() == material);

    KeyBlock transparent;
    transparent.key_format_type = KeyFormatType::TransparentSymmetricKey;
    transparent.key_value.emplace().transparent.emplace().key = Secret(Text(material));
    object = got(aes_key(std::move(transparent))).object;
    CHECK(object.key_block()->key_format_type == KeyFormatType::Raw);
    CHECK(object.key_block()->key_bytes()->reveal_text() == material);

    for (const KeyFormatType format : {KeyFormatType::Raw, KeyFormatType::Opaque}) {
      const auto response = got(secret_data("open sesame", format));
      REQUIRE(response.object.secret_data);
      CHECK(response.object_type == ObjectType::SecretData);
      CHECK(response.object.secret_data->type == SecretDataType::Seed);
      CHECK(response.object.key_block()->key_format_type == format);
      CHECK(response.object.key_block()->key_bytes()->reveal_text() == "open sesame");
    }
  }
}

TEST_CASE("Register refuses what does not fit together") {
  struct Case {
    const char* what;
    std::function<void(RegisterRequest&)> change;
    ResultReason in_1x, in_2x;
  };
  const auto block = [](RegisterRequest& r) -> KeyBlock& { return r.object.symmetric_key->key_block; };
  const Case cases[] = {
      {"another type", [](auto& r) { r.object_type = ObjectType::SecretData; }, InvalidField, InvalidField},
      {"a type without objects", [](auto& r) { r.object_type = ObjectType::PGPKey; }, InvalidField,
       InvalidObjectType},
      {"an empty key", [&](auto& r) { block(r).key_value->key_material = Secret(); }, InvalidField,
       InvalidField},
      {"another length", [&](auto& r) { block(r).cryptographic_length = 128; }, InvalidField, InvalidField},
      {"an odd key",
       [&](auto& r) {
         block(r).key_value->key_material = Secret(Text("short"));
         block(r).cryptographic_length.reset();
       },
       InvalidField, InvalidField},
      {"no algorithm",
       [&](auto& r) {
         block(r).cryptographic_algorithm.reset();
         block(r).cryptographic_length.reset();
       },
       InvalidField, InvalidField},
      {"two algorithms",
       [](auto& r) { r.attributes.add(Tag::CryptographicAlgorithm, CryptographicAlgorithm::DES); },
       InvalidField, InvalidField},
      {"a format of another material",
       [&](auto& r) { block(r).key_format_type = KeyFormatType::TransparentSymmetricKey; },
       KeyFormatTypeNotSupported, KeyFormatTypeNotSupported},
      {"a compressed key",
       [&](auto& r) { block(r).key_compression_type = KeyCompressionType::ECPublicKeyTypeUncompressed; },
       KeyCompressionTypeNotSupported, KeyCompressionTypeNotSupported},
      {"a wrapped key",
       [&](auto& r) {
         block(r).key_value.reset();
         block(r).wrapped_key_value = bytes_of(material);
         block(r).key_wrapping_data.emplace().wrapping_method = WrappingMethod::Encrypt;
       },
       FeatureNotSupported, FeatureNotSupported},
      {"no usage mask", [](auto& r) { r.attributes = Attributes(); }, InvalidField, InvalidAttribute},
  };
  for (const Version version : {V1_0, V1_4, V2_1})
    for (const Case& c : cases) {
      CAPTURE(version);
      CAPTURE(c.what);
      Lab lab;
      RegisterRequest request = aes_key(raw_block(material));
      c.change(request);
      CHECK(lab.ask(request, version).reason() == by_version(version, c.in_1x, c.in_2x));
    }
}

TEST_CASE("Register at 1.0 without an object is refused: there is nothing to keep") {
  Lab lab;
  RegisterRequest request = aes_key(raw_block(material));
  request.object = ManagedObject();
  CHECK(lab.ask(request, V1_0).reason() == InvalidField);
}

TEST_CASE("Get refuses forms it cannot give") {
  Lab lab;
  for (const Version version : {V1_0, V1_4, V2_1}) {
    CAPTURE(version);
    const std::string id = lab.create(version, aes());
    GetRequest request{.unique_identifier = Identifier(id)};
    request.key_format_type = KeyFormatType::PKCS_8;
    CHECK(lab.ask(request, version).reason() == KeyFormatTypeNotSupported);
    request.key_format_type.reset();
    request.key_compression_type = KeyCompressionType::ECPublicKeyTypeUncompressed;
    CHECK(lab.ask(request, version).reason() == KeyCompressionTypeNotSupported);
    request.key_compression_type.reset();
    request.key_wrapping_specification.emplace().wrapping_method = WrappingMethod::Encrypt;
    CHECK(lab.ask(request, version).reason() == FeatureNotSupported);
  }
}

TEST_CASE("sensitive and unextractable keys stay inside, for old clients too") {
  Lab lab;
  Attributes sensitive = aes();
  sensitive.add(Tag::Sensitive, true);
  Attributes kept = aes();
  kept.add(Tag::Extractable, false);
  const std::string secret = lab.create(V1_4, std::move(sensitive));
  const GetRequest get_sensitive{.unique_identifier = Identifier(secret)};
  const std::string id = lab.create(V2_1, std::move(kept));
  CHECK(lab.ask(get_sensitive, V1_4).reason() == Sensitive);
  CHECK(lab.ask(get_sensitive, V1_0).reason() == PermissionDenied);
  CHECK(lab.ask(GetRequest{.unique_identifier = Identifier(id)}, V2_0).reason() == NotExtractable);
  const auto attributes = lab.answer(GetAttributesRequest{Identifier(id), {}}, V2_1).attributes;
  CHECK(attributes.get<bool>(Tag::NeverExtractable) == true);
  CHECK(attributes.get<bool>(Tag::AlwaysSensitive) == false);
}

TEST_CASE("the server's attributes are there, and only those of the version") {
  for (const Version version : every_version) {
    CAPTURE(version);
    Lab lab;
    const RegisterRequest request = aes_key(raw_block(material));
    const std::string id(lab.answer(request, version).unique_identifier);
    const auto response = lab.answer(GetAttributesRequest{Identifier(id), {}}, version);
    const Attributes& all = response.attributes;
    CHECK(response.unique_identifier == id);
    CHECK(all.get<Text>(Tag::UniqueIdentifier) == id);
    CHECK(all.get<ObjectType>(Tag::ObjectType) == ObjectType::SymmetricKey);
    CHECK(all.get<CryptographicAlgorithm>(Tag::CryptographicAlgorithm) == CryptographicAlgorithm::AES);
    CHECK(all.get<std::int32_t>(Tag::CryptographicLength) == 256);
    CHECK(all.get<CryptographicUsageMask>(Tag::CryptographicUsageMask) == CryptographicUsageMask::Encrypt);
    CHECK(all.get<DateTime>(Tag::InitialDate) == DateTime{1'700'000'000});
    CHECK(all.get<DateTime>(Tag::LastChangeDate) == DateTime{1'700'000'000});
    const auto digest = all.get<Digest>(Tag::Digest);
    REQUIRE(digest);
    REQUIRE(digest->digest_value);
    CHECK(equal_in_constant_time(*digest->digest_value, sha256(bytes_of(material))));
    CHECK(digest->key_format_type.has_value() == (version >= V1_1));
    CHECK(all.has(Tag::Sensitive) == (version >= V1_4));
    CHECK(all.has(Tag::KeyFormatType) == (version >= V2_0));

    const auto names = lab.answer(GetAttributeListRequest{Identifier(id)}, version).names.ids;
    CHECK(names.size() == all.size());
  }
}

TEST_CASE("what one version stored another sees as far as it can") {
  Lab lab;
  Attributes attributes = aes(256, "first");
  attributes.add(Tag::Name, Name{"second"});
  attributes.add_custom("x", "room", Text("cellar"));
  attributes.add_custom("acme", "shelf", std::int32_t{7});
  attributes.add(Tag::Description, Text("a key"));
  const std::string id = lab.create(V2_1, std::move(attributes));

  const auto new_view = lab.answer(GetAttributesRequest{Identifier(id), {}}, V2_1).attributes;
  CHECK(new_view.get<Text>(Tag::Description) == "a key");
  CHECK(new_view.all<Text>(Tag::Attribute).size() == 1);
  CHECK(new_view.all<std::int32_t>(Tag::Attribute).size() == 1);

  GetAttributesRequest some{Identifier(id), {}};
  some.names.ids = {AttributeId(Tag::Name), AttributeId("x", "room"), AttributeId("x", "not there")};
  const auto old_view = lab.answer(some, V1_0).attributes;
  REQUIRE(old_view.size() == 3);
  CHECK(old_view[0].index == 0);
  CHECK(old_view[1].index == 1);
  CHECK_FALSE(old_view[2].index);
  CHECK(old_view[2].id() == AttributeId("x", "room"));
  const auto all = lab.answer(GetAttributesRequest{Identifier(id), {}}, V1_0).attributes;
  CHECK_FALSE(all.has(Tag::Description));
  CHECK(all.all<std::int32_t>(Tag::Attribute).empty());

  some.names.ids.push_back(AttributeId(Tag::Name));
  CHECK(lab.ask(some, V1_0).reason() == InvalidMessage);
}

TEST_CASE("a full server says so") {
  EngineSettings settings;
  settings.most_objects = 1;
  Lab lab(std::move(settings));
  CreateRequest request;
  request.attributes = aes();
  CHECK(lab.ask(request, V1_4).succeeded());
  CHECK(lab.ask(request, V1_4).reason() == GeneralFailure);
  CHECK(lab.ask(request, V2_1).reason() == ServerLimitExceeded);
}

}  // namespace keyway::kmip::server::test
