#include <deque>
#include <stdexcept>

#include <kmip/model/all_operations.h>
#include <kmip/model/message.h>
#include <tests/kmip/corpus.h>

namespace keyway::test {

using namespace kmip;
using enum Version;

namespace {

constexpr Text identifier = "49a1ca88-6bea-4fb2-b450-7e58802c3038";
constexpr Text other_identifier = "fdf8b9ca-9ab4-4c1e-a8c3-1d1a6b2a9f10";
constexpr Text data = "thirty-two bytes of some data...";
constexpr Text key = "a key of 256 bits, not a good 1.";
constexpr Text iv = "twelve bytes";
constexpr Text tag = "sixteen byte tag";
constexpr DateTime moment{1'205'495'800};

// Maker makes the samples of one version. What the encoded messages view lives as long as it does.
class Maker {
 public:
  explicit Maker(Version version) : version_(version) {}

  std::vector<Sample> make();

 private:
  void headers();
  void encrypt();
  void decrypt();
  void create();
  void get();
  void register_();
  void locate();
  void attributes();
  void life_cycle();
  void query();
  void discover_versions();

  bool from(Version first) const { return version_ >= first; }

  // Each is the value when the version is that new, and nothing before.
  template <class T>
  std::optional<T> since(Version first, T value) const {
    return from(first) ? std::optional<T>(value) : std::nullopt;
  }

  template <class T>
  Raw encoded(Tag item_tag, const T& value) {
    SecretBuffer& bytes = kept_.emplace_back();
    if (const auto done = encode(bytes, item_tag, value, version_); !done)
      throw std::logic_error("a sample cannot be encoded: " + describe(done.error()));
    return read_back(bytes);
  }
  template <class Write>
  Raw written(Write write) {
    SecretBuffer& bytes = kept_.emplace_back();
    Writer writer(bytes);
    write(writer);
    return read_back(bytes);
  }
  static Raw read_back(const SecretBuffer& bytes) {
    Reader reader(bytes.view());
    Raw item;
    CodecError error;
    if (!reader.next(item, error)) throw std::logic_error("a sample's item is broken: " + describe(error));
    return item;
  }

  void add(std::string name, const RequestMessage& message) {
    add(std::move(name), false, Tag::RequestMessage, message);
  }
  void add(std::string name, const ResponseMessage& message) {
    add(std::move(name), true, Tag::ResponseMessage, message);
  }
  template <class Message>
  void add(std::string name, bool response, Tag message_tag, const Message& message) {
    encoded(message_tag, message);
    samples_.push_back({std::move(name), version_, response, owned(kept_.back().view())});
  }

  RequestHeader request_header(std::int32_t count = 1) const {
    RequestHeader header;
    header.protocol_version = version_;
    header.batch_count = count;
    return header;
  }
  ResponseHeader response_header(std::int32_t count = 1) const {
    ResponseHeader header;
    header.protocol_version = version_;
    header.time_stamp = moment;
    header.batch_count = count;
    return header;
  }
  template <OperationRequest Request>
  RequestBatchItem item(const Request& payload) {
    RequestBatchItem made;
    made.operation = Request::operation;
    made.payload = encoded(Tag::RequestPayload, payload);
    return made;
  }
  template <OperationRequest Request>
  void request(std::string name, const Request& payload) {
    RequestMessage message{request_header(), {}};
    message.items.push_back(item(payload));
    add(std::move(name), message);
  }
  template <OperationRequest Request>
  void response(std::string name, const typename Request::Response& payload) {
    ResponseMessage message{response_header(), {}};
    ResponseBatchItem& made = message.items.emplace_back();
    made.operation = Request::operation;
    made.payload = encoded(Tag::ResponsePayload, payload);
    add(std::move(name), message);
  }

  CryptographicParameters parameters() const;
  Attributes all_attributes_of_a_key();
  KeyBlock key_block();
  KeyBlock transparent_key_block();
  KeyBlock wrapped_key_block();
  MessageExtension extension();

  Version version_;
  std::deque<SecretBuffer> kept_;
  std::vector<Sample> samples_;
};

CryptographicParameters Maker::parameters() const {
  CryptographicParameters p;
  p.block_cipher_mode = BlockCipherMode::GCM;
  p.padding_method = PaddingMethod::None;
  p.hashing_algorithm = HashingAlgorithm::SHA_256;
  p.key_role_type = KeyRoleType::KEK;
  p.digital_signature_algorithm = since(V1_2, DigitalSignatureAlgorithm::ECDSAWithSHA256);
  p.cryptographic_algorithm = since(V1_2, CryptographicAlgorithm::AES);
  p.random_iv = since(V1_2, true);
  p.iv_length = since(V1_2, std::int32_t{96});
  p.tag_length = since(V1_2, std::int32_t{16});
  p.fixed_field_length = since(V1_2, std::int32_t{32});
  p.invocation_field_length = since(V1_2, std::int32_t{64});
  p.counter_length = since(V1_2, std::int32_t{32});
  p.initial_counter_value = since(V1_2, std::int32_t{1});
  p.salt_length = since(V1_4, std::int32_t{20});
  p.mask_generator = since(V1_4, MaskGenerator::MGF1);
  p.mask_generator_hashing_algorithm = since(V1_4, HashingAlgorithm::SHA_1);
  p.p_source = since(V1_4, bytes_of(iv));
  p.trailer_field = since(V1_4, std::int32_t{1});
  return p;
}

Attributes Maker::all_attributes_of_a_key() {
  Attributes list;
  list.add(Tag::UniqueIdentifier, identifier);
  list.add(Tag::Name, Name{"volume-1", NameType::UninterpretedTextString});
  list.add(Tag::ObjectType, ObjectType::SymmetricKey);
  list.add(Tag::CryptographicAlgorithm, CryptographicAlgorithm::AES);
  list.add(Tag::CryptographicLength, std::int32_t{256});
  list.add(Tag::CryptographicParameters, parameters());
  list.add(Tag::CryptographicUsageMask, CryptographicUsageMask::Encrypt | CryptographicUsageMask::Decrypt);
  list.add(Tag::Digest, Digest{HashingAlgorithm::SHA_256, bytes_of(data), since(V1_1, KeyFormatType::Raw)});
  list.add(Tag::State, State::Active);
  list.add(Tag::LeaseTime, Interval{3600});
  list.add(Tag::InitialDate, moment);
  list.add(Tag::ObjectGroup, Text("volumes"));
  list.add(Tag::Link, Link{LinkType::ReplacementObjectLink, other_identifier});
  list.add(Tag::ApplicationSpecificInformation, ApplicationSpecificInformation{"ceph", Text("osd.3")});
  list.add(Tag::RevocationReason, RevocationReason{RevocationReasonCode::Superseded, Text("rotated")});
  if (version_ <= V1_4) list.add(Tag::OperationPolicyName, Text("default"));
  if (from(V1_1)) list.add(Tag::Fresh, true);
  if (from(V1_4)) list.add(Tag::Sensitive, true);
  if (from(V2_0)) list.add(Tag::ProtectionStorageMask, ProtectionStorageMask::Hardware);
  if (from(V2_1)) list.add(Tag::RotateInterval, Interval{86'400});
  list.add_custom("x", "colour", Text("blue"));
  list.add_custom("y", "weight", std::int32_t{7});
  list.add_custom("x", "token", bytes_of(data));
  return list;
}

KeyBlock Maker::key_block() {
  KeyBlock block;
  block.key_value.emplace().key_material.emplace(key);
  block.key_value->attributes = all_attributes_of_a_key();
  block.cryptographic_algorithm = CryptographicAlgorithm::AES;
  block.cryptographic_length = 256;
  return block;
}

KeyBlock Maker::transparent_key_block() {
  KeyBlock block;
  block.key_format_type = KeyFormatType::TransparentSymmetricKey;
  block.key_value.emplace().transparent.emplace().key = Secret(key);
  return block;
}

KeyBlock Maker::wrapped_key_block() {
  KeyBlock block;
  block.key_compression_type = KeyCompressionType::ECPublicKeyTypeUncompressed;
  block.wrapped_key_value = bytes_of(data);
  KeyWrappingData& wrapping = block.key_wrapping_data.emplace();
  wrapping.wrapping_method = WrappingMethod::EncryptThenMACSign;
  wrapping.encryption_key_information = EncryptionKeyInformation{other_identifier, parameters()};
  wrapping.mac_signature_key_information = MacSignatureKeyInformation{other_identifier, parameters()};
  wrapping.mac_signature = bytes_of(tag);
  wrapping.iv_counter_nonce = bytes_of(iv);
  wrapping.encoding_option = since(V1_1, EncodingOption::NoEncoding);
  return block;
}

MessageExtension Maker::extension() {
  return {"acme", false, written([](Writer& w) {
            const auto scope = w.structure(Tag::VendorExtension);
            w.integer(static_cast<Tag>(0x540001), 7);
          })};
}

void Maker::headers() {
  RequestMessage request;
  RequestHeader& header = request.header = request_header(2);
  header.maximum_response_size = 65'536;
  header.client_correlation_value = since(V1_4, Text("client-1"));
  header.server_correlation_value = since(V1_4, Text("server-1"));
  if (from(V2_0))
    header.asynchronous_indicator = AsynchronousIndicator::Prohibited;
  else
    header.asynchronous = false;
  header.attestation_capable_indicator = since(V1_2, true);
  if (from(V1_2)) header.attestation_types = {AttestationType::TPMQuote, AttestationType::SAMLAssertion};
  const UsernameAndPassword login{"alice", Text("secret")};
  header.authentication.emplace().credentials.push_back(
      {CredentialType::UsernameAndPassword, encoded(Tag::CredentialValue, login)});
  header.batch_error_continuation_option = BatchErrorContinuationOption::Continue;
  header.batch_order_option = true;
  header.time_stamp = moment;
  RequestBatchItem first = item(GetRequest{.unique_identifier = identifier});
  first.ephemeral = since(V2_0, true);
  first.unique_batch_item_id = bytes_of("\x01");
  first.message_extensions.push_back(extension());
  RequestBatchItem second = item(DestroyRequest{.unique_identifier = identifier});
  second.unique_batch_item_id = bytes_of("\x02");
  request.items = {first, second};
  add("request of two items, every header field", request);

  ResponseMessage response;
  ResponseHeader& answer = response.header = response_header(2);
  if (from(V1_2)) answer.nonce = Nonce{bytes_of(iv), bytes_of(data)};
  answer.server_hashed_password = since(V2_0, bytes_of(tag));
  if (from(V1_2)) answer.attestation_types = {AttestationType::TCGIntegrityReport};
  answer.client_correlation_value = since(V1_4, Text("client-1"));
  answer.server_correlation_value = since(V1_4, Text("server-1"));
  ResponseBatchItem& pending = response.items.emplace_back();
  pending.operation = Operation::Get;
  pending.unique_batch_item_id = bytes_of("\x01");
  pending.result_status = ResultStatus::OperationPending;
  pending.asynchronous_correlation_value = bytes_of(tag);
  ResponseBatchItem& refused = response.items.emplace_back();
  refused.operation = Operation::Destroy;
  refused.unique_batch_item_id = bytes_of("\x02");
  refused.result_status = ResultStatus::OperationFailed;
  refused.result_reason = ResultReason::ItemNotFound;
  refused.result_message = "no such object: \xc3\xa9";
  refused.message_extension = extension();
  add("response of two items, every header field", response);

  ResponseMessage unreadable{response_header(), {}};
  unreadable.items.emplace_back().result_status = ResultStatus::OperationFailed;
  add("response to a request that could not be read", unreadable);
}

void Maker::encrypt() {
  EncryptRequest least;
  if (!from(V1_3)) least.data = bytes_of(data);  // optional since then
  request("Encrypt request, no optional field", least);
  EncryptRequest all;
  all.unique_identifier = identifier;
  all.cryptographic_parameters = parameters();
  all.data = bytes_of(data);
  all.iv_counter_nonce = bytes_of(iv);
  all.correlation_value = since(V1_3, bytes_of(tag));
  all.init_indicator = since(V1_3, true);
  all.final_indicator = since(V1_3, false);
  all.authenticated_encryption_additional_data = since(V1_4, bytes_of(data));
  request("Encrypt request, all fields", all);
  if (from(V2_0)) {
    request("Encrypt request, ID placeholder",
            EncryptRequest{.unique_identifier = UniqueIdentifier::IDPlaceholder});
    request("Encrypt request, identifier by position", EncryptRequest{.unique_identifier = std::int32_t{-1}});
  }

  EncryptResponse least_answer{.unique_identifier = identifier};
  if (!from(V1_3)) least_answer.data = bytes_of(data);
  response<EncryptRequest>("Encrypt response, no optional field", least_answer);
  response<EncryptRequest>("Encrypt response, all fields",
                           {.unique_identifier = identifier,
                            .data = bytes_of(data),
                            .iv_counter_nonce = bytes_of(iv),
                            .correlation_value = since(V1_3, bytes_of(tag)),
                            .authenticated_encryption_tag = since(V1_4, bytes_of(tag))});
}

void Maker::decrypt() {
  DecryptRequest least;
  if (!from(V1_3)) least.data = bytes_of(data);
  request("Decrypt request, no optional field", least);
  DecryptRequest all;
  all.unique_identifier = identifier;
  all.cryptographic_parameters = parameters();
  all.data = bytes_of(data);
  all.iv_counter_nonce = bytes_of(iv);
  all.correlation_value = since(V1_3, bytes_of(tag));
  all.init_indicator = since(V1_3, true);
  all.final_indicator = since(V1_3, false);
  all.authenticated_encryption_additional_data = since(V1_4, bytes_of(data));
  all.authenticated_encryption_tag = since(V1_4, bytes_of(tag));
  request("Decrypt request, all fields", all);

  DecryptResponse answer;
  answer.unique_identifier = identifier;
  if (!from(V1_3)) answer.data.emplace(key);
  response<DecryptRequest>("Decrypt response, no optional field", answer);
  answer.data.emplace(key);
  answer.correlation_value = since(V1_3, bytes_of(tag));
  response<DecryptRequest>("Decrypt response, all fields", answer);
}

void Maker::create() {
  request("Create request, no attributes", CreateRequest{});
  CreateRequest all;
  all.attributes = all_attributes_of_a_key();
  request("Create request, all fields", all);

  CreateResponse answer;
  answer.unique_identifier = identifier;
  response<CreateRequest>("Create response, no optional field", answer);
  if (from(V2_0)) return;  // the attributes of the response are gone
  answer.attributes.emplace().add(Tag::CryptographicLength, std::int32_t{256});
  response<CreateRequest>("Create response, all fields", answer);
}

void Maker::get() {
  request("Get request, no optional field", GetRequest{});
  GetRequest all;
  all.unique_identifier = identifier;
  all.key_format_type = KeyFormatType::Raw;
  all.key_wrap_type = since(V1_4, KeyWrapType::AsRegistered);
  all.key_compression_type = KeyCompressionType::ECPublicKeyTypeUncompressed;
  KeyWrappingSpecification& wrapping = all.key_wrapping_specification.emplace();
  wrapping.wrapping_method = WrappingMethod::Encrypt;
  wrapping.encryption_key_information = EncryptionKeyInformation{other_identifier, parameters()};
  wrapping.mac_signature_key_information = MacSignatureKeyInformation{};
  wrapping.attribute_names = {"Name", "x-colour"};
  wrapping.encoding_option = since(V1_1, EncodingOption::TTLVEncoding);
  request("Get request, all fields", all);

  GetResponse answer;
  answer.object_type = ObjectType::SymmetricKey;
  answer.unique_identifier = identifier;
  answer.object.symmetric_key.emplace().key_block = key_block();
  response<GetRequest>("Get response, symmetric key", answer);
  answer.object.symmetric_key->key_block = transparent_key_block();
  response<GetRequest>("Get response, transparent symmetric key", answer);
  answer.object.symmetric_key->key_block = wrapped_key_block();
  response<GetRequest>("Get response, wrapped key", answer);
  answer.object_type = ObjectType::SecretData;
  answer.object.symmetric_key.reset();
  answer.object.secret_data.emplace().key_block = key_block();
  response<GetRequest>("Get response, secret data", answer);
}

void Maker::register_() {
  RegisterRequest all;
  all.attributes = all_attributes_of_a_key();
  all.object.symmetric_key.emplace().key_block = key_block();
  request("Register request, symmetric key", all);
  all.object_type = ObjectType::SecretData;
  all.object.symmetric_key.reset();
  all.object.secret_data.emplace().key_block = key_block();
  request("Register request, secret data", all);

  RegisterResponse answer;
  answer.unique_identifier = identifier;
  response<RegisterRequest>("Register response, no optional field", answer);
  if (from(V2_0)) return;  // the attributes of the response are gone
  answer.attributes.emplace().add(Tag::CryptographicLength, std::int32_t{256});
  response<RegisterRequest>("Register response, all fields", answer);
}

void Maker::locate() {
  request("Locate request, no optional field", LocateRequest{});
  LocateRequest all;
  all.maximum_items = 100;
  all.offset_items = since(V1_3, std::int32_t{50});
  all.storage_status_mask = StorageStatusMask::OnLineStorage;
  all.object_group_member = since(V1_1, ObjectGroupMember::GroupMemberDefault);
  all.attributes = all_attributes_of_a_key();
  request("Locate request, all fields", all);

  response<LocateRequest>("Locate response, no optional field", {});
  response<LocateRequest>(
      "Locate response, all fields",
      {.located_items = since(V1_3, std::int32_t{2}), .unique_identifiers = {identifier, other_identifier}});
}

void Maker::attributes() {
  request("Get Attributes request, no optional field", GetAttributesRequest{});
  request("Get Attributes request, all fields",
          GetAttributesRequest{identifier, {{Tag::State, Tag::CryptographicLength, {"x", "colour"}}}});
  GetAttributesResponse answer;
  answer.unique_identifier = identifier;
  if (from(V2_0)) answer.attributes.add(Tag::State, State::Active);
  response<GetAttributesRequest>("Get Attributes response, few attributes", answer);
  answer.attributes = all_attributes_of_a_key();
  if (!from(V2_0)) {  // 1.x numbers the instances of an attribute
    const Raw group = written([](Writer& w) { w.text(Tag::ObjectGroup, "backups"); });
    answer.attributes.add_raw(Tag::ObjectGroup, {}, {}, 1, &group);
  }
  response<GetAttributesRequest>("Get Attributes response, all fields", answer);

  request("Get Attribute List request, no optional field", GetAttributeListRequest{});
  request("Get Attribute List request, all fields", GetAttributeListRequest{identifier});
  response<GetAttributeListRequest>("Get Attribute List response",
                                    {identifier, {{Tag::Name, Tag::State, {"y", "weight"}}}});
}

void Maker::life_cycle() {
  request("Activate request, no optional field", ActivateRequest{});
  request("Activate request, all fields", ActivateRequest{identifier});
  response<ActivateRequest>("Activate response", {identifier});
  request("Destroy request, no optional field", DestroyRequest{});
  request("Destroy request, all fields", DestroyRequest{identifier});
  response<DestroyRequest>("Destroy response", {identifier});
  request("Revoke request, no optional field", RevokeRequest{});
  request("Revoke request, all fields",
          RevokeRequest{identifier, {RevocationReasonCode::KeyCompromise, Text("leaked")}, moment});
  response<RevokeRequest>("Revoke response", {identifier});
}

void Maker::query() {
  request("Query request, one function", QueryRequest{{QueryFunction::QueryOperations}, {}});
  QueryRequest all{
      {QueryFunction::QueryOperations, QueryFunction::QueryObjects, QueryFunction::QueryServerInformation},
      {}};
  all.object_groups = since(V2_1, ObjectGroups{{"a", "b"}});
  request("Query request, all fields", all);

  response<QueryRequest>("Query response, no optional field", {});
  QueryResponse answer;
  answer.operations = {Operation::Create, Operation::Get, Operation::Encrypt, Operation::Decrypt};
  answer.object_types = {ObjectType::SymmetricKey, ObjectType::SecretData};
  answer.vendor_identification = "Keyway";
  ServerInformation& information = answer.server_information.emplace();
  if (from(V2_0)) {
    information.server_name = "kms.example";
    information.alternate_failover_endpoints = {"kms2.example", "kms3.example"};
  }
  information.vendor_specific = {
      written([](Writer& w) { w.integer(static_cast<Tag>(0x540003), 3); }),
      written([](Writer& w) { w.text(static_cast<Tag>(0x540004), "left"); }),
  };
  answer.application_namespaces = {"ceph", "lustre"};
  if (from(V1_1))
    answer.extension_information = {{.extension_name = "weight",
                                     .extension_tag = 0x540001,
                                     .extension_type = ItemType::LongInteger,
                                     .extension_attribute = since(V2_0, true)}};
  if (from(V1_2)) answer.attestation_types = {AttestationType::TPMQuote};
  if (from(V1_3)) {
    answer.rng_parameters = {{.rng_algorithm = RNGAlgorithm::DRBG, .prediction_resistance = true},
                             {RNGAlgorithm::Unspecified}};
    answer.profile_information = {{.profile_name = ProfileName{1}, .server_port = 5696}};
    answer.validation_information = {{.validation_authority_type = ValidationAuthorityType::NISTCMVP,
                                      .validation_version_major = 140,
                                      .validation_type = ValidationType::Hybrid,
                                      .validation_level = 3,
                                      .validation_profiles = {"a", "b"}}};
    answer.capability_information = {{.streaming_capability = true, .unwrap_mode = UnwrapMode::Processed}};
    answer.client_registration_methods = {ClientRegistrationMethod::ServerPreGenerated};
  }
  if (from(V2_0)) {
    ObjectDefaults& defaults = answer.defaults_information.emplace().object_defaults.emplace_back();
    defaults.object_type = ObjectType::SymmetricKey;
    defaults.attributes.add(Tag::CryptographicLength, std::int32_t{256});
    defaults.object_groups = since(V2_1, ObjectGroups{{"a"}});
    answer.protection_storage_masks = ProtectionStorageMasks{{ProtectionStorageMask::Hardware}};
  }
  response<QueryRequest>("Query response, all fields", answer);
}

void Maker::discover_versions() {
  request("Discover Versions request, no version", DiscoverVersionsRequest{});
  request("Discover Versions request, two versions", DiscoverVersionsRequest{{V2_1, V1_4}});
  response<DiscoverVersionsRequest>("Discover Versions response", {{V1_4, V1_3, ProtocolNumber{9, 7}}});
}

std::vector<Sample> Maker::make() {
  headers();
  create();
  get();
  register_();
  locate();
  attributes();
  life_cycle();
  query();
  if (from(V1_1)) discover_versions();
  if (from(V1_2)) encrypt();
  if (from(V1_2)) decrypt();
  return std::move(samples_);
}

}  // namespace

std::vector<Sample> corpus(Version version) { return Maker(version).make(); }

std::vector<Sample> corpus() {
  std::vector<Sample> all;
  for (auto v = oldest_version; v <= newest_version; v = static_cast<Version>(static_cast<int>(v) + 1))
    for (Sample& sample : corpus(v)) all.push_back(std::move(sample));
  return all;
}

Bytes corpus_key() { return bytes_of(key); }

}  // namespace keyway::test
