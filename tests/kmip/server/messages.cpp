// What concerns whole messages: versions, headers, batches, sizes, and what Query says.
#include <algorithm>

#include <tests/kmip/server/support.h>

namespace keyway::kmip::server::test {

using enum ResultReason;

namespace {

QueryRequest query_all() {
  return {
      {QueryFunction::QueryOperations, QueryFunction::QueryObjects, QueryFunction::QueryServerInformation},
      {}};
}

// refused_whole is the one item, without an operation, that answers a message refused as a whole.
void check_refused_whole(const Reply& reply, ResultReason reason) {
  CHECK(reply.message.items.size() == 1);
  CHECK_FALSE(reply.item().operation);
  CHECK(reply.item().result_status == ResultStatus::OperationFailed);
  CHECK(reply.reason() == reason);
  CHECK_FALSE(reply.text().empty());
}

SecretBuffer with_version(ProtocolNumber number) {
  Message message(V1_4);
  message.header.protocol_version = number;
  message.add(query_all());
  return message.bytes();
}

}  // namespace

TEST_CASE("Query tells what each version has") {
  for (const Version version : every_version) {
    CAPTURE(version);
    Lab lab;
    const auto response = lab.answer(query_all(), version);
    const auto has = [&](Operation operation) {
      return std::ranges::find(response.operations, operation) != response.operations.end();
    };
    CHECK(has(Operation::Create));
    CHECK(has(Operation::Query));
    CHECK(has(Operation::DiscoverVersions) == (version >= V1_1));
    CHECK(has(Operation::ReKey));
    CHECK(has(Operation::Encrypt) == (version >= V1_2));
    CHECK(has(Operation::MACVerify) == (version >= V1_2));
    CHECK(has(Operation::SetAttribute) == (version >= V2_0));
    CHECK(has(Operation::Ping) == (version >= V2_1));
    CHECK(response.object_types == std::vector{ObjectType::Certificate, ObjectType::SymmetricKey,
                                               ObjectType::PublicKey, ObjectType::PrivateKey,
                                               ObjectType::SecretData, ObjectType::OpaqueObject});
    CHECK(response.vendor_identification == "Keyway development server - not for production");
    CHECK(response.server_information.has_value() == (version >= V2_0));
    CHECK(lab.answer(QueryRequest{{QueryFunction::QueryObjects}, {}}, version).operations.empty());
  }
}

TEST_CASE("Discover Versions lists what both sides have, the newest first") {
  const auto numbers = [](const DiscoverVersionsResponse& response) {
    std::vector<std::string> out;
    for (const auto& version : response.protocol_versions) out.push_back(to_string(version.number()));
    return out;
  };
  using Texts = std::vector<std::string>;
  EngineSettings settings;
  settings.oldest = V1_1;
  settings.newest = V2_0;
  Lab lab(std::move(settings));
  CHECK(numbers(lab.answer(DiscoverVersionsRequest{}, V1_1)) == Texts{"2.0", "1.4", "1.3", "1.2", "1.1"});
  DiscoverVersionsRequest some;
  some.protocol_versions = {ProtocolNumber{1, 2}, ProtocolNumber{9, 9}, ProtocolNumber{1, 4}, V2_1};
  CHECK(numbers(lab.answer(some, V1_4)) == Texts{"1.4", "1.2"});
  some.protocol_versions = {ProtocolNumber{9, 9}};
  CHECK(numbers(lab.answer(some, V1_4)).empty());
  Lab old;
  CHECK(old.ask(DiscoverVersionsRequest{}, V1_0).reason() == OperationNotSupported);
}

TEST_CASE("a version the server does not have is answered at one it has") {
  struct Case {
    ProtocolNumber asked;
    Version oldest, newest, answered;
    ResultReason reason;
  };
  const Case cases[] = {
      {{3, 0}, V1_0, V2_1, V2_1, UnsupportedProtocolVersion},
      {{1, 9}, V1_0, V2_1, V1_4, InvalidMessage},
      {{0, 1}, V1_0, V2_1, V1_0, InvalidMessage},
      {{2, 0}, V1_0, V1_2, V1_2, InvalidMessage},
      {{1, 0}, V1_2, V1_4, V1_2, InvalidMessage},
      {{1, 4}, V2_0, V2_1, V2_0, UnsupportedProtocolVersion},
      {{-1, -1}, V1_0, V2_1, V1_0, InvalidMessage},
  };
  for (const Case& c : cases) {
    CAPTURE(to_string(c.asked));
    EngineSettings settings;
    settings.oldest = c.oldest;
    settings.newest = c.newest;
    Lab lab(std::move(settings));
    const Reply reply = read(lab.engine().handle(with_version(c.asked).view(), "test"), c.answered);
    check_refused_whole(reply, c.reason);
    CHECK(reply.text().find(to_string(c.asked)) != std::string::npos);
  }
}

TEST_CASE("what is no request is answered at the oldest version") {
  Lab lab;
  for (const Text bytes :
       {Text(""), Text("GET / HTTP/1.1\r\n\r\n"), Text("\x42\x00\x78\x01\x00\x00\x00\x00", 8),
        Text("\x42\x00\x7b\x01\x00\x00\x00\x00", 8), Text("\x42\x00\x78\x01\xff\xff\xff\xff", 8)}) {
    CAPTURE(bytes.size());
    check_refused_whole(read(lab.engine().handle(bytes_of(bytes), "test"), V1_0), InvalidMessage);
  }
  check_refused_whole(read(lab.engine().refuse_unreadable("too long", "test"), V1_0), InvalidMessage);
}

TEST_CASE("a damaged payload fails its item only; an unknown field is an Invalid Field") {
  Lab lab;
  Message message(V1_4);
  message.add(query_all(), "1").add(query_all(), "2");
  message.header.batch_error_continuation_option = BatchErrorContinuationOption::Continue;
  SecretBuffer extra;
  Writer(extra).text(Tag::Username, "stray");
  message.last().payload.value = extra.view();
  Reply reply = lab.send(message);
  CHECK(reply.succeeded(0));
  CHECK(reply.item(1).operation == Operation::Query);
  CHECK(reply.reason(1) == InvalidField);
  extra.clear();
  message.last().payload.value = extra.view();
  CHECK(lab.send(message).reason(1) == InvalidMessage);
}

TEST_CASE("headers are checked before anything is done") {
  struct Case {
    const char* what;
    std::function<void(Message&)> change;
    ResultReason reason;
  };
  const Case cases[] = {
      {"one item too few", [](auto& m) { m.header.batch_count = 3; }, InvalidMessage},
      {"one item too many", [](auto& m) { m.header.batch_count = 1; }, InvalidMessage},
      {"a negative count", [](auto& m) { m.header.batch_count = -2; }, InvalidMessage},
      {"no batch id", [](auto& m) { m.last().unique_batch_item_id.reset(); }, InvalidMessage},
      {"Undo", [](auto& m) { m.header.batch_error_continuation_option = BatchErrorContinuationOption::Undo; },
       FeatureNotSupported},
      {"a response size of nothing", [](auto& m) { m.header.maximum_response_size = 0; }, InvalidField},
  };
  for (const Version version : every_version)
    for (const Case& c : cases) {
      CAPTURE(version);
      CAPTURE(c.what);
      Lab lab;
      Message message(version);
      CreateRequest create;
      create.attributes = aes();
      message.add(create, "1").add(query_all(), "2");
      c.change(message);
      check_refused_whole(lab.send(message), c.reason);
      CHECK(lab.answer(LocateRequest{}, version).unique_identifiers.empty());
    }
}

TEST_CASE("asynchronous answers can be allowed, not demanded") {
  Lab lab;
  Message mandatory(V2_1);
  mandatory.header.asynchronous_indicator = AsynchronousIndicator::Mandatory;
  check_refused_whole(lab.send(mandatory.add(query_all())), FeatureNotSupported);
  Message optional(V2_1);
  optional.header.asynchronous_indicator = AsynchronousIndicator::Optional;
  CHECK(lab.send(optional.add(query_all())).succeeded());
  Message old(V1_4);
  old.header.asynchronous = true;  // "can", in 1.x
  old.header.client_correlation_value = "trace 7";
  CHECK(lab.send(old.add(query_all())).succeeded());
}

TEST_CASE("a critical extension is refused, another one skipped") {
  for (const Version version : {V1_0, V2_1})
    for (const bool critical : {false, true}) {
      CAPTURE(version);
      CAPTURE(critical);
      Lab lab;
      Message message(version);
      message.add(query_all());
      message.last().message_extensions.push_back(
          {"acme", critical, Raw{Tag::VendorExtension, Type::Structure, {}}});
      const Reply reply = lab.send(message);
      if (critical)
        check_refused_whole(reply, by_version(version, FeatureNotSupported, UnknownMessageExtension));
      else
        CHECK(reply.succeeded());
    }
}

TEST_CASE("a user name and password are demanded when the server has them") {
  const auto credential = [](Text username, Text password) {
    SecretBuffer value;
    REQUIRE(encode(value, Tag::CredentialValue, UsernameAndPassword{username, password}, V1_4));
    return value;
  };
  struct Case {
    Text username, password;
    bool good;
  };
  EngineSettings settings;
  settings.username = "alice";
  settings.password = Secret(Text("wonderland"));
  Lab lab(std::move(settings));
  Lab open;
  for (const Case& c : {Case{"alice", "wonderland", true}, Case{"alice", "wonderlanD", false},
                        Case{"alice", "", false}, Case{"Alice", "wonderland", false}, Case{"", "", false}}) {
    CAPTURE(c.password);
    const SecretBuffer value = credential(c.username, c.password);
    Message message(V1_4);
    message.header.authentication.emplace().credentials.push_back(
        {CredentialType::UsernameAndPassword,
         {Tag::CredentialValue, Type::Structure, value.view().subspan(item_header_size)}});
    message.add(query_all());
    const Reply reply = lab.send(message);
    CHECK(reply.succeeded() == c.good);
    if (!c.good) check_refused_whole(reply, AuthenticationNotSuccessful);
    CHECK(open.send(message).succeeded());
  }
  check_refused_whole(lab.ask(query_all(), V1_4), AuthenticationNotSuccessful);
}

TEST_CASE("batches: ids are echoed, and an error stops them or not") {
  for (const Version version : every_version)
    for (const bool goes_on : {false, true}) {
      CAPTURE(version);
      CAPTURE(goes_on);
      Lab lab;
      Message message(version);
      if (goes_on) message.header.batch_error_continuation_option = BatchErrorContinuationOption::Continue;
      message.add(query_all(), "one")
          .add(ActivateRequest{Identifier("none")}, "two")
          .add(query_all(), "three");
      const Reply reply = lab.send(message);
      REQUIRE(reply.message.items.size() == (goes_on ? 3 : 2));
      CHECK(reply.succeeded(0));
      CHECK_FALSE(reply.succeeded(1));
      const Text ids[] = {"one", "two", "three"};
      for (std::size_t i = 0; i < reply.message.items.size(); ++i)
        CHECK(text_of(reply.item(i).unique_batch_item_id.value_or(Bytes())) == ids[i]);
      if (goes_on) CHECK(reply.succeeded(2));
    }
}

TEST_CASE("the ID Placeholder carries a new key through its batch") {
  for (const Version version : every_version) {
    CAPTURE(version);
    Lab lab;
    CreateRequest create;
    create.attributes = aes(256, "batched");
    const auto batch = [&](std::optional<bool> ordered) {
      Message message(version);
      message.header.batch_order_option = ordered;
      message.add(create, "1").add(ActivateRequest{}, "2").add(GetRequest{}, "3");
      return lab.send(message);
    };
    const Reply reply = batch(true);
    REQUIRE(reply.message.items.size() == 3);
    const std::string id(reply.payload<CreateResponse>(version, 0).unique_identifier);
    CHECK(reply.payload<ActivateResponse>(version, 1).unique_identifier == id);
    CHECK(reply.payload<GetResponse>(version, 2).unique_identifier == id);
    CHECK(lab.state(id, version) == State::Active);

    Message locate(version);
    locate.header.batch_order_option = true;
    LocateRequest by_name;
    by_name.attributes.add(Tag::Name, Name{"batched"});
    locate.add(by_name, "1").add(GetAttributeListRequest{}, "2");
    CHECK(lab.send(locate).payload<GetAttributeListResponse>(version, 1).unique_identifier == id);

    create.attributes = aes();
    CHECK(batch(false).reason(1) == InvalidField);
    CHECK(batch({}).succeeded(1) == (version >= V2_0));
    CHECK(lab.ask(ActivateRequest{}, version).reason() == by_version(version, InvalidField, ObjectNotFound));
    // Now several objects match: no later item may act on any of them.
    Message many(version);
    many.header.batch_order_option = true;
    many.add(LocateRequest{}, "1").add(DestroyRequest{}, "2");
    CHECK(lab.send(many).reason(1) == by_version(version, ItemNotFound, ObjectNotFound));
  }
}

TEST_CASE("from 2.0 an identifier can be an enumeration or a number") {
  for (const Version version : {V2_0, V2_1}) {
    CAPTURE(version);
    Lab lab;
    const std::string before = lab.create(version, aes(256, "before"));
    const auto state_of = [&](Identifier which) {
      Message message(version);
      LocateRequest locate;
      locate.attributes.add(Tag::Name, Name{"before"});
      CreateRequest create;
      create.attributes = aes();
      message.add(locate, "1").add(create, "2").add(GetAttributeListRequest{which}, "3");
      const Reply reply = lab.send(message);
      const auto created = std::string(reply.payload<CreateResponse>(version, 1).unique_identifier);
      if (!reply.succeeded(2)) return spec_name(*reply.reason(2));
      const auto id = reply.payload<GetAttributeListResponse>(version, 2).unique_identifier;
      return std::string(id == before ? "located" : id == created ? "created" : "neither");
    };
    CHECK(state_of(UniqueIdentifier::IDPlaceholder) == "created");
    CHECK(state_of(UniqueIdentifier::Create) == "created");
    CHECK(state_of(UniqueIdentifier::Locate) == "located");
    CHECK(state_of(UniqueIdentifier::Register) == "Object Not Found");
    CHECK(state_of(UniqueIdentifier::Certify) == "Object Not Found");
    CHECK(state_of(0) == "located");
    CHECK(state_of(1) == "created");
    CHECK(state_of(-1) == "created");
    CHECK(state_of(-2) == "located");
    CHECK(state_of(2) == "Object Not Found");
    CHECK(state_of(-3) == "Object Not Found");
  }
}

TEST_CASE("an answer that is too large is not given, and nothing is changed for it") {
  for (const Version version : {V1_0, V1_4, V2_1}) {
    CAPTURE(version);
    Lab lab;
    const std::string id = lab.create(version, aes());
    Message get(version);
    get.header.maximum_response_size = 200;
    const Reply reply = lab.send(get.add(GetRequest{.unique_identifier = Identifier(id)}));
    CHECK(reply.reason() == ResponseTooLarge);
    CHECK(reply.item().operation == Operation::Get);

    Message create(version);
    create.header.maximum_response_size = 200;
    CreateRequest request;
    request.attributes = aes();
    CHECK(lab.send(create.add(request)).reason() == ResponseTooLarge);
    CHECK(lab.answer(LocateRequest{}, version).unique_identifiers.size() == 1);

    Message roomy(version);
    roomy.header.maximum_response_size = 1000;
    const Reply fits = lab.send(roomy.add(GetRequest{.unique_identifier = Identifier(id)}));
    CHECK(fits.succeeded());
    CHECK(fits.bytes.size() <= 1000);
  }
}

TEST_CASE("Ephemeral and unknown operations are refused item by item") {
  Lab lab;
  Message ephemeral(V2_1);
  ephemeral.add(query_all());
  ephemeral.last().ephemeral = true;
  CHECK(lab.send(ephemeral).reason() == FeatureNotSupported);
  for (const Operation operation :
       {Operation::ReKeyKeyPair, Operation::Certify, static_cast<Operation>(0x80000001)}) {
    Message message(V1_4);
    message.add(query_all());
    message.last().operation = operation;
    const Reply reply = lab.send(message);
    CHECK(reply.reason() == OperationNotSupported);
    CHECK(reply.item().operation == operation);
  }
}

TEST_CASE("the observer hears of every item, and of refused messages") {
  std::vector<std::string> heard;
  EngineSettings settings;
  settings.observer = [&](const Event& event) {
    heard.push_back(fmt::format("{} {} {} {}", event.client, name(event.version),
                                event.operation ? name(*event.operation) : "-",
                                event.reason ? name(*event.reason) : "done"));
  };
  Lab lab(std::move(settings));
  lab.ask(query_all(), V1_4);
  lab.ask(ActivateRequest{Identifier("none")}, V1_0);
  lab.engine().handle({}, "stranger");
  CHECK(heard == std::vector<std::string>{"test 1.4 Query done", "test 1.0 Activate ItemNotFound",
                                          "stranger 1.0 - InvalidMessage"});
}

}  // namespace keyway::kmip::server::test
