#include <doctest/doctest.h>

#include <kmip/model/discover_versions.h>
#include <kmip/wire/negotiation.h>
#include <tests/kmip/wire/response.h>

using namespace keyway;
using namespace keyway::kmip;
using namespace keyway::kmip::test;

namespace {

using enum Version;

OwnedBytes offering(std::vector<ProtocolNumber> numbers, Version header = V1_4) {
  DiscoverVersionsResponse answer;
  for (const ProtocolNumber& number : numbers) answer.protocol_versions.emplace_back(number);
  return response({success(Operation::DiscoverVersions, payload_of(answer))}, header);
}

OwnedBytes refusing(ResultReason reason, Version header = V1_4) {
  return response({refusal(std::nullopt, reason, "no")}, header);
}

Version settled(const OwnedBytes& answer) {
  Negotiation negotiation(std::nullopt);
  const auto read = negotiation.read_answer(answer, {});
  if (!read) FAIL(read.error().what);
  REQUIRE(negotiation.done());
  return negotiation.version();
}

}  // namespace

TEST_CASE("a pinned version asks nothing") {
  for (const Version version : {V1_0, V1_2, V2_1}) {
    const Negotiation negotiation(version);
    CHECK(negotiation.done());
    CHECK(negotiation.version() == version);
  }
}

TEST_CASE("the question offers every version, newest first, under a header of 1.4") {
  const Negotiation negotiation(std::nullopt);
  CHECK_FALSE(negotiation.done());
  CHECK(negotiation.asking_at() == V1_4);
  const Login login{.username = "me", .password = Secret(Text("pw"))};
  for (const Login* sent : {static_cast<const Login*>(nullptr), &login}) {
    SecretBuffer out;
    REQUIRE(negotiation.write_question(out, sent));
    const Settings strict{V1_4, Mode::strict, {}};
    const auto message = decode_message<RequestMessage>(out.view(), Tag::RequestMessage, strict);
    REQUIRE(message);
    CHECK(message->header.protocol_version.number() == ProtocolNumber{1, 4});
    CHECK(message->header.authentication.has_value() == (sent != nullptr));
    REQUIRE(message->items.size() == 1);
    CHECK(message->items[0].operation == Operation::DiscoverVersions);
    const auto asked = decode_item<DiscoverVersionsRequest>(message->items[0].payload, strict);
    REQUIRE(asked);
    std::vector<ProtocolNumber> numbers;
    for (const ProtocolVersion& one : asked->protocol_versions) numbers.push_back(one.number());
    CHECK(numbers == std::vector<ProtocolNumber>{{2, 1}, {2, 0}, {1, 4}, {1, 3}, {1, 2}, {1, 1}, {1, 0}});
  }
}

TEST_CASE("the newest version both sides speak is taken, whatever the order of the list") {
  struct Case {
    std::vector<ProtocolNumber> offered;
    Version taken;
  };
  const Case cases[] = {
      {{{2, 1}, {2, 0}, {1, 4}, {1, 3}, {1, 2}, {1, 1}, {1, 0}}, V2_1},
      {{{1, 0}, {1, 1}, {1, 2}, {1, 3}, {1, 4}, {2, 0}}, V2_0},
      {{{1, 2}}, V1_2},
      {{{1, 0}}, V1_0},
      {{{9, 9}, {3, 0}, {1, 3}, {0, 7}, {1, 1}, {-1, 4}}, V1_3},
      {{{1, 4}, {1, 4}, {1, 4}}, V1_4},
  };
  for (const Case& one : cases) {
    CAPTURE(one.offered.size());
    CHECK(settled(offering(one.offered)) == one.taken);
  }
}

TEST_CASE("a server that names no version speaks that of the header") {
  CHECK(settled(offering({})) == V1_4);
  // Success without a payload says the same.
  Item bare;
  bare.operation = Operation::DiscoverVersions;
  CHECK(settled(response({bare})) == V1_4);
}

TEST_CASE("a server without Discover Versions speaks the header it answers with") {
  struct Case {
    Version answered;
    Version taken;
  };
  for (const Case& one : {Case{V1_0, V1_0}, Case{V1_2, V1_2}, Case{V1_4, V1_4}, Case{V2_1, V1_4}}) {
    CAPTURE(one.answered);
    CHECK(settled(refusing(ResultReason::OperationNotSupported, one.answered)) == one.taken);
  }
}

TEST_CASE("only unknown versions are the end") {
  Negotiation negotiation(std::nullopt);
  const auto read = negotiation.read_answer(offering({{3, 0}, {9, 1}}), {});
  REQUIRE_FALSE(read);
  CHECK(read.error().kind == ErrorKind::unsupported);
  CHECK(read.error().what == "the server speaks none of KMIP 1.0 to 2.1");
  CHECK_FALSE(negotiation.done());
}

TEST_CASE("refused headers are stepped through, down to 1.0") {
  for (const ResultReason reason :
       {ResultReason::InvalidMessage, ResultReason::UnsupportedProtocolVersion,
        ResultReason::FeatureNotSupported, ResultReason::InvalidField, ResultReason::GeneralFailure}) {
    CAPTURE(name(reason));
    Negotiation negotiation(std::nullopt);
    std::vector<Version> tried;
    while (!negotiation.done()) {
      REQUIRE(tried.size() < 10);
      tried.push_back(negotiation.asking_at());
      SecretBuffer out;
      REQUIRE(negotiation.write_question(out, nullptr));
      const auto message = decode_message<RequestMessage>(out.view(), Tag::RequestMessage,
                                                          {negotiation.asking_at(), Mode::strict, {}});
      REQUIRE(message);
      CHECK(message->header.protocol_version.number() == number_of(negotiation.asking_at()));
      REQUIRE(negotiation.read_answer(refusing(reason, V1_0), {}));
    }
    CHECK(tried == std::vector{V1_4, V1_3, V1_2, V1_1, V2_1, V2_0});
    CHECK(negotiation.version() == V1_0);
  }
}

TEST_CASE("a server that knows 1.1 only is found by stepping down") {
  Negotiation negotiation(std::nullopt);
  for (int i = 0; i < 3; ++i) REQUIRE(negotiation.read_answer(refusing(ResultReason::InvalidMessage), {}));
  CHECK(negotiation.asking_at() == V1_1);
  REQUIRE(negotiation.read_answer(offering({{1, 1}, {1, 0}}, V1_1), {}));
  CHECK(negotiation.version() == V1_1);
}

TEST_CASE("a server that refuses the client is not asked in another version") {
  for (const ResultReason reason :
       {ResultReason::AuthenticationNotSuccessful, ResultReason::PermissionDenied}) {
    Negotiation negotiation(std::nullopt);
    const auto read = negotiation.read_answer(refusing(reason), {});
    REQUIRE_FALSE(read);
    CHECK(read.error().kind == ErrorKind::refused);
    CHECK(contains(read.error().what, "Discover Versions: the server answered Operation Failed"));
    CHECK(contains(read.error().what, spec_name(reason)));
    CHECK_FALSE(read.error().advice.empty());
    CHECK(negotiation.asking_at() == V1_4);
    CHECK_FALSE(negotiation.done());
  }
}

TEST_CASE("a damaged answer is an error at every cut") {
  const OwnedBytes answer = offering({{1, 4}, {1, 2}});
  for (std::size_t n = 0; n < answer.size(); ++n) {
    Negotiation negotiation(std::nullopt);
    const auto read = negotiation.read_answer(Bytes(answer).first(n), {});
    REQUIRE_FALSE(read);
    CHECK(read.error().kind == ErrorKind::corrupt);
  }
}
