// Every structure's rows against the tables of the specification in kmip/spec/operations.tsv: which fields
// there are, in which order, which of them are required and which repeat, in every version.
#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <kmip/model/all_operations.h>
#include <kmip/model/asynchronous.h>
#include <kmip/model/message.h>
#include <kmip/model/operations.h>

using namespace keyway;
using namespace keyway::kmip;

namespace {

struct Field {
  std::string name;
  bool required = false;
  bool repeats = false;
  VersionRange versions;
};
// Structures by name and direction: "Create request", "KeyBlock object".
using Tables = std::map<std::string, std::vector<Field>>;

Version version_in(std::string_view text) {
  for (int i = 0; i <= static_cast<int>(Version::V3_0); ++i)
    if (name(static_cast<Version>(i)) == text) return static_cast<Version>(i);
  throw std::runtime_error("no such version: " + std::string(text));
}

Tables read_tables() {
  std::ifstream file(OPERATIONS_TSV);
  Tables tables;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::vector<std::string> cells;
    std::istringstream cut(line);
    for (std::string cell; std::getline(cut, cell, '\t');) cells.push_back(cell);
    REQUIRE(cells.size() == 9);
    const std::string& range = cells[8];
    const auto dash = range.find('-');
    const Version first = version_in(range.substr(0, dash));
    const Version last = dash == std::string::npos ? first : version_in(range.substr(dash + 1));
    auto& fields = tables[cells[0] + " " + cells[3]];
    if (cells[5] != "-") fields.push_back({cells[5], cells[6] == "yes", cells[7] == "yes", {first, last}});
  }
  return tables;
}

const Tables& tables() {
  static const Tables all = read_tables();
  return all;
}

// One line a field, in order: "Data, required", "UniqueIdentifier, repeats". Rows that are forms of one
// field, side by side, are one line, and so are the kinds of managed object.
std::string in_words(std::string_view field, bool required, bool repeats) {
  return fmt::format("{}{}{}\n", field, required ? ", required" : "", repeats ? ", repeats" : "");
}

std::string expected(const std::string& table, Version version) {
  std::string text;
  for (const Field& field : tables().at(table)) {
    if (!field.versions.holds(version)) continue;
    if (field.name == "@VendorSpecific")
      text += in_words("anything", false, true);
    else
      text += in_words(field.name, field.required, field.repeats);
  }
  return text;
}

bool is_object(const Row& row) { return row.is_alternative && named<ObjectType>(name(row.tag)); }

std::string found(const Shape& shape, Version version) {
  std::string text;
  const Row* before = nullptr;
  for (const Row& row : shape.rows) {
    if (!row.versions.holds(version)) continue;
    if (!before || !row.alternative_to(*before)) {
      const std::string tag = row.takes_any()  ? "anything"
                              : is_object(row) ? "@ManagedObject"
                                               : name(row.tag);
      text += in_words(tag, row.demanded(version), row.repeats(version));
    }
    before = &row;
  }
  return text;
}

Version first_of(const std::string& table) {
  Version first = Version::V3_0;
  for (const Field& field : tables().at(table)) first = std::min(first, field.versions.first);
  return first;
}

void compare(const std::string& table, const Shape& shape) {
  CAPTURE(table);
  REQUIRE(tables().contains(table));
  const bool empty = tables().at(table).empty();
  for (auto v = empty ? oldest_version : first_of(table); v <= newest_version;
       v = static_cast<Version>(static_cast<int>(v) + 1)) {
    CAPTURE(name(v));
    CHECK(found(shape, v) == expected(table, v));
  }
}

}  // namespace

TEST_CASE("the payloads of every operation are those of the table") {
  for (const OperationInfo& info : all_operations()) {
    const std::string operation = name(info.operation);
    const bool from_client = tables().contains(operation + " request");
    const std::string direction = from_client ? "" : "server-to-client ";
    compare(operation + " " + direction + "request", *info.request.shape);
    if (info.operation == Operation::Poll) continue;  // its response is that of another operation
    compare(operation + " " + direction + "response", *info.response.shape);
  }
}

TEST_CASE("every operation of 1.0 to 2.1 in the table is in the model") {
  for (const auto& [table, fields] : tables()) {
    if (!table.ends_with(" request")) continue;
    const auto operation = named<Operation>(table.substr(0, table.find(' ')));
    REQUIRE_MESSAGE(operation, table);
    const bool newer =
        find(Enumeration::Operation, static_cast<std::uint32_t>(*operation))->versions.first > newest_version;
    CHECK_MESSAGE((find_operation(*operation) != nullptr) == !newer, table);
  }
}

TEST_CASE("what servers ask of clients is a part of what clients ask of servers") {
  for (const Text table : {"Query", "DiscoverVersions", "SetEndpointRole"}) {
    const OperationInfo* info = find_operation(*named<Operation>(table));
    for (const auto& [direction, payload] :
         {std::pair("request", info->request), {"response", info->response}})
      for (const Field& field : tables().at(fmt::format("{} server-to-client {}", table, direction)))
        CHECK_MESSAGE(std::ranges::any_of(payload.shape->rows,
                                          [&](const Row& row) {
                                            return name(row.tag) == field.name &&
                                                   row.versions.holds(field.versions.first) &&
                                                   row.repeats(field.versions.first) == field.repeats;
                                          }),
                      table, " ", field.name);
  }
}

TEST_CASE("structures are those of the table") {
  const struct {
    const char* table;
    const Shape& shape;
  } structures[] = {
      {"RequestMessage", Described<RequestMessage>::shape},
      {"RequestHeader", Described<RequestHeader>::shape},
      {"BatchItem(Request)", Described<RequestBatchItem>::shape},
      {"ResponseMessage", Described<ResponseMessage>::shape},
      {"ResponseHeader", Described<ResponseHeader>::shape},
      {"BatchItem(Response)", Described<ResponseBatchItem>::shape},
      {"Authentication", Described<Authentication>::shape},
      {"Credential", Described<Credential>::shape},
      {"CredentialValue(UsernameAndPassword)", Described<UsernameAndPassword>::shape},
      {"CredentialValue(Device)", Described<DeviceCredential>::shape},
      {"CredentialValue(Attestation)", Described<AttestationCredential>::shape},
      {"CredentialValue(OneTimePassword)", Described<OneTimePasswordCredential>::shape},
      {"CredentialValue(HashedPassword)", Described<HashedPasswordCredential>::shape},
      {"CredentialValue(Ticket)", Described<TicketCredential>::shape},
      {"Ticket", Described<Ticket>::shape},
      {"ProtocolVersion", Described<ProtocolVersion>::shape},
      {"MessageExtension", Described<MessageExtension>::shape},
      {"Nonce", Described<Nonce>::shape},
      {"Certificate", Described<Certificate>::shape},
      {"CertificateRequest", Described<CertificateRequest>::shape},
      {"SymmetricKey", Described<SymmetricKey>::shape},
      {"PublicKey", Described<PublicKey>::shape},
      {"PrivateKey", Described<PrivateKey>::shape},
      {"SplitKey", Described<SplitKey>::shape},
      {"Template", Described<Template>::shape},
      {"SecretData", Described<SecretData>::shape},
      {"OpaqueObject", Described<OpaqueObject>::shape},
      {"PGPKey", Described<PgpKey>::shape},
      {"KeyBlock", Described<KeyBlock>::shape},
      {"KeyValue", Described<KeyValue>::shape},
      {"KeyWrappingData", Described<KeyWrappingData>::shape},
      {"KeyWrappingSpecification", Described<KeyWrappingSpecification>::shape},
      {"EncryptionKeyInformation", Described<EncryptionKeyInformation>::shape},
      {"MACSignatureKeyInformation", Described<MacSignatureKeyInformation>::shape},
      {"Name", Described<Name>::shape},
      {"AlternativeName", Described<AlternativeName>::shape},
      {"ApplicationSpecificInformation", Described<ApplicationSpecificInformation>::shape},
      {"CertificateIdentifier", Described<CertificateIdentifier>::shape},
      {"CertificateIssuer", Described<CertificateIssuer>::shape},
      {"CertificateSubject", Described<CertificateSubject>::shape},
      {"X_509CertificateIdentifier", Described<X509CertificateIdentifier>::shape},
      {"X_509CertificateIssuer", Described<X509CertificateIssuer>::shape},
      {"X_509CertificateSubject", Described<X509CertificateSubject>::shape},
      {"CryptographicDomainParameters", Described<CryptographicDomainParameters>::shape},
      {"CryptographicParameters", Described<CryptographicParameters>::shape},
      {"Digest", Described<Digest>::shape},
      {"KeyValueLocation", Described<KeyValueLocation>::shape},
      {"Link", Described<Link>::shape},
      {"RevocationReason", Described<RevocationReason>::shape},
      {"RotateName", Described<RotateName>::shape},
      {"UsageLimits", Described<UsageLimits>::shape},
      {"RNGParameters", Described<RngParameters>::shape},
      {"RandomNumberGenerator", Described<RngParameters>::shape},
      {"CapabilityInformation", Described<CapabilityInformation>::shape},
      {"ExtensionInformation", Described<ExtensionInformation>::shape},
      {"ProfileInformation", Described<ProfileInformation>::shape},
      {"ProfileVersion", Described<ProfileVersion>::shape},
      {"ServerInformation", Described<ServerInformation>::shape},
      {"ValidationInformation", Described<ValidationInformation>::shape},
      {"AsynchronousCorrelationValues", Described<AsynchronousCorrelationValues>::shape},
      {"AsynchronousRequest", Described<AsynchronousRequest>::shape},
      {"Constraint", Described<Constraint>::shape},
      {"Constraints", Described<Constraints>::shape},
      {"DefaultsInformation", Described<DefaultsInformation>::shape},
      {"ObjectDefaults", Described<ObjectDefaults>::shape},
      {"ObjectGroups", Described<ObjectGroups>::shape},
      {"ObjectTypes", Described<ObjectTypes>::shape},
      {"Objects", Described<Objects>::shape},
      {"Operations", Described<Operations>::shape},
      {"Right", Described<Right>::shape},
      {"Rights", Described<Rights>::shape},
      {"ProtectionStorageMasks", Described<ProtectionStorageMasks>::shape},
      {"CommonProtectionStorageMasks", Described<ProtectionStorageMasks>::shape},
      {"PrivateProtectionStorageMasks", Described<ProtectionStorageMasks>::shape},
      {"PublicProtectionStorageMasks", Described<ProtectionStorageMasks>::shape},
  };
  for (const auto& structure : structures) compare(std::string(structure.table) + " object", structure.shape);
}

TEST_CASE("key material has the fields of its format") {
  std::size_t formats = 0;
  for (const auto& [table, fields] : tables()) {
    if (!table.starts_with("KeyMaterial(")) continue;
    const auto format = named<KeyFormatType>(table.substr(12, table.find(')') - 12));
    REQUIRE_MESSAGE(format, table);
    const Shape* shape = transparent_key_shape(*format);
    REQUIRE_MESSAGE(shape, table);
    compare(table, *shape);
    ++formats;
  }
  CHECK(formats == 15);
  CHECK(transparent_key_shape(KeyFormatType::Raw) == nullptr);
}
