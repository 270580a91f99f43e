// Payloads from assignments, and what fields_of tells of them.
#include <algorithm>
#include <optional>

#include <doctest/doctest.h>

#include <kmip/model/credential.h>
#include <kmip/model/encrypt.h>
#include <kmip/model/operations.h>
#include <kmip/model/register.h>
#include <kmip/text/assignment.h>
#include <kmip/text/readable.h>
#include <tests/kmip/text/support.h>

using namespace keyway;
using namespace keyway::kmip;

namespace {

using Texts = std::vector<std::string>;

// "PATH=VALUE", or "PATH<CONTENT" for the content of a file.
std::vector<Assignment> assignments_of(const Texts& texts) {
  std::vector<Assignment> assignments;
  for (const std::string& text : texts) {
    const auto at = text.find_first_of("=<");
    const bool is_bytes = text[at] == '<';
    assignments.push_back({text.substr(0, at), Secret(Text(text).substr(at + 1)), is_bytes});
  }
  return assignments;
}

Result<SecretBuffer> built(Operation operation, Version version, const Texts& texts) {
  return build_payload(*find_operation(operation)->request.shape, Tag::RequestPayload, version,
                       assignments_of(texts));
}

// The tree without its offsets and its first line, or the error as one line.
std::string tree(Operation operation, Version version, const Texts& texts) {
  const auto payload = built(operation, version, texts);
  if (!payload) return describe(payload.error());
  const SecretBuffer shown = readable_with_secrets(payload->view(), Reveal());
  std::string lines(text_of(shown.view())), result;
  for (std::size_t at = 0; at < lines.size();) {
    const auto end = std::min(lines.find('\n', at), lines.size());
    const std::string line = lines.substr(at, end - at);
    const auto start = std::min(line.find_first_not_of(' '), line.size());
    const auto after_offset = std::min(line.find_first_not_of(' ', line.find(' ', start)), line.size());
    if (at > 0) result += line.substr(after_offset) + "\n";
    at = end + 1;
  }
  return result;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// decodes says whether the payload is one that a strict reader takes.
std::string decoded(Operation operation, Version version, const Texts& texts) {
  const auto payload = built(operation, version, texts);
  if (!payload) return describe(payload.error());
  const PayloadInfo& info = find_operation(operation)->request;
  const auto value = info.make();
  Raw item;
  CodecError error;
  Reader reader(payload->view());
  if (!reader.next(item, error)) return "not an item";
  const auto done = decode_item(*info.shape, item, value.get(), {version, Mode::strict, {}});
  return done ? "good" : describe(done.error());
}

const FieldInfo* field(const std::vector<FieldInfo>& fields, std::string_view path) {
  const auto at = std::ranges::find(fields, path, &FieldInfo::path);
  return at == fields.end() ? nullptr : &*at;
}

}  // namespace

TEST_CASE("an assignment is a path, an equals sign and a value") {
  const auto good = assignment_of("A.B[1]=x=y");
  REQUIRE(good);
  CHECK(good->path == "A.B[1]");
  CHECK(good->value.reveal_text() == "x=y");
  CHECK_FALSE(good->is_bytes);
  CHECK(assignment_of("Data=")->value.empty());
  for (const char* bad : {"", "=", "=x", "Data", "Data:ByteString"}) {
    CAPTURE(bad);
    const auto wrong = assignment_of(bad);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().kind == ErrorKind::invalid_input);
    CHECK(contains(wrong.error().what, "PATH=VALUE"));
  }
}

TEST_CASE("fields are written in the order of the table, whatever the order of the assignments") {
  CHECK(tree(Operation::Encrypt, Version::V1_4,
             {"Data=0102", "CryptographicParameters.TagLength=16", "UniqueIdentifier=k1",
              "cryptographic-parameters.BlockCipherMode=GCM", "Init Indicator=true"}) ==
        tree(Operation::Encrypt, Version::V1_4,
             {"UniqueIdentifier=k1", "CryptographicParameters.BlockCipherMode=GCM",
              "CryptographicParameters.TagLength=16", "Data=0102", "InitIndicator=true"}));
  const std::string shown = tree(Operation::Encrypt, Version::V1_4, {"Data=0102", "UniqueIdentifier=k1"});
  CAPTURE(shown);
  CHECK(shown.find("UniqueIdentifier  TextString  \"k1\"") < shown.find("Data  ByteString  0102"));
}

TEST_CASE("payloads that a strict reader takes") {
  const struct {
    Operation operation;
    Version version;
    Texts texts;
    std::vector<Text> shows;
  } cases[] = {
      {Operation::Create,
       Version::V1_0,
       {"ObjectType=SymmetricKey", "Attributes.Cryptographic Algorithm=AES",
        "Attributes.CryptographicLength=256", "Attributes.Cryptographic Usage Mask=Encrypt|Decrypt"},
       {"TemplateAttribute  Structure", "\"Cryptographic Algorithm\"", "AttributeValue  Enumeration  AES"}},
      {Operation::Create,
       Version::V2_1,
       {"ObjectType=SymmetricKey", "Attributes.Cryptographic Algorithm=AES", "Attributes.Name=k=1",
        "Attributes.x-note.of=hi", "Attributes.acme:a.b:c=there"},
       {"Attributes  Structure", "CryptographicAlgorithm  Enumeration  AES", "NameValue  TextString  \"k=1\"",
        "VendorIdentification  TextString  \"acme\"", "AttributeName  TextString  \"a.b:c\"",
        "AttributeName  TextString  \"note.of\""}},
      // A list that is there and empty.
      {Operation::Create, Version::V1_4, {"ObjectType=2", "Attributes="}, {"TemplateAttribute  Structure"}},
      {Operation::Create, Version::V2_0, {"ObjectType=2"}, {"Attributes  Structure, 0 bytes"}},
      {Operation::Query,
       Version::V1_4,
       {"QueryFunction=QueryOperations", "QueryFunction=Query Objects", "QueryFunction=0x00000003"},
       {"QueryOperations", "QueryObjects", "QueryServerInformation"}},
      {Operation::GetAttributes,
       Version::V1_4,
       {"UniqueIdentifier=k", "AttributeName=Cryptographic Length", "AttributeName=x-note"},
       {"AttributeName  TextString  \"Cryptographic Length\"", "AttributeName  TextString  \"x-note\""}},
      {Operation::GetAttributes,
       Version::V2_0,
       {"UniqueIdentifier=k", "AttributeName=CryptographicLength", "AttributeReference=acme:note"},
       {"AttributeReference  Enumeration  CryptographicLength", "AttributeReference  Structure"}},
      {Operation::AddAttribute,
       Version::V1_2,
       {"UniqueIdentifier=k", "NewAttribute.x-note=hi"},
       {"Attribute  Structure", "\"x-note\""}},
      {Operation::AddAttribute, Version::V2_1, {"NewAttribute.x-note=hi"}, {"NewAttribute  Structure"}},
      {Operation::Get,
       Version::V2_1,
       {"UniqueIdentifier:Enumeration=IDPlaceholder"},
       {"UniqueIdentifier  Enumeration  IDPlaceholder"}},
      {Operation::Get, Version::V2_1, {"UniqueIdentifier:Integer=-1"}, {"UniqueIdentifier  Integer  -1"}},
      // One name, two forms: the fields and the type tell.
      {Operation::Register,
       Version::V1_4,
       {"ObjectType=SymmetricKey", "Attributes=", "SymmetricKey.KeyBlock.KeyFormatType=Raw",
        "SymmetricKey.KeyBlock.KeyValue.KeyMaterial<0123456789abcdef"},
       {"KeyMaterial  ByteString  3031"}},
      {Operation::Register,
       Version::V1_4,
       {"ObjectType=SymmetricKey",
        "Attributes=", "SymmetricKey.KeyBlock.KeyFormatType=TransparentSymmetricKey",
        "SymmetricKey.KeyBlock.KeyValue.KeyMaterial.Key=00112233445566778899aabbccddeeff"},
       {"KeyMaterial  Structure", "Key  ByteString  0011"}},
      {Operation::Register,
       Version::V1_4,
       {"ObjectType=SymmetricKey", "Attributes=", "SymmetricKey.KeyBlock.KeyFormatType=Raw",
        "SymmetricKey.KeyBlock.KeyValue=0011223344556677"},
       {"KeyValue  ByteString  0011223344556677"}},
      {Operation::Register,
       Version::V2_1,
       {"ObjectType=SecretData", "Attributes.Name=p", "SecretData.SecretDataType=Password",
        "SecretData.KeyBlock.KeyFormatType=Opaque", "SecretData.KeyBlock.KeyValue.KeyMaterial<swordfish",
        "SecretData.KeyBlock.KeyValue.Attributes.Comment=inside"},
       {"Comment  TextString  \"inside\""}},
      // Structures whose fields depend on something else, and several of a structure.
      {Operation::Login,
       Version::V2_1,
       {"LeaseTime:DateTime=2030-01-01T00:00:00Z", "UsageLimits.UsageLimitsTotal=5",
        "UsageLimits.UsageLimitsUnit=Byte"},
       {"LeaseTime  DateTime  2030", "UsageLimitsTotal  LongInteger  5"}},
      {Operation::Login, Version::V2_1, {"LeaseTime=60"}, {"LeaseTime  Interval  60"}},
      {Operation::CreateKeyPair,
       Version::V1_4,
       {"CommonAttributes.CryptographicLength=2048", "PrivateKeyAttributes.Name=a",
        "PublicKeyTemplateAttribute.Name=b"},
       {"CommonTemplateAttribute  Structure", "PublicKeyTemplateAttribute  Structure"}},
      {Operation::Locate, Version::V1_4, {"StorageStatusMask=OnlineStorage|ArchivalStorage"}, {}},
      {Operation::Locate, Version::V2_1, {}, {}},
      {Operation::ReKey, Version::V1_0, {"UniqueIdentifier=a", "Offset=60"}, {"Offset  Interval  60"}},
  };
  for (const auto& one : cases) {
    CAPTURE(name(one.operation));
    CAPTURE(name(one.version));
    CHECK(decoded(one.operation, one.version, one.texts) == "good");
    const std::string shown = tree(one.operation, one.version, one.texts);
    CAPTURE(shown);
    for (const Text part : one.shows) CHECK_MESSAGE(contains(shown, part), part);
  }
}

TEST_CASE("several of a structure, and structures whose fields depend on something else") {
  const auto written = [](Version version, const Texts& texts) {
    const auto done =
        build_payload(Described<Authentication>::shape, Tag::Authentication, version, assignments_of(texts));
    if (!done) return describe(done.error());
    const SecretBuffer shown = readable_with_secrets(done->view(), Reveal());
    return std::string(text_of(shown.view()));
  };
  const std::string shown = written(
      Version::V1_4,
      {"Credential[7].CredentialType=Device", "Credential[7].CredentialValue.DeviceIdentifier=second",
       "Credential.CredentialType=UsernameAndPassword", "Credential[0].CredentialValue.Username=first",
       "Credential.CredentialValue.Password<swordfish"});
  CAPTURE(shown);
  CHECK(contains(shown, "Password  TextString  \"swordfish\""));
  CHECK(contains(shown, "\"second\""));
  CHECK(shown.find("\"first\"") < shown.find("\"second\""));
  CHECK(contains(written(Version::V2_1, {"Credential.CredentialType=Ticket",
                                         "Credential.CredentialValue.Ticket.TicketType=Login",
                                         "Credential.CredentialValue.Ticket.TicketValue<abc"}),
                 "TicketValue  ByteString  616263"));
  const struct {
    Version version;
    Texts texts;
    Text says;
  } wrong[] = {
      {Version::V1_0, {"Credential.CredentialType=1", "Credential[1].CredentialType=1"}, "stands once only"},
      {Version::V1_4, {"Credential.CredentialType=1"}, "Credential.CredentialValue is missing"},
      {Version::V1_4, {"Credential.CredentialValue=swordfish"}, "CredentialValue is a structure"},
      {Version::V1_4, {"Credential.CredentialValue.Wrong=swordfish"}, "'Wrong' is no tag"},
      {Version::V1_4, {"Credential.CredentialValue.Ticket=swordfish"}, "Ticket is a structure"},
      {Version::V1_4, {"Credential.CredentialValue.[=swordfish"}, "behind '['"},
      {Version::V1_4, {"Credential.CredentialValue.Username.=swordfish"}, "part of the path is empty"},
      {Version::V1_4, {"Credential.CredentialValue.Username:Fish=swordfish"}, "no item type"},
      {Version::V1_4,
       {"Credential.CredentialValue.LeaseTime=swordfish"},
       "say which: LeaseTime:DateTime=VALUE"},
      {Version::V1_4, {}, "Credential is missing"},
  };
  for (const auto& one : wrong) {
    const std::string error = written(one.version, one.texts);
    CAPTURE(error);
    CHECK(contains(error, one.says));
    CHECK_FALSE(contains(error, "swordfish"));
  }
}

TEST_CASE("which paths may lead to a secret") {
  for (const char* path :
       {"Data", "SymmetricKey.KeyBlock.KeyValue.KeyMaterial", "secret-data.key block.keyvalue:ByteString",
        "Credential[1].CredentialValue.Password", "DerivationParameters.DerivationData[0]"})
    CHECK_MESSAGE(may_be_secret(path), path);
  for (const char* path :
       {"", "UniqueIdentifier", "Attributes.Name", "CryptographicParameters.TagLength", "..."})
    CHECK_FALSE_MESSAGE(may_be_secret(path), path);
}

TEST_CASE("what is wrong is named by its assignment") {
  using enum ErrorKind;
  const struct {
    Operation operation;
    Version version;
    Texts texts;
    ErrorKind kind;
    Text says;
  } cases[] = {
      {Operation::Encrypt, Version::V1_4, {"Dada=00"}, invalid_input, "Dada: there is no field 'Dada' here"},
      {Operation::Encrypt, Version::V1_4, {"Dada=00"}, invalid_input, " Data "},
      {Operation::Encrypt, Version::V1_4, {"ANY=00"}, invalid_input, "no field 'ANY'"},
      {Operation::Encrypt,
       Version::V1_4,
       {"CryptographicParameters.Mode=GCM"},
       invalid_input,
       "CryptographicParameters.Mode: there is no field 'Mode'"},
      {Operation::Encrypt,
       Version::V1_2,
       {"AuthenticatedEncryptionAdditionalData=00"},
       unsupported,
       "does not exist in KMIP 1.2"},
      {Operation::Create, Version::V1_0, {"ProtectionStorageMasks=1"}, unsupported, "in KMIP 1.0"},
      {Operation::Create,
       Version::V1_0,
       {"ObjectType=2", "Attributes.Sensitive=true"},
       unsupported,
       "Attributes.Sensitive"},
      {Operation::Encrypt, Version::V1_4, {"Data=00", "Data=11"}, invalid_input, "Data: this field stands"},
      {Operation::Encrypt,
       Version::V1_4,
       {"CryptographicParameters[0].TagLength=1", "CryptographicParameters[1].TagLength=1"},
       invalid_input,
       "CryptographicParameters[1].TagLength: this structure stands once only"},
      {Operation::Encrypt, Version::V1_4, {"Data.More=00"}, invalid_input, "Data has no fields"},
      {Operation::Encrypt, Version::V1_4, {"UniqueIdentifier.More=00"}, invalid_input, "has no fields"},
      {Operation::Encrypt, Version::V1_4, {"Data=0"}, invalid_input, "Data: "},
      {Operation::Encrypt, Version::V1_4, {"Data=xy"}, invalid_input, "Data: "},
      {Operation::Encrypt, Version::V1_4, {"InitIndicator=perhaps"}, invalid_input, "InitIndicator: "},
      {Operation::Encrypt, Version::V1_4, {"InitIndicator<true"}, invalid_input, "read from files"},
      {Operation::Encrypt,
       Version::V1_4,
       {"CryptographicParameters.TagLength=99999999999"},
       invalid_input,
       "TagLength: "},
      {Operation::Encrypt,
       Version::V1_4,
       {"CryptographicParameters.BlockCipherMode=XYZ"},
       invalid_input,
       "BlockCipherMode: "},
      {Operation::Encrypt,
       Version::V1_4,
       {"CryptographicParameters=GCM"},
       invalid_input,
       "is a structure: write CryptographicParameters.FIELD=VALUE"},
      {Operation::Encrypt, Version::V1_4, {"Data:Integer=1"}, invalid_input, "Data is no Integer"},
      {Operation::Encrypt, Version::V1_4, {"Data:Fish=1"}, invalid_input, "'Fish' is no item type"},
      {Operation::Encrypt, Version::V1_4, {"Data:=1"}, invalid_input, "'' is no item type"},
      {Operation::Encrypt, Version::V1_4, {"Data[0]=00"}, invalid_input, "only structures have an index"},
      {Operation::Encrypt, Version::V1_4, {"Data[=00"}, invalid_input, "behind '['"},
      {Operation::Encrypt, Version::V1_4, {"Data[]=00"}, invalid_input, "behind '['"},
      {Operation::Encrypt, Version::V1_4, {"Data[-1]=00"}, invalid_input, "behind '['"},
      {Operation::Encrypt, Version::V1_4, {"Data[1]x=00"}, invalid_input, "behind '['"},
      {Operation::Encrypt, Version::V1_4, {"Data[99999999999999999999999]=00"}, invalid_input, "behind '['"},
      {Operation::Encrypt, Version::V1_4, {"Data.=00"}, invalid_input, "part of the path is empty"},
      {Operation::Encrypt, Version::V1_4, {".Data=00"}, invalid_input, "part of the path is empty"},
      {Operation::Encrypt, Version::V1_4, {"[1]=00"}, invalid_input, "part of the path is empty"},
      {Operation::Encrypt,
       Version::V1_4,
       {"CryptographicParameters..TagLength=1"},
       invalid_input,
       "part of the path is empty"},
      {Operation::Get,
       Version::V1_4,
       {"UniqueIdentifier:Integer=1"},
       unsupported,
       "a TextString in KMIP 1.4"},
      {Operation::Create,
       Version::V1_4,
       {"ObjectType=2", "Attributes=Name"},
       invalid_input,
       "name the attribute: Attributes.NAME=VALUE"},
      {Operation::Create, Version::V1_4, {"Attributes[1].Name=a"}, invalid_input, "an index"},
      {Operation::Create,
       Version::V1_4,
       {"Attributes.Colour=red"},
       invalid_input,
       "'Colour' is no attribute"},
      {Operation::Create,
       Version::V1_4,
       {"Attributes.Cryptographic Length=long"},
       invalid_input,
       "Attributes.Cryptographic Length: Cryptographic Length: 'long': "},
      {Operation::Create,
       Version::V1_4,
       {"Attributes.Cryptographic Length<256"},
       invalid_input,
       "read from files"},
      {Operation::Create,
       Version::V2_1,
       {"ObjectType=2", "Attributes.x-a<\xff"},
       invalid_input,
       "Attributes"},
      {Operation::GetAttributes, Version::V2_1, {"AttributeName=Colour"}, invalid_input, "no attribute"},
      {Operation::GetAttributes, Version::V2_1, {"AttributeName.Of=Name"}, invalid_input, "no fields"},
      {Operation::GetAttributes, Version::V1_4, {"AttributeName[1]=Name"}, invalid_input, "an index"},
      {Operation::GetAttributes, Version::V1_0, {"AttributeName=Sensitive"}, unsupported, "AttributeName"},
      {Operation::AddAttribute,
       Version::V2_1,
       {"NewAttribute.x-a=1", "NewAttribute.x-b=2"},
       invalid_input,
       "NewAttribute"},
      {Operation::AddAttribute,
       Version::V1_4,
       {"NewAttribute.x-a=1", "NewAttribute.x-b=2"},
       invalid_input,
       "NewAttribute"},
      {Operation::Create, Version::V1_4, {}, invalid_input, "ObjectType is missing"},
      {Operation::AddAttribute, Version::V1_4, {}, invalid_input, "NewAttribute is missing"},
      {Operation::AddAttribute,
       Version::V2_1,
       {"UniqueIdentifier=a"},
       invalid_input,
       "NewAttribute is missing"},
      {Operation::Register,
       Version::V1_4,
       {"ObjectType=2", "Attributes=", "SymmetricKey.KeyBlock="},
       invalid_input,
       "SymmetricKey.KeyBlock.KeyFormatType is missing"},
      {Operation::Register,
       Version::V1_4,
       {"ObjectType=2", "Attributes="},
       invalid_input,
       "Certificate or SymmetricKey or"},
  };
  for (const auto& one : cases) {
    CAPTURE(name(one.operation));
    const std::string first = one.texts.empty() ? "" : one.texts.back();
    CAPTURE(first);
    const auto result = built(one.operation, one.version, one.texts);
    REQUIRE_FALSE(result);
    const std::string error = describe(result.error());
    CAPTURE(error);
    CHECK(result.error().kind == one.kind);
    CHECK(contains(error + " ", one.says));
  }
}

TEST_CASE("no error shows a value that may be secret") {
  for (const Texts& texts :
       {Texts{"SymmetricKey.KeyBlock.KeyValue.KeyMaterial=swordfish"},
        Texts{"SymmetricKey.KeyBlock.KeyValue.KeyMaterial.Key=swordfish"},
        Texts{"SymmetricKey.KeyBlock.KeyValue.KeyMaterial.Modulus=swordfish"},
        Texts{"SymmetricKey=swordfish"}, Texts{"SecretData.KeyBlock.KeyValue.Wrong=swordfish"},
        Texts{"OpaqueObject.OpaqueDataValue:TextString=swordfish"}}) {
    const auto result = built(Operation::Register, Version::V1_4, texts);
    CAPTURE(texts.front());
    REQUIRE_FALSE(result);
    CHECK_FALSE(contains(describe(result.error()), "swordfish"));
  }
}

TEST_CASE("without assignments every request of every version is good or says what it lacks") {
  int good = 0, lacking = 0;
  for (const OperationInfo& info : all_operations())
    for (auto version = oldest_version; version <= newest_version;
         version = static_cast<Version>(static_cast<int>(version) + 1)) {
      CAPTURE(name(info.operation));
      CAPTURE(name(version));
      const auto result = built(info.operation, version, {});
      if (result) {
        ++good;
        CHECK(decoded(info.operation, version, {}) == "good");
      } else {
        ++lacking;
        CHECK(result.error().kind == ErrorKind::invalid_input);
        CHECK(contains(result.error().what, " is missing"));
      }
    }
  CHECK(good > 0);
  CHECK(lacking > 0);
}

TEST_CASE("the fields of Encrypt") {
  const auto fields = fields_of(Described<EncryptRequest>::shape);
  REQUIRE(field(fields, "UniqueIdentifier"));
  CHECK_FALSE(field(fields, "UniqueIdentifier")->required);
  const auto* mode = field(fields, "CryptographicParameters.BlockCipherMode");
  REQUIRE(mode);
  CHECK(mode->type == "Enumeration BlockCipherMode");
  const auto* tag_length = field(fields, "CryptographicParameters.TagLength");
  REQUIRE(tag_length);
  CHECK(tag_length->type == "Integer");
  const auto* data = field(fields, "Data");
  REQUIRE(data);
  CHECK(data->type == "ByteString");
  CHECK(data->secret);
  CHECK_FALSE(data->repeats);
  CHECK(field(fields, "AuthenticatedEncryptionAdditionalData")->versions.first == Version::V1_4);
}

TEST_CASE("the fields of Register have attributes once, objects in depth, and name the secrets") {
  const auto fields = fields_of(Described<RegisterRequest>::shape);
  CHECK(std::ranges::count(fields, "Attributes.NAME", &FieldInfo::path) == 1);
  const auto* attributes = field(fields, "Attributes.NAME");
  REQUIRE(attributes);
  CHECK(attributes->versions.first == Version::V1_0);
  CHECK(attributes->versions.last >= newest_version);
  CHECK(attributes->repeats);
  CHECK(field(fields, "ObjectType")->required);
  CHECK(field(fields, "Template")->versions.last == Version::V1_4);
  const auto secret = [&](std::string_view path) {
    const auto* one = field(fields, path);
    return one && one->secret;
  };
  // The key block is taken apart where it comes first.
  CHECK(secret("SymmetricKey.KeyBlock.KeyValue.KeyMaterial"));
  CHECK(secret("SymmetricKey.KeyBlock.KeyValue.KeyMaterial.Key"));
  CHECK(secret("OpaqueObject.OpaqueDataValue"));
  CHECK_FALSE(secret("ObjectType"));
  CHECK(field(fields, "SecretData.KeyBlock"));
  CHECK_FALSE(field(fields, "SecretData.KeyBlock.KeyFormatType"));
}

TEST_CASE("a payload without fields has none to list, and none to assign to") {
  const Shape& shape = *find_operation(Operation::Ping)->request.shape;
  CHECK(fields_of(shape).empty());
  CHECK(contains(tree(Operation::Ping, Version::V2_1, {"Data=00"}), "there are no fields"));
}

TEST_CASE("every field that is listed can be named in a version that has it") {
  for (const OperationInfo& info : all_operations())
    for (const FieldInfo& one : fields_of(*info.request.shape)) {
      const Version version = std::min(one.versions.last, newest_version);
      std::string path = one.path;
      if (path.ends_with(".NAME")) path.replace(path.size() - 4, 4, "x-note");
      CAPTURE(name(info.operation));
      CAPTURE(path);
      const auto result = built(info.operation, version, {path + "="});
      const std::string error = result ? "" : result.error().what;
      CAPTURE(error);
      CHECK_FALSE(contains(error, "there is no field"));
      CHECK_FALSE(contains(error, "does not exist"));
    }
}
